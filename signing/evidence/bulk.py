"""Writing many events at once, in the fastest way each database has. No rules here: `log` and `checkpoints` have them."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.db import connection, connections
from django.db.models import Field

from signing.evidence.models import Event

COLUMNS = ("id", "version", "kind", "subject", "actor", "at", "facts", "salt", "agency", "mailbox", "letter")

_TABLE = Event._meta.db_table


def insert_events(rows: Iterable[Sequence[Any]]) -> None:
    """Insert pending events, each row in the order of COLUMNS, by COPY where the database has it."""
    fields = [cast("Field[Any, Any]", Event._meta.get_field(name)) for name in COLUMNS]
    columns = ", ".join(connection.ops.quote_name(cast(str, field.column)) for field in fields)
    # Not through the proxy, which looks up the thread's connection at each of its attributes.
    target = connections[connection.alias]
    adapt = [field.get_db_prep_value for field in fields]
    values = [[form(value, target) for form, value in zip(adapt, row, strict=True)] for row in rows]
    with target.cursor() as cursor:
        if target.vendor == "postgresql":
            with cursor.copy(f"COPY {_TABLE} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {_TABLE} ({columns}) VALUES ({marks})", values)  # noqa: S608 - own names


def place_events(places: Sequence[tuple[int, int]]) -> int:
    """Set the tree position of events, given as (position, serial); returns how many were pending and are placed now."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "UPDATE evidence_event SET tree_index = place.position "
                "FROM unnest(%s::bigint[], %s::bigint[]) AS place (position, serial) "
                "WHERE evidence_event.serial = place.serial AND tree_index IS NULL",
                [[position for position, _ in places], [serial for _, serial in places]],
            )
        else:
            cursor.executemany(
                "UPDATE evidence_event SET tree_index = %s WHERE serial = %s AND tree_index IS NULL", places
            )
        return int(cursor.rowcount)
