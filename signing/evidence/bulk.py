"""Writing many rows at once, in the fastest way each database has. No rules here: the callers have them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from django.db import connection, connections
from django.db.models import Field, Model

_NOTHING: Mapping[str, Any] = {}


def insert_rows(
    model: type[Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    common: Mapping[str, Any] = _NOTHING,
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Insert rows of the fields `names`, in that order, by COPY where the database has it.

    `common` holds fields with one value for all rows. Foreign keys are given as ids. Fields that are not named become
    NULL: no default of the model is filled in, and nothing is checked but by the database. Rows whose unique fields are
    taken raise IntegrityError, or are left out.
    """
    # Not through the proxy, which looks up the thread's connection at each of its attributes.
    target = connections[connection.alias]
    fields = [cast("Field[Any, Any]", model._meta.get_field(name)) for name in (*names, *common)]
    columns = ", ".join(target.ops.quote_name(cast(str, field.column)) for field in fields)
    adapt = [field.get_db_prep_value for field in fields]
    shared = [form(value, target) for form, value in zip(adapt[len(names) :], common.values(), strict=True)]
    own = adapt[: len(names)]
    values = [[form(value, target) for form, value in zip(own, row, strict=True)] + shared for row in rows]
    with target.cursor() as cursor:
        if target.vendor == "postgresql" and not ignore_conflicts:
            with cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            otherwise = "ON CONFLICT DO NOTHING" if ignore_conflicts else ""
            statement = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks}) {otherwise}"  # noqa: S608 - own names
            cursor.executemany(statement, values)


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
