"""Django's SQLite backend with one queue for writers.

SQLite has one writer at a time and its busy handler sleeps and retries without any order, so that an unlucky
writer may wait for seconds while others pass it. Here the threads of the process stand in line before BEGIN IMMEDIATE.
"""

import threading
from collections import deque
from typing import Any

from django.db.backends.sqlite3 import base


class FairLock:
    """A mutual exclusion that is granted in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._held = False

    def acquire(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


_writers: dict[str, FairLock] = {}
_writers_guard = threading.Lock()


def _writer_queue(name: str) -> FairLock:
    with _writers_guard:
        return _writers.setdefault(name, FairLock())


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite connection whose transactions wait their turn in the process before they begin."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._queue: FairLock | None = None

    def _start_transaction_under_autocommit(self) -> None:
        queue = _writer_queue(str(self.settings_dict["NAME"]))
        queue.acquire()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            queue.release()
            raise
        self._queue = queue

    def set_autocommit(self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False) -> None:
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if autocommit:
            self._leave_queue()

    def close(self) -> None:
        super().close()
        if not self.in_atomic_block:
            self._leave_queue()

    def _close(self) -> None:
        super()._close()  # type: ignore[misc]
        self._leave_queue()

    def _leave_queue(self) -> None:
        if self._queue is not None:
            queue, self._queue = self._queue, None
            queue.release()
