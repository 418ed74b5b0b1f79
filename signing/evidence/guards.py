"""Triggers by which the database itself refuses to change a fact. A defence against accidents; proof is the signed tree.

A migration installs the guards of its app's tables and a test proves that they are there. Two things to know: SQLite
drops a table's guards when a later migration rebuilds the table, which then must install them anew; and PostgreSQL does
not ask them about TRUNCATE, so the role of the application must not own the tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db.backends.base.base import BaseDatabaseWrapper

MESSAGE = "facts are written once and never changed"


@dataclass(frozen=True)
class Guard:
    """Refuses to `event` rows of `table` for which `condition` holds (SQL over OLD and NEW; empty: always).

    `columns` narrow an UPDATE to statements that name one of them. Refusals are IntegrityError.
    """

    table: str
    rule: str
    event: Literal["INSERT", "UPDATE", "DELETE"]
    condition: str = ""
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the database."""
        return f"{self.table}_{self.rule}"


def fixed(table: str) -> tuple[Guard, Guard]:
    """Rows are written once: no update, no deletion."""
    return Guard(table, "unchanged", "UPDATE"), kept(table)


def kept(table: str, condition: str = "") -> Guard:
    """Rows are never deleted, or not while `condition` holds."""
    return Guard(table, "kept", "DELETE", condition)


def unchanged(table: str, columns: tuple[str, ...], condition: str = "") -> Guard:
    """These columns keep their first values, or do while `condition` holds."""
    changed = " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in columns)
    return Guard(table, "unchanged", "UPDATE", f"({changed}) AND ({condition})" if condition else changed, columns)


def set_once(table: str, columns: tuple[str, ...]) -> Guard:
    """These columns are empty (NULL) until they get the value that they keep."""
    changed = (f'OLD."{name}" IS NOT NULL AND OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in columns)
    return Guard(table, "set_once", "UPDATE", " OR ".join(f"({one})" for one in changed), columns)


def install(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Create the triggers (anew, if they exist)."""
    guards = tuple(guards)
    remove(connection, guards)
    write = _sqlite if connection.vendor == "sqlite" else _postgresql
    with connection.cursor() as cursor:
        for guard in guards:
            for statement in write(guard):
                cursor.execute(statement)


def remove(connection: BaseDatabaseWrapper, guards: Iterable[Guard]) -> None:
    """Drop the triggers: before a migration that must change facts, for a restore, or for tests."""
    with connection.cursor() as cursor:
        for guard in guards:
            if connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
            else:
                # The trigger goes with its function.
                cursor.execute(f"DROP FUNCTION IF EXISTS {guard.name}() CASCADE")


def _sqlite(guard: Guard) -> list[str]:
    # Older libraries have only their own word for it.
    condition = guard.condition.replace("IS DISTINCT FROM", "IS NOT")
    when = f" WHEN {condition}" if condition else ""
    return [f"CREATE TRIGGER {guard.name} {_head(guard)}{when} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"]


def _postgresql(guard: Guard) -> list[str]:
    # In the body of a function, because the WHEN of a trigger takes no subqueries.
    refuse = f"RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'restrict_violation'"
    row = "OLD" if guard.event == "DELETE" else "NEW"
    return [
        f"CREATE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {guard.condition or 'TRUE'} THEN {refuse}; END IF; RETURN {row}; END $$",
        f"CREATE TRIGGER {guard.name} {_head(guard)} FOR EACH ROW EXECUTE FUNCTION {guard.name}()",
    ]


def _head(guard: Guard) -> str:
    columns = ", ".join(f'"{name}"' for name in guard.columns)
    return f"BEFORE {guard.event}{f' OF {columns}' if columns else ''} ON {guard.table}"
