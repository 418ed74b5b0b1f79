"""`manage.py serve`: the whole system in one process on one data folder, for a look and for development.

It does what a first start needs (translations, secret, tables, demonstration data) and then serves. Production runs
the parts as processes of their own and never this command.
"""

import argparse
import os
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation.reloader import translation_file_changed

from config.asgi import application
from config.catalogs import compile_catalogs
from config.demo import sign_in_hints
from config.env import env_int, env_text
from config.server import folder
from config.server.process import EmbeddedServer, PortInUse, UnusableAddress, listen
from signing.evidence.worker import Worker


class Command(BaseCommand):
    """Prepares the data folder and serves it until Ctrl-C."""

    help = "Serve pages, sockets and background work in one process on the data folder (KARPUSHEH_DATA)."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """HOST and PORT of the environment are the defaults."""
        parser.add_argument("--host", default=env_text("HOST", "127.0.0.1"), help="IPv4 address or name")
        parser.add_argument("--port", type=int, default=env_int("PORT", 8000), help="0 takes a free port")
        parser.add_argument("--ready-file", type=Path, help="write the server's URL here once it answers")
        parser.add_argument("--no-demo", action="store_true", help="leave out the demonstration data")
        parser.add_argument("--reset", action="store_true", help="delete everything in the data folder first")
        parser.add_argument("--yes", action="store_true", help="do not ask before --reset")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError, one clear line, for whatever keeps the server from starting."""
        if settings.PRODUCTION:
            raise CommandError("serve is the embedded server and is not for ENVIRONMENT=production")
        for written in compile_catalogs(settings.BASE_DIR):
            # Catalogues were looked for when Django started; without this the whole first start would speak English.
            translation_file_changed(sender=None, file_path=written)
        listener = _listen(options["host"], options["port"])
        try:
            with folder.hold(settings.DATA_DIR):
                if options["reset"]:
                    self._reset(asked=options["yes"])
                self._prepare(demo=not options["no_demo"])
                url = _url(options["host"], listener.getsockname()[1])
                sys.exit(self._serve(listener, url, options["ready_file"]))
        except folder.FolderInUse as error:
            raise CommandError(
                f"another server already works on {error}; stop it, or choose another folder with KARPUSHEH_DATA"
            ) from error
        except folder.FolderUnusable as error:
            raise CommandError(
                f"the data folder cannot be used: {error}; choose another with KARPUSHEH_DATA"
            ) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped before the first page; the next start goes on from here.")
            sys.exit(130)

    def _reset(self, *, asked: bool) -> None:
        place = settings.DATA_DIR
        if not asked and not _agrees(f"Delete all letters, keys and accounts in {place}? Type yes: "):
            raise CommandError("nothing was deleted")
        try:
            folder.empty(place)
        except folder.NotOurFolder as error:
            raise CommandError(f"{place} does not look like a data folder of Karpusheh; nothing was deleted") from error
        self.stdout.write(f"Deleted everything in {place}.")

    def _prepare(self, *, demo: bool) -> None:
        settings.SECRET_KEY = env_text("SECRET_KEY") or folder.secret_key(settings.DATA_DIR)
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            self.stdout.write("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
        if demo and not folder.is_prepared(settings.DATA_DIR):
            self.stdout.write("Loading the demonstration data ...")
            call_command("demo")
        folder.mark_prepared(settings.DATA_DIR)
        connection.close()

    def _serve(self, listener: Any, url: str, ready_file: Path | None) -> int:
        settings.PUBLIC_URL = env_text("PUBLIC_URL") or url

        def announce() -> None:
            self._print_welcome(url)
            if ready_file:
                unfinished = ready_file.with_name(ready_file.name + ".new")
                unfinished.write_text(url + "\n", encoding="ascii")
                unfinished.replace(ready_file)

        exit_code = EmbeddedServer(application, listener, _work, announce).run()
        self.stdout.write("Stopped.")
        return exit_code

    def _print_welcome(self, url: str) -> None:
        lines = ["", f"  Karpusheh / کارپوشه   {url}/", ""]
        lines += [f"    {hint}" for hint in sign_in_hints()]
        lines += [
            "",
            f"  One-time codes: {url}/development/codes/ and in this window.",
            f"  Data: {settings.DATA_DIR}",
            "  Development only: keys and signatures made here have no legal effect. Ctrl-C stops.",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _listen(host: str, port: int) -> Any:
    try:
        return listen(host, port)
    except PortInUse as error:
        raise CommandError(
            f"{error} is in use by another program; choose another port, for example PORT={port + 1}"
        ) from error
    except UnusableAddress as error:
        raise CommandError(f"cannot listen on {error}; set HOST and PORT") from error


def _url(host: str, port: int) -> str:
    """The address to print; requests by exactly this host name are allowed besides ALLOWED_HOSTS."""
    if host in {"0.0.0.0", ""}:  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    elif host not in settings.ALLOWED_HOSTS and "ALLOWED_HOSTS" not in os.environ:
        settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, host]
    return f"http://{host}:{port}"


def _work(stop: threading.Event) -> None:
    Worker(stop).run()


def _agrees(question: str) -> bool:
    try:
        return input(question).strip() == "yes"
    except EOFError:
        print(flush=True)  # noqa: T201 - ends the line of the question
        return False
