"""What runs for ever: one thread places events in the tree, the other lets handlers act on them.

They are apart so that a long handler never delays what people see live. Any number of workers may run, in any number of
processes; one that is killed is replaced by the leases' end.
"""

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connections

from signing.errors import SigningError
from signing.evidence.checkpoints import sequence_pending
from signing.evidence.outbox import attempt, claim
from signing.evidence.wakeup import wait_for_wake, wake

POLL_SECONDS = 0.2
PAUSE_SECONDS = 1.0
STOP_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Worker:
    """Works in the calling thread (`run`) and one of its own until `stop` is set; ends after the handler at hand."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._failed = threading.Event()
        self._failure: Exception | None = None

    def run(self) -> None:
        """Work until stopped. Raises what broke the sequencer (LogBroken: the log contradicts itself): then a
        person must look before anything goes on.
        """
        sequencer = threading.Thread(target=self._sequence, name="sequencer")
        sequencer.start()
        try:
            self._repeat(_act)
        finally:
            self._failed.set()
            wake()
            sequencer.join(STOP_SECONDS)
            connections.close_all()
        if self._failure:
            raise self._failure

    def _sequence(self) -> None:
        try:
            self._repeat(lambda: sequence_pending() > 0)
        except Exception as error:
            # Whatever it is, it must reach `run` and end the other thread too.
            logger.critical("the sequencer stopped", exc_info=error)
            self._failure = error
        finally:
            self._failed.set()
            wake()
            connections.close_all()

    def _repeat(self, step: Callable[[], bool]) -> None:
        heard = 0
        while not self._is_over():
            close_old_connections()
            try:
                worked = step()
            except (DatabaseError, SigningError):
                # Out of reach for now; nothing was done, or its lease will end.
                logger.exception("trying again in %s s", PAUSE_SECONDS)
                self._stop.wait(PAUSE_SECONDS)
            else:
                # A ring during the step is counted above `heard`, so this returns at once.
                heard = heard if worked else wait_for_wake(heard, POLL_SECONDS)

    def _is_over(self) -> bool:
        return self._stop.is_set() or self._failed.is_set()


def _act() -> bool:
    # One at a time, so that nothing waits under a lease while another handler takes long, or when the worker stops.
    claimed = claim()
    for handoff in claimed:
        attempt(handoff)
    return bool(claimed)
