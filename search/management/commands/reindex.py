"""`manage.py reindex`: bring the search index up to what the tables say, or only say how it differs."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from search import services
from search.errors import SearchUnavailable

BATCH = 500


class Command(BaseCommand):
    """Walks both sides in the order of ids. Interrupted, it goes on where it was, because what is right is left alone."""

    help = "Write what the search index lacks and remove what it should not hold; --verify only compares."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--all` is for an index whose content is in doubt: stamps are not believed."""
        parser.add_argument("--verify", action="store_true", help="change nothing; fail unless missing 0, extra 0")
        parser.add_argument("--all", action="store_true", help="write every document anew")
        parser.add_argument("--batch", type=int, default=BATCH, help=f"documents at a time (default {BATCH})")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when the engine fails or --verify finds a difference."""
        if options["batch"] < 1:
            raise CommandError("--batch must be 1 or more")
        try:
            total = self._walk(options["batch"], verify=options["verify"], everything=options["all"])
        except SearchUnavailable as error:
            raise CommandError(f"{error.reason}; run the command again to go on") from error
        end = "" if options["verify"] else "; all put right"
        counts = f"missing {total['missing']}, extra {total['extra']}, outdated {total['outdated']}"
        self.stdout.write(f"{total['present']} documents: {counts}{end}")
        if options["verify"] and (total["missing"] or total["extra"]):
            raise CommandError("the index differs from the tables; run reindex")

    def _walk(self, batch: int, *, verify: bool, everything: bool) -> Counter[str]:
        total: Counter[str] = Counter()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("verify" if verify else "reindex", total=services.source_count())
            for difference in services.compare(batch, everything=everything):
                if not verify:
                    services.repair(difference)
                total["present"] += difference.present
                total["missing"] += len(difference.missing)
                total["extra"] += len(difference.extra)
                total["outdated"] += len(difference.outdated)
                progress.advance(task, difference.present)
        return total
