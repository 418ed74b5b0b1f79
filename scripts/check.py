"""What `./test` does: every check there is, one after the other, all of them even when one fails.

The last line counts: each tool, each test and the journey are one. Arguments go to pytest, and then nothing else runs.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from environment import PYTHON, ROOT, VENV, Unusable, prepare, say

WORKERS = "2"


@dataclass(frozen=True)
class Counts:
    """Outcomes of checks."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when nothing failed."""
    started = time.monotonic()
    try:
        say("./test works in .venv and node_modules; it installs requirements/dev.txt and package-lock.json there")
        prepare("dev")
    except Unusable as reason:
        print(f"test: {reason}", file=sys.stderr)
        return 1
    counts = _run_chosen(arguments) if arguments else _run_all()
    say(f"{time.monotonic() - started:.0f} s")
    print(counts, flush=True)
    return 1 if counts.failed or not counts.passed else 0


def _run_chosen(arguments: Sequence[str]) -> Counts:
    return _compile_messages() + _pytest(arguments)


def _run_all() -> Counts:
    tool = VENV / "bin"
    return sum(
        [
            _compile_messages(),
            _check("lint (ruff check)", [tool / "ruff", "check", "--quiet"]),
            _check("format (ruff format --check)", [tool / "ruff", "format", "--quiet", "--check"]),
            _check("types (mypy)", [tool / "mypy", "--no-error-summary", "."]),
            _check("imports (lint-imports)", [tool / "lint-imports"]),
            _check("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
            _pytest(["-n", WORKERS]),
            _journey(),
        ],
        Counts(),
    )


def _compile_messages() -> Counts:
    return _check("translations", [PYTHON, "manage.py", "compile_messages"])


def _check(name: str, command: Sequence[str | Path]) -> Counts:
    """Run one tool quietly: its output shows only when it fails."""
    say(name)
    run = subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True)
    if run.returncode == 0:
        return Counts(passed=1)
    print(f"{run.stdout}{run.stderr}\nFAILED: {name}", flush=True)
    return Counts(failed=1)


def _pytest(arguments: Sequence[str]) -> Counts:
    say("tests (pytest)")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(PYTHON), "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT).returncode
        counts = _read_report(report) if report.exists() else Counts()
    # Broken set-ups, unknown arguments and runs without a single test fail, too.
    return counts if code == 0 or counts.failed else counts + Counts(failed=1)


def _read_report(report: Path) -> Counts:
    counts = Counts()
    # Written a moment ago by the pytest that was started here.
    for suite in ElementTree.parse(report).iter("testsuite"):  # noqa: S314
        total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        counts += Counts(total - skipped - failed, failed, skipped)
    return counts


def _journey() -> Counts:
    """The journey with its example on a data folder of its own, as a stranger starts it."""
    with tempfile.TemporaryDirectory(prefix="karpusheh-journey-") as folder:
        say("journey (./run journey)")
        run = subprocess.run([str(ROOT / "run"), "journey"], cwd=ROOT, env=os.environ | {"KARPUSHEH_DATA": folder})
    return Counts(passed=1) if run.returncode == 0 else Counts(failed=1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
