"""What makes letters and notices findable, run by the worker. Writing twice changes nothing, late writes lose."""

from collections.abc import Callable

from correspondence.events import (
    LETTER_APPROVED,
    LETTER_COMPOSED,
    LETTER_DISPATCHED,
    LETTER_RETURNED,
    LETTER_SEALED,
    LETTER_SUBMITTED,
)
from inbox.events import CHUNK_DEPOSITED, NOTICE_OPENED, NOTICE_REGISTERED, RUN_DEPOSITED
from search import services
from search.errors import SearchUnavailable
from signing.evidence.models import Handoff
from signing.evidence.outbox import Retry, finishing, on


@on(
    LETTER_COMPOSED, LETTER_SUBMITTED, LETTER_RETURNED, LETTER_APPROVED, LETTER_DISPATCHED, LETTER_SEALED, courtesy=True
)
def index_letter(handoff: Handoff) -> None:
    """Make a letter findable for its agency."""
    _index(handoff, lambda: services.index_letter(handoff.event.subject))


@on(CHUNK_DEPOSITED, RUN_DEPOSITED, courtesy=True)
def index_chunk(handoff: Handoff) -> None:
    """Make the notices of a chunk findable for their recipients."""
    facts = handoff.event.read_facts()
    _index(handoff, lambda: services.index_chunk(handoff.event.subject, int(facts["first"]), int(facts["last"])))


@on(NOTICE_OPENED, NOTICE_REGISTERED, courtesy=True)
def index_notice(handoff: Handoff) -> None:
    """Make the content of an opened notice findable, and the number that a secretariat gave it."""
    _index(handoff, lambda: services.index_notice(handoff.event.subject))


def _index(handoff: Handoff, write: Callable[[], None]) -> None:
    # The engine may be another machine: it is called outside the transaction and may be called again.
    try:
        write()
    except SearchUnavailable as error:
        raise Retry(None, error.reason) from error
    with finishing(handoff):
        pass
