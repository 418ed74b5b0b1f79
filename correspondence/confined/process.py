"""The process that reads a foreign file: how it is started, bound and answered. Imports nothing heavy."""

import json
import subprocess
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

if sys.platform != "win32":
    import resource

_ROOT = Path(__file__).resolve().parents[2]
_OUT_OF_MEMORY = 71
_MEGABYTES = 768
# Empty but for two: there are no secrets to lose. Parts with a DTD are refused before openpyxl sees them, so that its
# slow guard against them is not needed.
_ENVIRONMENT = {"PYTHONUTF8": "1", "OPENPYXL_DEFUSEDXML": "False"}
MAX_CHARACTERS = 1_000_000


class Answer(NamedTuple):
    """Text of a file, and the code of a reason: why it is refused, or why there is less text than there could be."""

    text: str
    reason: str | None


class ContentRefused(Exception):
    """A reason to refuse a file, by its code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run_confined(module: str, task: str, data: bytes, *, seconds: int = 20) -> Answer:
    """What `correspondence.confined.<module>` answers to `task` about `data`. Never raises for a bad file.

    Reasons of its own: `timeout`, `memory`, and `damaged` where the process fell over the file.
    """
    command = [sys.executable, "-m", f"correspondence.confined.{module}", task, str(seconds)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command, input=data, capture_output=True, timeout=seconds, cwd=_ROOT, env=_ENVIRONMENT, check=False
        )
    except subprocess.TimeoutExpired:
        return Answer("", "timeout")
    if done.returncode != 0:
        return Answer("", "memory" if done.returncode == _OUT_OF_MEMORY else "damaged")
    try:
        return Answer(**json.loads(done.stdout))
    except (ValueError, TypeError):
        return Answer("", "damaged")


def serve(**tasks: Callable[[bytes], Answer]) -> None:
    """The main function of a confined module: one task on one file from standard input to standard output."""
    task, seconds = tasks[sys.argv[1]], int(sys.argv[2])
    _confine(seconds)
    warnings.simplefilter("ignore")
    try:
        answer = task(sys.stdin.buffer.read())
    except ContentRefused as refusal:
        answer = Answer("", refusal.code)
    except MemoryError:
        sys.exit(_OUT_OF_MEMORY)
    sys.stdout.write(json.dumps(answer._asdict(), ensure_ascii=False))


def searchable(pieces: Iterable[str]) -> Answer:
    """Pieces of text put together for search: at most 1,000,000 characters, in NFKC, without what no database stores.

    NFKC turns the presentation forms that PDF files hold into letters.
    """
    kept, length, reason = [], 0, None
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length > MAX_CHARACTERS:
            reason = "cut"
            break
    whole = "".join(kept).encode("utf-8", "ignore").decode("utf-8").replace("\x00", "")
    text = unicodedata.normalize("NFKC", whole)[:MAX_CHARACTERS]
    return Answer(text, reason) if text.strip() else Answer("", "no-text")


def _confine(seconds: int) -> None:
    if sys.platform == "win32":
        return
    bounds = {
        resource.RLIMIT_AS: _MEGABYTES * 1024 * 1024,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        try:
            resource.setrlimit(kind, (bound, bound))
        except (ValueError, OSError):
            # macOS refuses a bound on the address space; time still bounds the process there.
            continue
