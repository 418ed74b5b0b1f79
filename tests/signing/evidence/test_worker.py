"""The worker: acts by itself, is not held up by slow handlers, stops when asked, and loudly when the log is broken."""

import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from signing.evidence.checkpoints import Sequenced, on_sequenced, sequence_pending, stop_telling
from signing.evidence.errors import LogBroken
from signing.evidence.models import Handoff, Tile
from signing.evidence.outbox import finishing
from signing.evidence.wakeup import Bell
from signing.evidence.worker import Worker
from tests.signing.evidence.conftest import Subscribe, happen

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 10


class Running:
    """A worker in a thread."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.failure: Exception | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            Worker(self.stop).run()
        except LogBroken as error:
            self.failure = error

    def end(self) -> None:
        self.stop.set()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()


@pytest.fixture
def published() -> Iterator[threading.Event]:
    """Set when the sequencer has published something."""
    event = threading.Event()

    @on_sequenced
    def listen(sequenced: Sequence[Sequenced]) -> None:
        event.set()

    yield event
    stop_telling(listen)


def test_a_slow_handler_does_not_delay_what_people_see(subscribe: Subscribe, published: threading.Event) -> None:
    seen_while_busy = threading.Event()

    @subscribe("test.happened")
    def slow(handoff: Handoff) -> None:
        if published.wait(SECONDS):
            seen_while_busy.set()
        with finishing(handoff):
            pass

    happen()
    worker = Running()
    assert seen_while_busy.wait(SECONDS)
    worker.end()
    assert Handoff.objects.get().state == Handoff.State.DONE


def test_it_ends_the_handler_at_hand_and_then_stops(subscribe: Subscribe) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @subscribe("test.happened")
    def slow(handoff: Handoff) -> None:
        begun.set()
        go_on.wait(SECONDS)
        with finishing(handoff):
            pass

    happen(), happen()
    worker = Running()
    assert begun.wait(SECONDS)
    worker.stop.set()
    go_on.set()
    worker.end()
    assert sorted(Handoff.objects.values_list("state", "attempts")) == [("done", 1), ("open", 0)]


def test_a_broken_log_stops_it_loudly(caplog: pytest.LogCaptureFixture) -> None:
    happen()
    sequence_pending()
    Tile.objects.all().delete()
    happen()
    worker = Running()
    worker.thread.join(SECONDS)
    assert not worker.thread.is_alive()
    assert isinstance(worker.failure, LogBroken)
    assert "the sequencer stopped" in caplog.text


def test_a_ring_between_two_waits_is_heard() -> None:
    bell = Bell()
    heard = bell.wait(0, 0)
    bell.ring()
    began = time.monotonic()
    assert bell.wait(heard, SECONDS) == heard + 1
    assert time.monotonic() - began < 1
    assert bell.wait(heard + 1, 0.01) == heard + 1
