"""A run of 10,000 notices from outside: how fast it is, and how quick the pages stay meanwhile.

    python bench/run.py [--rows 10000] [--threads 2] [--open ROWS]

Starts the real server on a fresh data folder, composes, uploads, signs and dispatches as a browser does, while citizens
sign in and open letters without pause. Then every notice is verified (`run_check.py`), and only then the figures count.
They stand beside the limits of the machine in the same minutes, because a busy machine slows both. Ends with 1 when the
run is wrong or misses a goal: 1,000 notices deposited in a second, each sign-in and opening answered within 500 ms.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from journey_client import Browser, Failed, Listening, Server  # noqa: E402
from run_limits import inserts_per_second, signatures_per_second  # noqa: E402
from run_load import Citizens, Progress, Sample, spread, watch  # noqa: E402

GOAL_RATE = 1_000
GOAL_MILLISECONDS = 500
CHUNK = 500
# Citizens who come meanwhile; each has an older letter to open.
VISITORS = 400
WARM_SECONDS = 4
SUBJECT = "صورت‌حساب دوره {{مبلغ}}"
BODY = """با سلام و احترام،

مبلغ **{{مبلغ}}** ریال بابت دوره گذشته به نام {{نام}} ثبت شده است. خواهشمند است تا پایان ماه آینده پرداخت شود.

| شرح | مبلغ (ریال) |
|-----|------------|
| مصرف دوره | {{مبلغ}} |
| مالیات بر ارزش افزوده | ۰ |

- اعتراض تا بیست روز پس از ابلاغ پذیرفته می‌شود.
- پرداخت در همه شعب بانک‌ها ممکن است.
"""


@dataclass
class Result:
    """What was seen; instants are of the monotonic clock, `cpu` are seconds, `memory` MB."""

    rows: int
    began: float = 0.0
    accepted: float = 0.0
    progress: Progress = field(default_factory=Progress)
    heard_last: float = 0.0
    cpu: float = 0.0
    memory: int = 0


class Office:
    """A clerk and an approver of one agency, who send runs."""

    def __init__(self, server: Server) -> None:
        self.clerk, self.approver = Browser(server.url), Browser(server.url)
        clerk = server.staff("clerk", "")
        approver = server.staff("approver", clerk["agency"])
        self.agency, self.approver_code = clerk["agency_id"], approver["national_code"]
        self.clerk.sign_in(clerk["national_code"])
        self.approver.sign_in(self.approver_code)

    def prepare(self, codes: Sequence[str]) -> str:
        """A signed run to these people, ready for dispatch; returns the letter's id."""
        fields = {
            "agency": self.agency,
            "subject": SUBJECT,
            "salutation": "شهروند گرامی",
            "notice_kind": "utility_bill",
        }
        fields |= {f"{name}-{count}": "0" for name in ("addressee", "relation") for count in FORMSET}
        page = self.clerk.submit("/letters/new/", fields | {"body": BODY})
        letter = page.url.path.split("/")[2]
        lines = [f"{code},شهروند شماره {n},{n + 1000}" for n, code in enumerate(codes)]
        file = BytesIO("\n".join(["کد ملی,نام,مبلغ", *lines]).encode())
        edit = f"/letters/{letter}/edit/"
        with timed(f"upload {len(codes):,} recipients"):
            self.clerk.upload(edit, f"/letters/{letter}/recipients/", file, "recipients.csv")
        with timed("lay before the approver"):
            page = self.clerk.submit(edit, {"then": "submission"})
        if page.url.path != f"/letters/{letter}/":
            raise Failed(f"not accepted: {Browser.complaints(page)}")
        self._sign(f"/letters/{letter}/approval/", letter)
        return letter

    def dispatch(self, letter: str) -> None:
        """Send it off; returns when it was accepted."""
        self.clerk.act(f"/letters/{letter}/", f"/letters/{letter}/dispatch/")

    def _sign(self, page: str, letter: str) -> None:
        with timed("sign"):
            self.approver.act(page, f"{page}code/")
            signed = self.approver.submit(page, {"code": self.approver.code_for(self.approver_code)})
        if signed.url.path != f"/letters/{letter}/":
            raise Failed(f"not signed: {Browser.complaints(signed)}")


FORMSET = ("TOTAL_FORMS", "INITIAL_FORMS")


def national_codes(first: int, count: int) -> list[str]:
    """Made-up national codes with a right check digit."""
    codes = []
    for serial in range(first, first + count):
        digits = f"{serial:09d}"
        rest = sum(int(digit) * (10 - place) for place, digit in enumerate(digits)) % 11
        codes.append(f"{digits}{rest if rest < 2 else 11 - rest}")
    return codes


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a step took."""
    began = time.monotonic()
    yield
    print(f"  {what:<34}{time.monotonic() - began:8.2f} s", flush=True)


def measure(server: Server, office: Office, letter: str, rows: int) -> Result:
    """Dispatch the run and watch it until everything about it is done."""
    result, database = Result(rows), server.data / "karpusheh.sqlite3"
    seconds = 60 + rows / 100
    socket = Listening(server.url, office.clerk.cookies(), after=office.clerk.live_seq(f"/letters/{letter}/"))
    with socket:
        listener = threading.Thread(target=_hear, args=(socket, letter, rows, seconds, result), daemon=True)
        listener.start()
        cpu, result.began = cpu_seconds(server.pid), time.monotonic()
        office.dispatch(letter)
        result.accepted = time.monotonic()
        result.progress = watch(database, letter, rows, seconds=seconds)
        result.cpu, result.memory = cpu_seconds(server.pid) - cpu, peak_memory(server.pid)
        listener.join(seconds)
    if not result.heard_last:
        raise Failed("the socket did not tell of every notice")
    return result


def _hear(socket: Listening, letter: str, rows: int, seconds: float, result: Result) -> None:
    waiting = rows + 1
    for news in socket.news(f"letter:{letter}", seconds=seconds):
        waiting -= news["kind"] in {"notice.deposited", "run.deposited"}
        if waiting == 0:
            result.heard_last = time.monotonic()
            return


def cpu_seconds(pid: int) -> float:
    """Time that the process has computed, in all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_memory(pid: int) -> int:
    """The most memory that the process ever held, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    return int(found[1]) // 1024 if found else 0


def report_latencies(title: str, samples: Sequence[Sample]) -> bool:
    """Print the spread of each kind of request; whether all that citizens wait for met the goal."""
    print(f"\n{title}: {len(samples)} requests")
    kinds = sorted({sample.what for sample in samples})
    for kind in kinds:
        count, p50, p99, most = spread([sample for sample in samples if sample.what == kind])
        print(f"  {kind:<28}{count:6}   p50 {p50:6.0f}   p99 {p99:6.0f}   max {most:6.0f} ms")
    # The development page of codes stands for the telephone and is no page of the system.
    slow = [s for s in samples if s.seconds * 1000 >= GOAL_MILLISECONDS and "/development/" not in s.what]
    failed = [s for s in samples if s.status >= 400]
    print(f"  {len(slow)} took {GOAL_MILLISECONDS} ms or more, {len(failed)} failed")
    return not slow and not failed


def report_speed(result: Result, inserts: float, signatures: float) -> bool:
    """Print rates and their ratios to the limits of the machine; whether the goal is met."""
    rates: dict[str, float] = {}
    print(f"\nFrom dispatch of {result.rows:,} notices, in seconds")
    print(f"  accepted (the page answered)      {result.accepted - result.began:8.2f}")
    for name in ("deposited", "announced", "indexed", "sequenced"):
        seconds = getattr(result.progress, name) - result.began
        rates[name] = result.rows / seconds
        print(f"  all {name:<30}{seconds:8.2f}   {rates[name]:8,.0f}/s")
    seconds = result.heard_last - result.began
    print(f"  the socket told of the last one   {seconds:8.2f}   {result.rows / seconds:8,.0f}/s")
    bound = 1 / (1 / inserts + 1 / signatures)
    print(f"  the server computed for {result.cpu:.1f} s and held at most {result.memory} MB")
    print(f"Limits in the same minutes: {inserts:,.0f} bare inserts/s, {signatures:,.0f} bare P-256 signatures/s")
    print(
        f"  deposited / inserts {rates['deposited'] / inserts:.2f}, / signatures {rates['deposited'] / signatures:.2f},"
    )
    print(f"  / both one after the other ({bound:,.0f}/s) {rates['deposited'] / bound:.2f}")
    return rates["deposited"] >= GOAL_RATE


def verify(server: Server, letter: str, rows: int, opened: int) -> None:
    """Check every notice in a process of its own, then the whole log. Raises Failed."""
    print("\nVerification", flush=True)
    command = [sys.executable, str(ROOT / "bench" / "run_check.py"), letter, str(rows), str(opened)]
    if subprocess.run(command, env=os.environ | {"KARPUSHEH_DATA": str(server.data)}).returncode:
        raise Failed("the run is not what it should be; its time does not count")
    began = time.monotonic()
    said = server.manage("verify_log", last_line=True)
    events = int(re.findall(r"(\d+) events", said)[0])
    print(f"{said}\n  verify_log: {events / (time.monotonic() - began):,.0f} events/s")


def run(folder: Path, rows: int, threads: int, opened: int) -> bool:
    """The whole measurement; whether the goals are met."""
    visitors = national_codes(200_000_000, VISITORS)
    with Server(ROOT, folder / "data", folder / "server.log") as server:
        office = Office(server)
        office.dispatch(earlier := office.prepare(visitors))
        watch(server.data / "karpusheh.sqlite3", earlier, VISITORS, seconds=120)
        letter = office.prepare(national_codes(300_000_000, rows))
        before = signatures_per_second()
        with Citizens(server.url, visitors, threads) as citizens:
            time.sleep(WARM_SECONDS)
            result = measure(server, office, letter, rows)
        if citizens.failures:
            raise Failed(f"a citizen failed: {citizens.failures[0]}")
    signatures = statistics.mean([before, signatures_per_second()])
    database = server.data / "karpusheh.sqlite3"
    inserts = inserts_per_second(database, letter, folder / "scratch.sqlite3", CHUNK)
    verify(server, letter, rows, opened)
    ended = max(result.progress.announced, result.progress.indexed)
    quiet = [s for s in citizens.samples if s.began < result.began]
    busy = [s for s in citizens.samples if result.began <= s.began <= ended]
    report_latencies("Citizens before the run", quiet)
    quick = report_latencies("Citizens while it ran", busy)
    fast = report_speed(result, inserts, signatures)
    print(f"\nGoals: {GOAL_RATE:,} notices/s {'met' if fast else 'MISSED'}, ", end="")
    print(f"answers within {GOAL_MILLISECONDS} ms {'met' if quick else 'MISSED'}")
    return fast and quick


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2, help="citizens at the same time")
    parser.add_argument("--open", type=int, help="how many notices are opened at the end (default: all)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="karpusheh-bench-") as folder:
        try:
            met = run(Path(folder), options.rows, options.threads, options.open or options.rows)
        except Failed as reason:
            print(f"✗ {reason}")
            return 1
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
