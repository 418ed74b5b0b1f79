"""The commit-ordered feed: what became public after a place in the tree, for the topics of one reader.

Nothing appears later below a place that was read: places are given by one sequencer and become visible all at once.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.db.models import QuerySet

from signing.evidence.checkpoints import latest_checkpoint
from signing.evidence.models import Event


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One event at its place in the tree; `letter` names its timeline, `agency` the sender's topic."""

    index: int
    kind: str
    subject: UUID
    letter: UUID | None
    agency: UUID | None


def head() -> int:
    """The last place that is public; -1 while the log is empty."""
    last = latest_checkpoint()
    return last.size - 1 if last else -1


def events_after(
    index: int, *, agencies: Sequence[UUID] = (), mailboxes: Sequence[UUID] = (), limit: int = 500
) -> list[FeedItem]:
    """Up to `limit` events after place `index` (-1: from the first) of any of these topics, in the order of the tree.

    Checks no access: the caller names the topics that its actor may hear of. If `limit` came back, ask again after the
    last one's index.
    """
    # One range scan per topic: an OR over two columns would walk the whole log instead.
    after = Event.objects.filter(index__gt=index).order_by("index")
    found = [
        *(_items(after.filter(agency=agency)[:limit]) for agency in agencies),
        *(_items(after.filter(mailbox=mailbox)[:limit]) for mailbox in mailboxes),
    ]
    by_place = {item.index: item for item in heapq.merge(*found, key=lambda item: item.index)}
    return list(by_place.values())[:limit]


def _items(events: QuerySet[Event]) -> list[FeedItem]:
    rows = events.values_list("index", "kind", "subject", "letter", "agency")
    return [FeedItem(cast(int, index), kind, subject, letter, agency) for index, kind, subject, letter, agency in rows]
