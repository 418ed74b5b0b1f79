"""The database keeps to the rules of the register and of signed content by itself (see signing.evidence.guards)."""

from django.db import migrations

from signing.evidence import guards
from signing.evidence.guards import Guard, fixed, kept, set_once, unchanged

_CONTENT = (
    "agency_id", "author_id", "subject", "salutation", "body", "classification", "priority", "reply_due", "notice_kind",
)  # fmt: skip
_STEPS = (
    ("draft", "submitted"), ("submitted", "draft"), ("submitted", "approved"), ("approved", "dispatched"),
    ("dispatched", "sealed"),
)  # fmt: skip
_LAST = (
    "SELECT before.last FROM correspondence_registerentry AS before WHERE before.agency_id = NEW.agency_id "
    "AND before.register = NEW.register AND before.year = NEW.year ORDER BY before.first DESC LIMIT 1"
)

GUARDS = (
    unchanged("correspondence_letter", _CONTENT, "OLD.state <> 'draft'"),
    set_once("correspondence_letter", ("approved_at", "dispatched_at", "sealed_at", "dispatch_json", "verification_code")),
    Guard(
        "correspondence_letter",
        "number_unchanged",
        "UPDATE",
        "OLD.\"number\" <> '' AND OLD.\"number\" <> NEW.\"number\"",
        ("number",),
    ),
    Guard(
        "correspondence_letter",
        "way",
        "UPDATE",
        "OLD.state <> NEW.state AND NOT ("
        + " OR ".join(f"(OLD.state = '{before}' AND NEW.state = '{after}')" for before, after in _STEPS)
        + ")",
        ("state",),
    ),
    kept("correspondence_letter", "OLD.state <> 'draft'"),
    *fixed("correspondence_revision"),
    *fixed("correspondence_approval"),
    *fixed("correspondence_sealeddocument"),
    *fixed("correspondence_registerentry"),
    # No gap and no overlap, whatever a counter says.
    Guard("correspondence_registerentry", "next", "INSERT", f'NEW."first" <> 1 + COALESCE(({_LAST}), 0)'),
    Guard("correspondence_registercounter", "rises", "UPDATE", 'NEW."last" < OLD."last"'),
    kept("correspondence_registercounter"),
)


def install(connection):
    guards.install(connection, GUARDS)


def remove(connection):
    guards.remove(connection, GUARDS)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0002_constraints")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: install(schema_editor.connection),
            lambda apps, schema_editor: remove(schema_editor.connection),
        )
    ]
