"""Results as a page shows them: what was found, joined with sender, state and address of the letter or notice now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from correspondence.directory.access import Actor
from correspondence.jalali import persian_digits
from correspondence.models import Letter
from correspondence.selectors import visible_letters
from inbox.models import Notice
from inbox.reading import Envelope, envelopes_of
from inbox.selectors import visible_notices
from search.analysis import Snippet
from search.selectors import Found, find


@dataclass(frozen=True)
class Result:
    """One letter of the own agency, or one notice of an own mailbox; `title` is empty while a notice is unopened."""

    found: Found
    url: str
    sender: str
    sector: str
    kind_word: str
    state: str
    party: str = ""

    @property
    def title(self) -> SafeString:
        """The subject, with what was found in it marked."""
        return marked(self.found.title)

    @property
    def number(self) -> SafeString:
        """The number, likewise, in the reader's digits."""
        text = self.found.number.text
        shown = persian_digits(text) if get_language() == "fa" else text
        return marked(Snippet(shown, self.found.number.marks))

    @property
    def people(self) -> SafeString:
        """Sender and receivers, likewise; empty unless something in them was found."""
        return marked(self.found.people) if self.found.people.marks else SafeString("")

    @property
    def snippet(self) -> SafeString:
        """A stretch of the text or of an attachment, likewise."""
        return marked(self.found.snippet)

    def as_json(self) -> dict[str, Any]:
        """For programs; marks are ranges [start, end) of `snippet`, counted in characters."""
        return {
            "kind": self.found.owner_kind,
            "id": str(self.found.owner_id),
            "letter": str(self.found.letter),
            "url": self.url,
            "title": self.found.title.text,
            "number": self.found.number.text,
            "sender": self.sender,
            "state": self.state,
            "at": self.found.at.isoformat(),
            "snippet": self.found.snippet.text,
            "marks": [list(mark) for mark in self.found.snippet.marks],
        }


@dataclass(frozen=True)
class ResultsPage:
    """A page of results, newest first; `after` leads to the next one."""

    results: Sequence[Result]
    more: bool
    after: str


def results_page(actor: Actor, query: str, after: str | None = None) -> ResultsPage:
    """What `find` finds, as it stands now; what the actor may no longer see is left out. Raises SearchUnavailable."""
    if not query:
        return ResultsPage([], more=False, after="")
    results = find(actor, query, after)
    letters, envelopes = _letters(actor, results.items), _envelopes(actor, results.items)
    shown = []
    for found in results.items:
        if found.owner_kind == "letter" and found.owner_id in letters:
            shown.append(_of_letter(found, letters[found.owner_id]))
        elif found.owner_id in envelopes:
            shown.append(_of_notice(found, envelopes[found.owner_id]))
    return ResultsPage(shown, results.more, results.after)


def marked(snippet: Snippet) -> SafeString:
    """The text as HTML with its ranges in <mark>."""
    parts, end = [], 0
    for start, stop in snippet.marks:
        parts += [escape(snippet.text[end:start]), "<mark>", escape(snippet.text[start:stop]), "</mark>"]
        end = stop
    # Every piece of text was escaped above; the tags are ours.
    return mark_safe("".join([*parts, escape(snippet.text[end:])]))


def _letters(actor: Actor, items: Sequence[Found]) -> dict[UUID, Letter]:
    ids = [found.owner_id for found in items if found.owner_kind == "letter"]
    letters = visible_letters(actor).filter(id__in=ids).defer("body", "dispatch_json") if ids else []
    return {letter.id: letter for letter in letters}


def _envelopes(actor: Actor, items: Sequence[Found]) -> dict[UUID, Envelope]:
    ids = [found.owner_id for found in items if found.owner_kind == "notice"]
    notices: list[Notice] = list(visible_notices(actor).filter(id__in=ids)) if ids else []
    return {envelope.notice.id: envelope for envelope in envelopes_of(notices)}


def _of_letter(found: Found, letter: Letter) -> Result:
    return Result(
        found=found,
        url=reverse("letter", args=[letter.id]),
        sender=letter.agency.local_name,
        sector=letter.agency.sector,
        kind_word="",
        state=letter.state_word,
    )


def _of_notice(found: Found, envelope: Envelope) -> Result:
    notice = envelope.notice
    is_incoming = notice.mailbox.kind == "agency"
    registered = getattr(notice, "registration", None) is not None
    return Result(
        found=found,
        url=reverse("incoming_letter" if is_incoming else "notice", args=[notice.id]),
        sender=envelope.sender,
        sector=envelope.sector,
        kind_word=envelope.kind_word,
        state="registered" if registered else envelope.state,
        party="" if is_incoming else envelope.party,
    )
