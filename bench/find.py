"""Search in the embedded engine: p50 and p99 of `find` on many documents, as multiples of a `select 1` beside it.

    python bench/find.py [documents]          (default 50,000)

Mailboxes of three sizes: about ten documents, a twentieth of all, two fifths of all. Each query is run interleaved with
`select 1` on the same connection, so that a busy machine slows both; what counts is the ratio. Prints only.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
FOLDER = tempfile.TemporaryDirectory(prefix="karpusheh-bench-")
os.environ["KARPUSHEH_DATA"] = FOLDER.name

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from search.analysis import query_terms  # noqa: E402
from search.backends.base import Document, scope  # noqa: E402
from search.backends.database import DatabaseSearch  # noqa: E402

WORDS = """
نامه اداره کل مالیات عملکرد سال برگ تشخیص ابلاغ اعتراض مهلت پرداخت جریمه بیمه کارفرما شعبه تأمین اجتماعی قبض برق آب
گاز دوره مصرف بدهی خودرو پلاک تخلف سرعت دادگاه رأی هیأت حل اختلاف پرونده شاکی وکیل خواهان خوانده جلسه رسیدگی مدارک
ثبت سند ملک شهرداری عوارض پروانه ساختمان بانک حساب واریز برداشت کارت اعتبار سپرده سود مستمری‌بگیر آیین‌نامه اجرایی
صورت‌جلسه پیش‌نویس دستورالعمل می‌شود نمی‌باشد گردید است شماره مورخ پیوست رونوشت جهت اقدام اطلاع
""".split()
QUERIES = ("مالیات", "آیین نامه اجرایی", "«برگ تشخیص»", "1405/102/77", "نیستدرجهان", "مالیات قبض بیمه", "شهرداری")
ROUNDS = 40


def documents(count: int, boxes: list[UUID]) -> Iterator[Document]:
    """Notices of about 100 words; every tenth word is of its document only."""
    chooser = random.Random(5)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for n in range(count):
        words = [chooser.choice(WORDS) if i % 10 else f"واژه{n}{i}" for i in range(100)]
        box = boxes[0] if n % 5 < 2 else boxes[1] if n % 20 == 2 else boxes[2 + n % (len(boxes) - 2)]
        yield Document(
            owner_kind="notice",
            owner_id=uuid4(),
            version=1,
            scopes=(scope("mailbox", box),),
            letter=uuid4(),
            agency=None,
            at=at + timedelta(seconds=n),
            title=" ".join(words[:6]),
            number=f"1405/102/{n}",
            body=" ".join(words),
        )


def fill(backend: DatabaseSearch, count: int, boxes: list[UUID]) -> float:
    """Index all documents; returns documents per second."""
    begun = time.perf_counter()
    batch: list[Document] = []
    for document in documents(count, boxes):
        batch.append(document)
        if len(batch) == 500:
            backend.index(batch)
            batch = []
    backend.index(batch)
    return count / (time.perf_counter() - begun)


def select_one() -> None:
    """The shortest round trip there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def measure(operation: Callable[[], object]) -> tuple[list[float], list[float]]:
    """Seconds of the operation and of `select 1`, taken in turns."""
    own: list[float] = []
    floor: list[float] = []
    for _ in range(ROUNDS):
        for times, call in ((floor, select_one), (own, operation)):
            begun = time.perf_counter()
            call()
            times.append(time.perf_counter() - begun)
    return own, floor


def line(label: str, own: list[float], floor: list[float]) -> str:
    """Absolute milliseconds and the ratio of medians."""
    p50, p99 = statistics.median(own), statistics.quantiles(own, n=100)[98]
    return f"{label:38} p50 {p50 * 1e3:7.2f} ms  p99 {p99 * 1e3:7.2f} ms  p50/select 1 {p50 / statistics.median(floor):6.1f}"


def main(count: int) -> None:
    """Fill, warm up, measure."""
    call_command("migrate", "search", verbosity=0)
    backend = DatabaseSearch()
    boxes = [uuid4() for _ in range(2 + count // 20)]
    print(f"{count} documents, {fill(backend, count, boxes):.0f} indexed per second")
    everything: list[float] = []
    floors: list[float] = []
    for name, box in (("small box", boxes[2]), ("5 % of all", boxes[1]), ("40 % of all", boxes[0])):
        for text in QUERIES:
            query, scopes = query_terms(text), [scope("mailbox", box)]
            own, floor = measure(lambda query=query, scopes=scopes: backend.find(scopes, query, None, 20))  # type: ignore[misc]
            print(line(f"{name}: {text}", own, floor))
            everything += own
            floors += floor
    print(line("all", everything, floors))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
    FOLDER.cleanup()
