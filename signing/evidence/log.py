"""The only writer of facts. What was not recorded here did not happen; what was recorded is never changed.

Recording is not yet proof: `checkpoints.sequence_pending` puts committed events into the signed tree a moment later.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from signing.canonical import canonical
from signing.evidence.bulk import insert_rows
from signing.evidence.models import EVENT_VERSION, Event, Handoff
from signing.evidence.subscriptions import rank_of, subscribers
from signing.evidence.wakeup import wake
from signing.ids import uuid7

SYSTEM = "system"
_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)+", re.ASCII)
_ACTOR = re.compile(r"system|person:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_SALT_BYTES = 16


class OutsideTransaction(RuntimeError):
    """A fact must be recorded in the transaction that makes it true; there is none."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One row of a batch; `mailbox` is the topic of its recipient, `letter` overrides the batch's."""

    subject: UUID
    facts: Mapping[str, Any]
    mailbox: UUID | None = None
    letter: UUID | None = None


def record(  # noqa: PLR0913 - each is a column, and all but four are named
    kind: str,
    subject: UUID,
    actor: str,
    at: datetime,
    *,
    facts: Mapping[str, Any],
    agency: UUID | None = None,
    mailbox: UUID | None = None,
    letter: UUID | None = None,
) -> Event:
    """Record that `kind` happened to `subject` at `at` by `actor` ("person:<uuid>" or "system") and tell subscribers.

    `agency` and `mailbox` are the topics that hear of it, `letter` the timeline it appears in; together with the actor
    they are added to the facts, so that the tree binds them too. Raises OutsideTransaction when there is no open
    transaction, ValueError for a malformed argument, NotCanonical for facts that are not JSON.
    """
    _check_call(kind, actor, at)
    topics = {"actor": actor, "agency": agency, "mailbox": mailbox, "letter": letter}
    event = Event.objects.create(
        kind=kind,
        subject=subject,
        actor=actor,
        at=at.astimezone(UTC),
        facts=_facts_text(facts, topics),
        salt=secrets.token_bytes(_SALT_BYTES),
        agency=agency,
        mailbox=mailbox,
        letter=letter,
    )
    now = timezone.now()
    Handoff.objects.bulk_create(
        Handoff(event=event, handler=name, rank=rank_of(name), created_at=now, due_at=now) for name in subscribers(kind)
    )
    transaction.on_commit(wake)
    return event


def record_batch(
    kind: str,
    rows: Sequence[NewEvent],
    actor: str,
    at: datetime,
    *,
    agency: UUID | None = None,
    letter: UUID | None = None,
) -> list[UUID]:
    """Record many events of one kind at once, in the order given; returns their ids.

    Handlers are not told one by one: a kind with subscribers is refused (ValueError), so that none waits in vain.
    Record one event for the whole batch beside it. Otherwise as `record`.
    """
    _check_call(kind, actor, at)
    if subscribers(kind):
        raise ValueError(f"{kind} has subscribers, who would never hear of a batch")
    values = []
    for row in rows:
        timeline = row.letter or letter
        topics = {"actor": actor, "agency": agency, "mailbox": row.mailbox, "letter": timeline}
        facts, salt = _facts_text(row.facts, topics), secrets.token_bytes(_SALT_BYTES)
        values.append((uuid7(), row.subject, facts, salt, row.mailbox, timeline))
    common = {"version": EVENT_VERSION, "kind": kind, "actor": actor, "at": at.astimezone(UTC), "agency": agency}
    insert_rows(Event, ("id", "subject", "facts", "salt", "mailbox", "letter"), values, common)
    transaction.on_commit(wake)
    return [event_id for event_id, *_ in values]


def _check_call(kind: str, actor: str, at: datetime) -> None:
    if not connection.in_atomic_block:
        raise OutsideTransaction(f"{kind} must be recorded inside the transaction that makes it true")
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is no kind of event")
    if not _ACTOR.fullmatch(actor):
        raise ValueError(f"{actor!r} is no actor")
    if timezone.is_naive(at):
        raise ValueError("the time of an event needs a time zone")


def _facts_text(facts: Mapping[str, Any], topics: Mapping[str, UUID | str | None]) -> str:
    bound = {name: str(value) for name, value in topics.items() if value is not None}
    taken = [name for name in topics if name in facts and facts[name] != bound.get(name)]
    if taken:
        raise ValueError(f"facts contradict the event's own {', '.join(taken)}")
    return canonical({**facts, **bound}).decode("utf-8")
