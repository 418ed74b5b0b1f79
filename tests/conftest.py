"""What every test gets: a data folder of its own run, never the developer's `var/`."""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, connections
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.catalogs import compile_catalogs

# pytest-django reads the settings before it reads this file, so what they derived from DATA_DIR is moved afterwards;
# nothing has used it by now. Each process of xdist makes its own folder.
DATA = Path(tempfile.mkdtemp(prefix="karpusheh-tests-"))
GUARDS = (
    "signing.evidence.migrations.0002_append_only",
    "correspondence.migrations.0003_guards",
    "correspondence.migrations.0004_manifest",
    "inbox.migrations.0003_guards",
)
BROWSER = "tests/browser/"
atexit.register(shutil.rmtree, DATA, ignore_errors=True)

# A machine that is busy with other tests makes inputs slowly; that says nothing about the code under test.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")


def _moved(value: Any, old: Path) -> Any:
    if isinstance(value, Path) and value.is_relative_to(old):
        return DATA / value.relative_to(old)
    if isinstance(value, dict):
        return {key: _moved(item, old) for key, item in value.items()}
    return value


def _move_data_folder() -> None:
    old = settings.DATA_DIR
    for name in ("DATA_DIR", "STATIC_ROOT", "STORAGES", "SIGNING"):
        setattr(settings, name, _moved(getattr(settings, name), old))


_move_data_folder()
compile_catalogs(settings.BASE_DIR)


class BrowserTogether(LoadScopeScheduling):
    """Each test to whoever is free, but those with a browser all to one worker: they share a server and a Chromium.

    The mark `xdist_group` would say the same, but has no effect with this pytest (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BrowserTogether:
    """A hook of pytest-xdist, called where tests run in several processes."""
    return BrowserTogether(config, log)


@pytest.fixture
def data_dir() -> Path:
    """The data folder of this run of the tests, shared by the tests of one process."""
    return DATA


@pytest.fixture
def disk_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that many threads can use at once, each with its own connection, as the server does.

    SQLite in memory knows no waiting between connections, so this is a copy of it in a file.
    """
    if connection.vendor != "sqlite":
        yield
        return
    memory, options = connections["default"], connections.settings["default"]
    memory.ensure_connection()
    with closing(sqlite3.connect(tmp_path / "test.sqlite3")) as target:
        memory.connection.backup(target)
    name, options["NAME"] = options["NAME"], str(tmp_path / "test.sqlite3")
    connections["default"] = connections.create_connection("default")
    yield
    connections["default"].close()
    # By hand and here: the one in memory is lost if anything closes it while it bears another name.
    connections["default"], options["NAME"] = memory, name


@pytest.fixture(autouse=True)
def _facts_may_be_flushed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Transactional tests empty the tables afterwards, which the guards of facts refuse: they are off then."""
    marker = request.node.get_closest_marker("django_db")
    wanted = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not wanted and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    guards = [import_module(name) for name in GUARDS]
    for guard in guards:
        guard.install(connection)
    yield
    for guard in guards:
        guard.remove(connection)
