"""A log key in whose signing something happens: the gap between computing a head and publishing it, made visible."""

from collections.abc import Callable
from typing import Any, ClassVar

from signing.backends.local import LocalSigning

NAME = f"{__name__}.InterruptedSigning"


class InterruptedSigning(LocalSigning):
    """Calls the next of `interruptions`, if there is one, before it signs."""

    interruptions: ClassVar[list[Callable[[], Any]]] = []

    def sign(self, key_id: str, data: bytes) -> bytes:
        if self.interruptions:
            self.interruptions.pop(0)()
        return super().sign(key_id, data)
