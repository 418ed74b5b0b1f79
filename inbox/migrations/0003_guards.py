"""Deliveries and receipts are facts: the database refuses to change them (see signing.evidence.guards)."""

from django.db import migrations

from signing.evidence import guards
from signing.evidence.guards import fixed, kept, set_once, unchanged

GUARDS = (
    unchanged(
        "inbox_notice",
        (
            "letter_id", "mailbox_id", "row", "role", "purpose", "number", "verification_code", "content", "signature",
            "dispatch_json", "deposited_at",
        ),  # fmt: skip
    ),
    set_once("inbox_notice", ("announced_at", "first_viewed_at", "viewed_by_id")),
    kept("inbox_notice"),
    unchanged("inbox_mailbox", ("kind", "party_id")),
    kept("inbox_mailbox"),
    *fixed("inbox_undelivered"),
    *fixed("inbox_incomingregistration"),
)


def install(connection):
    guards.install(connection, GUARDS)


def remove(connection):
    guards.remove(connection, GUARDS)


class Migration(migrations.Migration):
    dependencies = [("inbox", "0002_constraints")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: install(schema_editor.connection),
            lambda apps, schema_editor: remove(schema_editor.connection),
        )
    ]
