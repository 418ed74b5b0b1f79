"""Finding letters and notices. The actor comes first; access is part of the engine's query, never a filter after it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from correspondence.directory.access import Actor
from inbox.selectors import mailbox_ids_of
from search.analysis import Snippet, highlight, query_terms, snippet
from search.backends.base import Hit, OwnerKind, scope, search_backend

PAGE = 20
MAX_PAGE = 100

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """A result as a page shows it. `owner_id` is the letter's or the notice's; an unopened notice has no title.

    `title`, `people`, `number` and `snippet` carry the ranges to mark; `snippet` is of the body or of an attachment.
    """

    owner_kind: OwnerKind
    owner_id: UUID
    letter: UUID
    at: datetime
    title: Snippet
    number: Snippet
    people: Snippet
    snippet: Snippet


@dataclass(frozen=True)
class Results:
    """A page of results, newest first; `after` leads to the next one and is empty on the last."""

    items: Sequence[Found]
    more: bool
    after: str


def find(actor: Actor, query: str, after: str | None = None, limit: int = PAGE) -> Results:
    """What the actor may see of what fulfils `query`. `after` is that of the page before; a malformed one is ignored.

    All words must be found, «quoted» ones in their order. Raises SearchUnavailable.
    """
    scopes = scopes_of(actor)
    hits = search_backend().find(scopes, query_terms(query), _place(after), max(1, min(limit, MAX_PAGE)))
    items = [_found(hit, query) for hit in hits.items if _is_allowed(hit, scopes)]
    last = str(hits.items[-1].place) if hits.more and hits.items else ""
    return Results(items, more=hits.more, after=last)


def scopes_of(actor: Actor) -> list[str]:
    """The scope tokens of the actor's agencies and mailboxes, and the actor's own."""
    agencies = [scope("agency", agency_id) for agency_id in actor.agency_ids]
    mailboxes = [scope("mailbox", mailbox_id) for mailbox_id in mailbox_ids_of(actor)]
    return [*agencies, *mailboxes, scope("person", actor.person_id)]


def _is_allowed(hit: Hit, scopes: Sequence[str]) -> bool:
    """Defence only: the engine was given the scopes already."""
    allowed = not set(scopes).isdisjoint(hit.scopes)
    if not allowed:
        logger.error("the search engine answered with a document outside the asked scopes: %s", hit.owner_id)
    return allowed


def _place(after: str | None) -> int | None:
    if not after or len(after) > 19 or not (after.isascii() and after.isdigit()):
        return None
    return min(int(after), 2**63 - 1)


def _found(hit: Hit, query: str) -> Found:
    return Found(
        owner_kind=hit.owner_kind,
        owner_id=hit.owner_id,
        letter=hit.letter,
        at=hit.at,
        title=_marked(hit.title, query),
        number=_marked(hit.number, query),
        people=_marked(hit.people, query),
        snippet=_best_snippet(hit, query),
    )


def _marked(text: str, query: str) -> Snippet:
    return Snippet(text, highlight(text, query))


def _best_snippet(hit: Hit, query: str) -> Snippet:
    body = snippet(hit.body, query)
    if body.marks or not hit.attachments:
        return body
    attachment = snippet(hit.attachments, query)
    return attachment if attachment.marks else body
