"""What goes on beside a run: citizens who sign in and open their letters, and a look at how far the run has come."""

import re
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

from journey_client import Browser, Failed

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
LOOK_SECONDS = 0.1


@dataclass(frozen=True)
class Sample:
    """One request: `what` is its method and address without ids, `seconds` until the whole answer was there."""

    what: str
    began: float
    seconds: float
    status: int


class Stopwatch(httpx.HTTPTransport):
    """Measures every single request, redirects as requests of their own; comes from a loopback address of its own,
    since the door limits how many codes one address may ask for."""

    def __init__(self, samples: list[Sample], address: str) -> None:
        super().__init__(local_address=address)
        self._samples = samples

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        response = super().handle_request(request)
        response.read()
        what = f"{request.method} {_ID.sub('…', request.url.path)}"
        self._samples.append(Sample(what, began, time.monotonic() - began, response.status_code))
        return response


class Citizens:
    """Threads in which one citizen after the other signs in and opens a letter, as fast as the server answers."""

    def __init__(self, url: str, codes: Sequence[str], threads: int) -> None:
        self.samples: list[Sample] = []
        self.failures: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._come, args=(codes[number::threads], number), daemon=True)
            for number in range(threads)
        ]

    def __enter__(self) -> "Citizens":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _come(self, codes: Sequence[str], thread: int) -> None:
        seen: set[str] = set()
        for visit, code in enumerate(cycle(codes)):
            if self._stop.is_set():
                return
            try:
                self._visit(code, f"127.{thread + 1}.{visit // 200 % 250}.{visit % 200 + 1}", first=code not in seen)
            except (Failed, httpx.HTTPError) as error:
                self.failures.append(f"{code}: {error}")
                return
            seen.add(code)

    def _visit(self, code: str, address: str, *, first: bool) -> None:
        browser = Browser(self._url, transport=Stopwatch(self.samples, address))
        browser.sign_in(code)
        page = browser.newest_link("/inbox/", seconds=10)
        if first:
            browser.act(page, f"{page}opening/")
        else:
            browser.get(page)


@dataclass
class Progress:
    """When, by the monotonic clock, each part of the work was seen to be complete."""

    deposited: float = 0.0
    announced: float = 0.0
    indexed: float = 0.0
    sequenced: float = 0.0
    errors: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        return all((self.deposited, self.announced, self.indexed, self.sequenced))


def watch(database: Path, letter: str, rows: int, *, seconds: float) -> Progress:
    """Read the committed state of the database over and over until the run is complete. Raises Failed."""
    seen, letter = Progress(), letter.replace("-", "")
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    deadline = time.monotonic() + seconds
    while not seen.is_complete:
        if time.monotonic() > deadline:
            raise Failed(f"the run was not complete after {seconds:.0f} s: {seen}")
        time.sleep(LOOK_SECONDS)
        _look(connection, letter, rows, seen)
    connection.close()
    return seen


def _look(connection: sqlite3.Connection, letter: str, rows: int, seen: Progress) -> None:
    def one(statement: str, *values: object) -> object:
        return connection.execute(statement, values).fetchone()[0]

    open_work = "SELECT count(*) FROM evidence_handoff WHERE state = 'open' AND handler LIKE ?"
    pending = "SELECT count(*) FROM evidence_event INDEXED BY event_pending WHERE tree_index IS NULL AND letter = ?"
    now = time.monotonic()
    if not seen.deposited:
        last = one("SELECT max(row) FROM inbox_notice WHERE letter_id = ?", letter)
        seen.deposited = now if last == rows else 0.0
        return
    if not seen.announced and one(open_work, "%announce_deposited") == 0:
        seen.announced = now
    if not seen.indexed and one(open_work, "%index_chunk") == 0:
        seen.indexed = now
    if seen.announced and not seen.sequenced and one(pending, letter) == 0:
        seen.sequenced = now


def spread(samples: Sequence[Sample]) -> tuple[int, float, float, float]:
    """How many, and p50, p99 and maximum in milliseconds."""
    times = sorted(sample.seconds * 1000 for sample in samples)
    if len(times) < 2:
        times = (times or [0.0]) * 2
    return len(times), statistics.median(times), statistics.quantiles(times, n=100)[98], times[-1]
