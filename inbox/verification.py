"""The public answer to a verification code from paper: sender, number and date, never content or recipient."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.cache import cache

from correspondence.content import CODE_ALPHABET
from correspondence.directory.identifiers import clean_identifier
from correspondence.events import LETTER_DISPATCHED
from correspondence.models import Letter
from correspondence.selectors import letter_by_code
from inbox.selectors import notice_by_code
from signing.evidence.selectors import events_of

# Signs that are read from paper for the ones that the alphabet leaves out.
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
# Codes have 60 random bits: the limit keeps machines from asking all day, guessing finds nothing anyway.
MISSES, WINDOW_SECONDS = 20, 600


@dataclass(frozen=True)
class Verified:
    """A document that exists under a code, and the row of the public log where its dispatch stands (0-based)."""

    agency: str
    number: str
    dispatched_at: datetime | None
    signatory_title: str
    classification: str
    log_index: int | None

    @property
    def is_public(self) -> bool:
        """Whether sender, number and date may be told; of restricted letters only that they are genuine."""
        return self.classification == Letter.Classification.UNCLASSIFIED


def read_code(typed: str) -> str:
    """The code as it is stored, from what was typed; empty unless it is twelve signs of the alphabet."""
    code = clean_identifier(typed).upper().translate(_MISREAD)
    return code if len(code) == 12 and set(code) <= set(CODE_ALPHABET) else ""


def verified(code: str) -> Verified | None:
    """The document behind a code as `read_code` gives it, or None. Three queries at most."""
    letter, notice = letter_by_code(code), None
    if letter is None:
        notice = notice_by_code(code)
        letter = notice.letter if notice else None
    if letter is None:
        return None
    return Verified(
        agency=letter.agency.local_name,
        number=notice.number if notice else letter.number,
        dispatched_at=letter.dispatched_at,
        signatory_title=letter.approval.title,
        classification=letter.classification,
        log_index=_log_index(letter.id),
    )


def may_ask(address: str, at: datetime) -> bool:
    """Whether this network address may ask for another code now."""
    return int(cache.get(_misses_of(address, at), 0)) < MISSES


def count_miss(address: str, at: datetime) -> None:
    """Remember that a code asked for by this address was not found."""
    key = _misses_of(address, at)
    cache.add(key, 0, WINDOW_SECONDS)
    cache.incr(key)


def _misses_of(address: str, at: datetime) -> str:
    return f"verify.{address}.{int(at.timestamp()) // WINDOW_SECONDS}"


def _log_index(letter_id: UUID) -> int | None:
    dispatched = events_of(subject=letter_id, kinds=(LETTER_DISPATCHED,), limit=1)
    return dispatched[0].index if dispatched else None
