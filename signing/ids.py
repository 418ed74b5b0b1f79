"""UUIDv7 (RFC 9562 §5.7): public ids that sort by the time they were made (the standard library has them from 3.14)."""

import secrets
import threading
import time
from uuid import UUID

_COUNTER_BITS = 12
_guard = threading.Lock()
_last = (0, 0)


def uuid7() -> UUID:
    """A new id: 48 bits of Unix milliseconds, a 12-bit counter that only rises within the process, 62 random bits."""
    milliseconds, counter = _next_instant()
    return _assemble(milliseconds, counter, secrets.randbits(62))


def _next_instant() -> tuple[int, int]:
    global _last
    with _guard:
        milliseconds, counter = time.time_ns() // 1_000_000, secrets.randbits(_COUNTER_BITS - 1)
        if milliseconds <= _last[0]:
            # The clock stands or was set back: count on, and borrow the next millisecond when the counter is full.
            milliseconds, counter = divmod((_last[0] << _COUNTER_BITS) + _last[1] + 1, 1 << _COUNTER_BITS)
        _last = (milliseconds, counter)
        return _last


def _assemble(milliseconds: int, counter: int, random: int) -> UUID:
    return UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | random)
