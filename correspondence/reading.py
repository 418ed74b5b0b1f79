"""A letter as its own agency reads it on screen: from the signed bytes where there are some, else from the draft."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from correspondence.content import letter_content
from correspondence.differences import Piece, words_changed
from correspondence.jalali import persian_digits
from correspondence.markdown import to_html
from correspondence.models import Letter, Revision
from signing.canonical import canonical


@dataclass(frozen=True)
class Sheet:
    """The content of letter.json with its body as HTML and its references with days as dates (`day`)."""

    content: dict[str, Any]
    body: SafeString
    relations: list[dict[str, Any]]


@dataclass(frozen=True)
class Changes:
    """What differs between two submissions of a letter: its text word by word, and the names of other changed parts."""

    body: list[Piece]
    words: list[str | Promise]
    since: Revision

    @property
    def has_body(self) -> bool:
        """Whether the text itself has changed."""
        return any(piece.kind != "same" for piece in self.body)


_COMPARED: dict[str, str | Promise] = {
    "subject": _("the subject"),
    "salutation": _("the salutation"),
    "to": _("the addressees"),
    "cc": _("the copies"),
    "recipients": _("the list of recipients"),
    "attachments": _("the attachments"),
    "relations": _("the references"),
    "notice_kind": _("what it is"),
    "classification": _("the classification"),
    "priority": _("the urgency"),
    "reply_due": _("the reply date"),
}


def shown_number(number: str) -> str:
    """A letter's number inside a sentence: in the page's digits, isolated so that the sentence keeps its order."""
    return f"\u2066{persian_digits(number) if get_language() == 'fa' else number}\u2069"


def content_of(letter: Letter, at: datetime) -> bytes:
    """letter.json as it was signed, as it lies before the approver, or as the draft would be submitted at `at`."""
    if letter.state in {Letter.State.APPROVED, Letter.State.DISPATCHED, Letter.State.SEALED}:
        return bytes(letter.approval.content)
    if letter.state == Letter.State.SUBMITTED:
        return bytes(letter.revisions.latest("ordinal").content)
    return canonical(letter_content(letter, at))


def sheet_of(content: bytes) -> Sheet:
    """The bytes of a letter.json, ready to be shown."""
    return sheet_from(json.loads(content))


def sheet_from(content: dict[str, Any]) -> Sheet:
    """A parsed letter.json, ready to be shown."""
    relations = [r | {"day": date.fromisoformat(r["date"]) if r["date"] else None} for r in content["relations"]]
    return Sheet(content, to_html(content["body"]), relations)


def changes_of(revision: Revision) -> Changes | None:
    """What changed since the submission before this one, or None for the first. One query."""
    before = (
        Revision.objects.filter(letter=revision.letter_id, ordinal__lt=revision.ordinal).order_by("-ordinal").first()
    )
    if before is None:
        return None
    old, new = json.loads(bytes(before.content)), json.loads(bytes(revision.content))
    words = [word for name, word in _COMPARED.items() if old[name] != new[name]]
    return Changes(words_changed(old["body"], new["body"]), words, before)
