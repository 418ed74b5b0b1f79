"""`manage.py work`: a worker in a process of its own, until SIGTERM or SIGINT."""

import signal
import threading
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import is_naive, make_aware

from signing.evidence.outbox import backfill
from signing.evidence.worker import Worker


class Command(BaseCommand):
    help = "Let handlers act on events, and publish events in the signed log, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--backfill", metavar="HANDLER", help="first hand older events to this handler")
        parser.add_argument("--since", type=datetime.fromisoformat, help="with --backfill: from this ISO time on")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["backfill"]:
            self._backfill(options["backfill"], options["since"])
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Worker(stop).run()

    def _backfill(self, handler: str, since: datetime | None) -> None:
        if since is None:
            raise CommandError("--backfill needs --since")
        try:
            count = backfill(handler, make_aware(since) if is_naive(since) else since)
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} events handed to {handler}")
