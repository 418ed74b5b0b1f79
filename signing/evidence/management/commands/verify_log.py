"""`manage.py verify_log`: recompute the evidence log and name the first record that is not as it was signed."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from signing.evidence.audit import Fault, Report, audit
from signing.evidence.checkpoints import log_key
from signing.notes import Head, InvalidNote, open_checkpoint


class Command(BaseCommand):
    help = "Recompute the evidence log; exit with 1 and name the first record that is not as it was signed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--known", type=Path, metavar="FILE", help="a checkpoint kept elsewhere, to be extended")

    def handle(self, *args: Any, **options: Any) -> None:
        report = self._audit(_read_known(options["known"]))
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), default=str))
        else:
            self.stdout.write(_in_words(report))
        if report.fault:
            sys.exit(1)

    def _audit(self, known: Head | None) -> Report:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("events", total=None)
            return audit(known, lambda done, total: bar.update(task, completed=done, total=total))


def _read_known(path: Path | None) -> Head | None:
    if path is None:
        return None
    try:
        return open_checkpoint(path.read_text(encoding="utf-8"), log_key())
    except (OSError, UnicodeDecodeError, InvalidNote) as error:
        raise CommandError(f"{path}: {error}") from error


def _in_words(report: Report) -> str:
    counted = f"{report.events} events, {report.checkpoints} checkpoints, {report.pending} events not yet in the tree"
    if report.fault is None:
        return f"The log is whole: {counted}. Root {report.root}"
    return f"BROKEN: {report.fault.what}{_place_of(report.fault)}. Right until there: {counted}."


def _place_of(fault: Fault) -> str:
    named = {"index": fault.index, "event": fault.event, "checkpoint": fault.checkpoint}
    place = ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)
    return f" ({place})" if place else ""
