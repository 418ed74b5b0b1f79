"""A salt for the hash of a recipients' list, and a list that stays as it was once its letter is sent."""

from django.db import migrations, models

from signing.evidence import guards
from signing.evidence.guards import Guard

_SENT = (
    "(SELECT letter.state FROM correspondence_letter AS letter WHERE letter.id = {row}.letter_id) "
    "IN ('dispatched', 'sealed')"
)
GUARDS = (
    Guard("correspondence_recipient", "unchanged", "UPDATE", _SENT.format(row="OLD")),
    Guard("correspondence_recipient", "kept", "DELETE", _SENT.format(row="OLD")),
    Guard("correspondence_recipient", "complete", "INSERT", _SENT.format(row="NEW")),
)


def install(connection):
    guards.install(connection, GUARDS)


def remove(connection):
    guards.remove(connection, GUARDS)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0003_guards")]

    operations = [
        migrations.AddField("letter", "manifest_salt", models.BinaryField(editable=False, null=True)),
        migrations.RunPython(
            lambda apps, schema_editor: install(schema_editor.connection),
            lambda apps, schema_editor: remove(schema_editor.connection),
        ),
    ]
