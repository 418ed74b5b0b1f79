"""Guards: each of them stands in the database after all migrations, and says no in both ways of being asked."""

from collections.abc import Iterable
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from signing.evidence import guards
from signing.evidence.guards import Guard, kept, set_once, unchanged
from tests.conftest import GUARDS

pytestmark = pytest.mark.django_db


def _installed() -> set[str]:
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor != "sqlite":
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(names)
        return {name for (name,) in cursor.fetchall()}


def test_no_later_migration_has_dropped_a_guard() -> None:
    """SQLite forgets the triggers of a table that is rebuilt to alter it."""
    wanted = {guard.name for module in GUARDS for guard in getattr(import_module(module), "GUARDS", ())}
    assert len(wanted) > 20
    assert wanted <= _installed()


def test_no_two_guards_share_a_name_and_names_fit_every_database() -> None:
    all_of_them: list[Guard] = [guard for module in GUARDS[1:] for guard in import_module(module).GUARDS]
    names = [guard.name for guard in all_of_them]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 63


@pytest.fixture
def table() -> Iterable[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE guarded (id integer, word varchar(9), at integer, open integer)")
        cursor.execute("INSERT INTO guarded VALUES (1, 'a', NULL, 1), (2, 'b', NULL, 0)")
    guards.install(
        connection,
        (
            unchanged("guarded", ("word",), "OLD.open = 0"),
            set_once("guarded", ("at",)),
            kept("guarded", "OLD.open = 0"),
        ),
    )
    return "guarded"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE guarded SET word = 'c' WHERE id = 2",
        "UPDATE guarded SET word = NULL WHERE id = 2",
        "DELETE FROM guarded WHERE id = 2",
        "DELETE FROM guarded",
    ],
)
def test_a_guard_refuses_under_its_condition(table: str, statement: str) -> None:
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE guarded SET word = 'c' WHERE id = 1",
        "UPDATE guarded SET word = 'b' WHERE id = 2",
        "UPDATE guarded SET at = 7",
        "DELETE FROM guarded WHERE id = 1",
    ],
)
def test_a_guard_lets_pass_what_its_condition_does_not_name(table: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount in {1, 2}


def test_a_value_that_is_set_stays(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE guarded SET at = 7")
        cursor.execute("UPDATE guarded SET at = 7")
        for value in (8, None):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute("UPDATE guarded SET at = %s", [value])


def test_guards_can_be_taken_off_and_put_on_again(table: str) -> None:
    guard = kept(table, "OLD.open = 0")
    guards.remove(connection, [guard])
    assert guard.name not in _installed()
    guards.install(connection, [guard])
    guards.install(connection, [guard])
    assert guard.name in _installed()
