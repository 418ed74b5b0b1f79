"""UUIDv7: sorted as made, by any number of threads, whatever the clock does."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122

import pytest

from signing.ids import uuid7


def test_form_and_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert (made.version, made.variant) == (7, RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_ids_of_one_process_rise() -> None:
    ids = [uuid7() for _ in range(20_000)]
    assert ids == sorted(set(ids))


def test_threads_never_get_the_same() -> None:
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda _: [uuid7() for _ in range(2_000)], range(4)))
    assert len({each for part in parts for each in part}) == 8_000
    assert all(part == sorted(part) for part in parts)


def test_ids_rise_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert first < uuid7() < uuid7()
