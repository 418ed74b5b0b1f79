"""A bell between threads of one process: whoever committed an event rings, whoever waits for events wakes.

Only a hint. Without it (another process, a lost ring) the worker looks again after its polling interval.
"""

import threading


class Bell:
    """Counts its rings, so that one between two waits is not missed."""

    def __init__(self) -> None:
        self._rings = 0
        self._changed = threading.Condition()

    def ring(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def wait(self, heard: int, seconds: float) -> int:
        """Wait until there are more than `heard` rings or `seconds` have passed; returns the rings so far."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings > heard, timeout=seconds)
            return self._rings


_bell = Bell()


def wake() -> None:
    """Tell the worker threads of this process that there is something to do."""
    _bell.ring()


def wait_for_wake(heard: int, seconds: float) -> int:
    """As `Bell.wait` on the bell of this process."""
    return _bell.wait(heard, seconds)
