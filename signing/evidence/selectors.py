"""Reads for timelines and for the operators' page. None of them checks access: callers do, before they ask."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Count, Q

from signing.evidence.models import Event, Handoff


def events_of(
    *,
    letter: UUID | None = None,
    subject: UUID | None = None,
    kinds: Collection[str] | None = None,
    limit: int = 500,
) -> list[Event]:
    """The first `limit` events of a letter's timeline or of one subject, oldest first, optionally of some kinds only.

    The timeline of a run holds an event per recipient: name the kinds, or read by subject. Raises ValueError unless
    exactly one of `letter` and `subject` is given.
    """
    if (letter is None) == (subject is None):
        raise ValueError("name a letter or a subject")
    chosen = Q(letter=letter) if letter is not None else Q(subject=subject)
    events = Event.objects.filter(chosen)
    if kinds is not None:
        events = events.filter(kind__in=kinds)
    return list(events.order_by("serial")[:limit])


def get_events(ids: Collection[UUID]) -> list[Event]:
    """The events of these public ids, oldest first; unknown ids are missing from the answer."""
    return list(Event.objects.filter(id__in=ids).order_by("serial"))


def handoff_counts() -> dict[str, int]:
    """How many handoffs there are by state ("open", "done", "dead"); every state is named."""
    counted = Handoff.objects.values_list("state").annotate(Count("pk")).order_by()
    return {state.value: 0 for state in Handoff.State} | dict(counted)


def dead_handoffs(limit: int = 100) -> list[Handoff]:
    """The dead letters with their events, newest first."""
    dead = Handoff.objects.filter(state=Handoff.State.DEAD).select_related("event")
    return list(dead.order_by("-created_at")[:limit])


def waiting_handoffs(limit: int = 100) -> list[Handoff]:
    """Open handoffs that have failed at least once, with their events, next due first."""
    waiting = Handoff.objects.filter(state=Handoff.State.OPEN, attempts__gt=0).select_related("event")
    return list(waiting.order_by("due_at")[:limit])


def pending_events() -> int:
    """How many committed events wait for their place in the tree."""
    return Event.objects.filter(index=None).count()
