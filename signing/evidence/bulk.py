"""Writing many rows at once, in the fastest way each database has. No rules here: the callers have them."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar, cast

from django.db import connection, connections
from django.db.models import Field, Model

T = TypeVar("T")
# What the protocol of PostgreSQL and newer versions of SQLite take, and no more than what is parsed in milliseconds.
MANY = 30_000
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
            return
        marks = f"({', '.join(['%s'] * len(fields))})"
        otherwise = "ON CONFLICT DO NOTHING" if ignore_conflicts else ""
        # Many rows in a statement, since SQLite's driver lets other threads go first at each statement: in a busy
        # process a row by itself waits as long as hundreds together.
        for batch in in_batches(values, values_in_statement() // len(fields)):
            places = ", ".join([marks] * len(batch))
            statement = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {places} {otherwise}"  # noqa: S608 - own names
            cursor.execute(statement, [value for row in batch for value in row])


def values_in_statement() -> int:
    """How many values one statement may carry."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        limit: int = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        return min(MANY, limit)
    return MANY


def in_batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The values in pieces of `size`, the last one shorter."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def place_events(places: Sequence[tuple[int, int]]) -> int:
    """Set the tree position of events, given as (position, serial) in order; returns how many were pending and are
    placed now."""
    placed = 0
    with connection.cursor() as cursor:
        # Positions have no gaps and serials hardly any, so most often this is one statement.
        for offset, run in groupby(places, lambda place: place[0] - place[1]):
            serials = [serial for _, serial in run]
            cursor.execute(
                "UPDATE evidence_event SET tree_index = serial + %s "
                "WHERE serial BETWEEN %s AND %s AND tree_index IS NULL",
                [offset, serials[0], serials[-1]],
            )
            placed += cursor.rowcount
    return placed
