"""Forbid changes of facts in the database itself. A defence against accidents; proof is the signed tree.

TRUNCATE is not caught on PostgreSQL: the role of the application must not own the tables.
"""

from django.db import migrations

COLUMNS = ("serial", "id", "version", "kind", "subject", "actor", "at", "facts", "salt", "agency", "mailbox", "letter")
MESSAGE = "the evidence log is append-only"


def sqlite_statements():
    changed = " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in COLUMNS)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    return {
        "evidence_event_unplaced": "CREATE TRIGGER {name} BEFORE INSERT ON evidence_event "
        f"WHEN NEW.tree_index IS NOT NULL {refuse}",
        "evidence_event_unchanged": "CREATE TRIGGER {name} BEFORE UPDATE ON evidence_event "
        f"WHEN {changed} OR OLD.tree_index IS NOT NULL OR NEW.tree_index IS NULL {refuse}",
        "evidence_event_kept": f"CREATE TRIGGER {{name}} BEFORE DELETE ON evidence_event {refuse}",
        "evidence_checkpoint_unchanged": f"CREATE TRIGGER {{name}} BEFORE UPDATE ON evidence_checkpoint {refuse}",
        "evidence_checkpoint_kept": f"CREATE TRIGGER {{name}} BEFORE DELETE ON evidence_checkpoint {refuse}",
    }


def postgresql_statements():
    old, new = (", ".join(f'{row}."{name}"' for name in COLUMNS) for row in ("OLD", "NEW"))
    refuse = "FOR EACH ROW {when} EXECUTE FUNCTION evidence_refuse()"
    always, table = refuse.format(when=""), "ON evidence_event"
    changed = f"(({old}) IS DISTINCT FROM ({new}) OR OLD.tree_index IS NOT NULL OR NEW.tree_index IS NULL)"
    return {
        "evidence_event_unplaced": f"CREATE TRIGGER {{name}} BEFORE INSERT {table} "
        + refuse.format(when="WHEN (NEW.tree_index IS NOT NULL)"),
        "evidence_event_unchanged": f"CREATE TRIGGER {{name}} BEFORE UPDATE {table} "
        + refuse.format(when=f"WHEN {changed}"),
        "evidence_event_kept": f"CREATE TRIGGER {{name}} BEFORE DELETE {table} {always}",
        "evidence_checkpoint_unchanged": f"CREATE TRIGGER {{name}} BEFORE UPDATE ON evidence_checkpoint {always}",
        "evidence_checkpoint_kept": f"CREATE TRIGGER {{name}} BEFORE DELETE ON evidence_checkpoint {always}",
    }


def install(connection):
    """Create the triggers (anew, if they exist)."""
    remove(connection)
    statements = sqlite_statements() if connection.vendor == "sqlite" else postgresql_statements()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION evidence_refuse() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'; END $$"
            )
        for name, statement in statements.items():
            cursor.execute(statement.format(name=name))


def remove(connection):
    """Drop the triggers, for a restore or for tests."""
    with connection.cursor() as cursor:
        for name in sqlite_statements():
            table = "evidence_event" if name.startswith("evidence_event") else "evidence_checkpoint"
            of_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{of_table}")


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [
        migrations.RunPython(
            lambda apps, schema_editor: install(schema_editor.connection),
            lambda apps, schema_editor: remove(schema_editor.connection),
        )
    ]
