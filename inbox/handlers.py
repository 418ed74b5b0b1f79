"""What the inbox does when letters are dispatched and chunks have arrived, run by the worker."""

from django.utils import timezone

from correspondence.events import LETTER_DISPATCHED
from inbox.announcement import announce_chunk
from inbox.delivery import deliver_addressees, deliver_chunk
from inbox.events import CHUNK_DEPOSITED, RUN_DEPOSITED
from signing.evidence.models import Handoff
from signing.evidence.outbox import on


@on(LETTER_DISPATCHED)
def deliver_letter(handoff: Handoff) -> None:
    """Begin the fan-out of a dispatched letter."""
    deliver_addressees(handoff, at=timezone.now())


@on(CHUNK_DEPOSITED)
def deliver_next_chunk(handoff: Handoff) -> None:
    """Go on with the fan-out."""
    deliver_chunk(handoff, at=timezone.now())


@on(CHUNK_DEPOSITED, RUN_DEPOSITED, courtesy=True)
def announce_deposited(handoff: Handoff) -> None:
    """Tell the recipients of a chunk that something has come."""
    announce_chunk(handoff, at=timezone.now())
