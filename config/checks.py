"""System checks: a production deployment that would run on an embedded backend, and a database without full text.

`manage.py check --deploy` runs those for production, with the environment of the deployment.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

# Port → what must not serve it in production, the variable that names another, the check's number, and why.
EMBEDDED_PORTS = {
    "SIGNING": (
        "signing.backends.local.",
        "SIGNING_{alias}_BACKEND",
        "E003",
        "keys in files sign nothing of legal effect",
    ),
    "SMS": (
        "correspondence.directory.sms.ConsoleSms",
        "SMS_BACKEND",
        "E006",
        "codes would reach nobody but the console",
    ),
    "PERSON_REGISTER": (
        "correspondence.directory.registers.LocalRegister",
        "PERSON_REGISTER_BACKEND",
        "E007",
        "mobiles would come from a table that nobody keeps",
    ),
    "SEARCH": ("search.backends.database.", "SEARCH_BACKEND", "E008", "it is bound to SQLite"),
}


def check_sqlite(**_: Any) -> list[CheckMessage]:
    """The embedded search needs SQLite's FTS5."""
    if settings.DATABASES["default"]["ENGINE"] != "config.sqlite":
        return []
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE probe USING fts5(text)")
    except sqlite3.OperationalError:
        problem = f"SQLite {sqlite3.sqlite_version} of this Python lacks FTS5 (full-text search)"
        return [Error(problem, hint="Use the Python of your system or of python.org.", id="karpusheh.E010")]
    finally:
        connection.close()
    return []


def check_production(**_: Any) -> list[CheckMessage]:
    """Errors for each embedded backend and each development value under ENVIRONMENT=production."""
    if not settings.PRODUCTION:
        return []
    return [*_embedded_services(), *_embedded_ports(), *_development_values()]


def _embedded_services() -> Iterator[CheckMessage]:
    if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
        yield _refuse("the database is SQLite", "DATABASE_HOST", "E001")
    if "InMemory" in settings.CHANNEL_LAYERS["default"]["BACKEND"]:
        yield _refuse("the channel layer lives in one process", "REDIS_URL", "E002")
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        yield _refuse("the cache lives in one process", "REDIS_URL", "E005")
    if settings.STORAGES["documents"]["BACKEND"] == "correspondence.blobs.FolderBlobs":
        yield _refuse("documents lie in a folder of one machine", "DOCUMENTS_BACKEND", "E009")


def _embedded_ports() -> Iterator[CheckMessage]:
    for port, (embedded, variable, number, why) in EMBEDDED_PORTS.items():
        for alias, entry in getattr(settings, port).items():
            if entry["BACKEND"].startswith(embedded):
                backend = entry["BACKEND"].rpartition(".")[2]
                name = variable.format(alias=alias.upper())
                yield _refuse(f"{port}[{alias!r}] is the embedded {backend}: {why}", name, number)


def _development_values() -> Iterator[CheckMessage]:
    if settings.SECRET_KEY == settings.DEVELOPMENT_SECRET_KEY:
        yield _refuse("SECRET_KEY is the published one of development", "SECRET_KEY", "E004")
    if not settings.PUBLIC_URL.startswith("https://"):
        yield _refuse("addresses printed on letters would not be https", "PUBLIC_URL", "E011")
    if set(settings.ALLOWED_HOSTS) & {"*", "127.0.0.1", "localhost"}:
        yield _refuse("requests for any or for local names would be answered", "ALLOWED_HOSTS", "E012")
    if settings.EVIDENCE_LOG_ORIGIN.startswith("karpusheh.example/"):
        yield _refuse(
            "the log has the name of an example, which is signed into every receipt", "EVIDENCE_LOG_ORIGIN", "E013"
        )


def _refuse(problem: str, variable: str, number: str) -> CheckMessage:
    return Error(f"ENVIRONMENT=production, but {problem}", hint=f"Set {variable}.", id=f"karpusheh.{number}")


def install() -> None:
    """Called when the app is ready."""
    register(check_sqlite, Tags.compatibility)
    register(check_production, Tags.security, deploy=True)
