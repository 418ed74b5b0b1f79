"""`manage.py verify`: judge sealed PDFs, detached signatures and proofs, with nothing but the files and a root.

Needs no database and no network. Without --trust the root is unknown; then the best verdict is "intact, but issuer not
verified", and the exit status says 1, because whoever issued the seal could be anyone.
"""

import json
import logging
import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from signing.verify import Check, Policy, Report, Status, Verdict, read_policy, verify_file

SECONDS_PER_FILE = 60
_SIGNS = {Status.PASS: "✓", Status.NOTE: "!", Status.OPEN: "!", Status.FAIL: "✗"}


class Command(BaseCommand):
    """Exit status 0 when every file is valid, else 1; 2 for wrong arguments."""

    help = "Verify sealed PDFs, detached signatures (.p7s) and proofs (.asice). Needs no database and no network."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """All files are judged by the same terms."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--trust", action="append", default=[], type=Path, metavar="ROOT.pem", help="trusted root")
        parser.add_argument("--crl", action="append", default=[], type=Path, metavar="FILE", help="revocation list")
        parser.add_argument("--data", type=Path, metavar="FILE", help="content of a detached signature")
        parser.add_argument("--at", metavar="TIME", help="judge at this time (ISO 8601, UTC unless it says otherwise)")
        parser.add_argument("--log-origin", default=settings.EVIDENCE_LOG_ORIGIN, help="name of the evidence log")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge every file and print what was found; one that cannot be read is a failure, not an error."""
        logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what it would say is in the checks
        policy = _policy(options)
        with translation.override(_language()):
            reports = [_judge(path, policy, options["data"]) for path in options["files"]]
            valid = all(report.verdict is Verdict.VALID for report in reports)
            if options["json"]:
                self.stdout.write(_as_json(reports, valid))
            else:
                self._print(reports, valid)
        if not valid:
            sys.exit(1)

    def _print(self, reports: list[Report], valid: bool) -> None:
        for report in reports:
            self.stdout.write(f"{report.name}  SHA-256 {report.sha256}")
            for check in report.checks:
                self.stdout.write(self._line(check))
            if report.signer:
                when = report.signed_at.isoformat(timespec="seconds") if report.signed_at else "?"
                self.stdout.write(f"  {_('Signed by')}: {report.signer}  {when}")
            self.stdout.write(f"  → {_verdict(report.verdict)}\n\n")
        if len(reports) > 1:
            self.stdout.write(_("All files are valid") if valid else _("Not all files are valid"))

    def _line(self, check: Check) -> str:
        where = f"{check.part}: " if check.part else ""
        detail = f" ({check.detail})" if check.detail else ""
        line = f"  {_SIGNS[check.status]} {where}{check.text}{detail}  [{check.code}]"
        return self.style.ERROR(line) if check.status is Status.FAIL else line


def _policy(options: dict[str, Any]) -> Policy:
    try:
        at = datetime.fromisoformat(options["at"]) if options["at"] else None
        if at is not None and at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        roots, crls = ([path.read_bytes() for path in options[name]] for name in ("trust", "crl"))
        return read_policy(roots, crls, at=at, log_origin=options["log_origin"])
    except (OSError, ValueError) as error:
        raise CommandError(str(error), returncode=2) from error


def _judge(path: Path, policy: Policy, content_path: Path | None) -> Report:
    content = None
    try:
        data = path.read_bytes()
        if content_path is not None:
            content = content_path.read_bytes()
        elif path.suffix == ".p7s" and path.with_suffix("").is_file():
            content = path.with_suffix("").read_bytes()
    except OSError as error:
        return Report(path.name, "unknown", "", (Check("file.readable", Status.FAIL, str(error.strerror)),))
    with _deadline():
        return verify_file(data, path.name, policy, content=content)


@contextmanager
def _deadline() -> Iterator[None]:
    """Hostile files must not keep us busy for ever. Where the system has no alarms, only the bounds on size hold."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def give_up(*_signal: Any) -> None:
        raise TimeoutError(f"more than {SECONDS_PER_FILE} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS_PER_FILE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _language() -> str:
    """Of the terminal: English, unless its locale is Persian."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fa" if locale.lower().startswith("fa") else "en"


def _verdict(verdict: Verdict) -> str:
    return {
        Verdict.VALID: _("VALID"),
        Verdict.UNANCHORED: _("INTACT, BUT ISSUER NOT VERIFIED"),
        Verdict.INVALID: _("NOT VALID"),
    }[verdict]


def _as_json(reports: list[Report], valid: bool) -> str:
    return json.dumps({"valid": valid, "files": [one.as_json() for one in reports]}, ensure_ascii=False, indent=2)
