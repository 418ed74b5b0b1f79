"""What happens after a letter's own events, run by the worker."""

from django.utils import timezone

from correspondence.events import LETTER_DISPATCHED
from correspondence.services import seal_dispatched_letter
from signing.evidence.models import Handoff
from signing.evidence.outbox import on


@on(LETTER_DISPATCHED)
def seal_letter(handoff: Handoff) -> None:
    """Give the dispatched letter its sealed PDF."""
    seal_dispatched_letter(handoff, at=timezone.now())
