"""The public answer to a verification code from paper: sender, number and date, never content or recipient."""

from dataclasses import dataclass
from datetime import datetime

from correspondence.content import CODE_ALPHABET
from correspondence.directory.identifiers import clean_identifier
from correspondence.selectors import verified_letter
from inbox.selectors import notice_by_code

# Signs that are read from paper for the ones that the alphabet leaves out.
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


@dataclass(frozen=True)
class Verified:
    """A document that exists under a code."""

    agency: str
    number: str
    dispatched_at: datetime
    classification: str


def read_code(typed: str) -> str:
    """The code as it is stored, from what was typed; empty unless it is twelve signs of the alphabet."""
    code = clean_identifier(typed).upper().translate(_MISREAD)
    return code if len(code) == 12 and set(code) <= set(CODE_ALPHABET) else ""


def verified(typed: str) -> Verified | None:
    """The document behind a code, or None. The code is random with 60 bits, so that guessing finds nothing."""
    code = read_code(typed)
    if not code:
        return None
    letter = verified_letter(code)
    if letter is not None:
        return Verified(letter["agency__name"], letter["number"], letter["dispatched_at"], letter["classification"])
    notice = notice_by_code(code)
    if notice is None:
        return None
    return Verified(
        notice["letter__agency__name"],
        notice["number"],
        notice["letter__dispatched_at"],
        notice["letter__classification"],
    )
