"""Events make work: who subscribes, how a handler's attempt begins and ends, and what happens when it fails.

    @on("letter.dispatched")
    def seal_letter(handoff: Handoff) -> None:
        sealed = ...                      # slow or outside work, no transaction; handoff.id is the idempotency key
        with finishing(handoff):          # one durable transaction; Handoff.Lost when the lease is no longer ours
            ...                           # write the result, record the next event

Effects in the database happen exactly once, outside ones at least once. `worker` runs this for ever, `drain` once.
"""

import logging
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from signing.evidence.errors import HandoffNotDead
from signing.evidence.log import record
from signing.evidence.models import Event, Handoff
from signing.evidence.subscriptions import Handler, find_handler, on, rank_of, subscribers
from signing.evidence.wakeup import wake
from signing.ids import uuid7

__all__ = [
    "Handler",
    "Handoff",
    "HandoffNotDead",
    "Reject",
    "Retry",
    "attempt",
    "backfill",
    "claim",
    "drain",
    "finishing",
    "keeping",
    "on",
    "retry",
    "wake",
]

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
_ERROR_LENGTH = 2_000

logger = logging.getLogger(__name__)


class Retry(Exception):
    """Not now: try again `after` (None: by the usual growing pause). Counts as an attempt."""

    def __init__(self, after: timedelta | None, reason: str) -> None:
        super().__init__(reason)
        if after is not None and not isinstance(after, timedelta):
            raise TypeError("the pause is a timedelta")
        self.after = after


class Reject(Exception):
    """Never: trying again cannot help. The handoff goes to the dead letters at once, where operators see the reason."""


class _NotFinished(Exception):
    """The handler returned without `finishing`: a mistake in the program."""


def claim(limit: int = 1, *, now: datetime | None = None) -> list[Handoff]:
    """Take up to `limit` due handoffs under a lease of LEASE from now: duties before courtesies, then oldest first.

    Each counts as an attempt. Of two workers that claim at once each row goes to one: the update repeats the condition,
    the token tells who won.
    """
    now = now or timezone.now()
    due = dict(_claimable(now).order_by("rank", "due_at", "id").values_list("pk", "attempts")[:limit])
    if not due:
        # The usual case, and it took no write lock.
        return []
    token = uuid7()
    with transaction.atomic():
        _bury_killers(pk for pk, attempts in due.items() if attempts >= MAX_ATTEMPTS)
        _claimable(now).filter(pk__in=due).update(
            lease_token=token, lease_until=timezone.now() + LEASE, attempts=F("attempts") + 1
        )
    return list(Handoff.objects.filter(lease_token=token).select_related("event").order_by("rank", "due_at", "id"))


@contextmanager
def finishing(handoff: Handoff) -> Iterator[None]:
    """One durable transaction that keeps the block's writes and marks the handoff done, or keeps nothing.

    Raises Handoff.Lost, before the block runs, when another worker took the handoff over meanwhile.
    """
    now = timezone.now()
    with transaction.atomic(durable=True):
        # First the mark, which locks the row: nobody can take the handoff over between the check and the commit.
        _update_leased(handoff, state=Handoff.State.DONE, done_at=now, lease_until=None, error="")
        yield
    handoff.state, handoff.done_at = Handoff.State.DONE, now


@contextmanager
def keeping(handoff: Handoff) -> Iterator[None]:
    """As `finishing`, but the work goes on: keeps one chunk's writes and renews the lease. The handler must be able to
    resume after the last chunk that was kept. Progress forgives the failures before it.
    """
    with transaction.atomic(durable=True):
        _update_leased(handoff, lease_until=timezone.now() + LEASE, attempts=1)
        yield
    handoff.attempts = 1


def attempt(handoff: Handoff, *, now: datetime | None = None) -> bool:
    """Run the handler of a claimed handoff once and write down how it ended. True when it is done."""
    try:
        _run(handoff)
    except Handoff.Lost:
        logger.warning("lease lost: %s", handoff)
    except Reject as reason:
        _bury(handoff, str(reason))
    except Retry as reason:
        _postpone(handoff, str(reason), reason.after, now)
    except Exception as error:
        # Whatever a handler may raise is one failed attempt of this handoff and must not hold up the others.
        logger.exception("attempt %d failed: %s", handoff.attempts, handoff)
        _postpone(handoff, f"{type(error).__name__}: {error}", None, now)
    return handoff.state == Handoff.State.DONE


def drain(now: datetime | None = None) -> int:
    """Run everything that is due by `now` (default: by the clock), and what that causes, until nothing is left.

    Returns the number of attempts. For tests and single runs; failures are on their rows, as in the worker.
    """
    attempts = 0
    while claimed := claim(limit=20, now=now):
        for handoff in claimed:
            attempt(handoff, now=now)
        attempts += len(claimed)
    return attempts


def retry(handoff_id: UUID, actor: str, at: datetime) -> None:
    """Arm a dead handoff again with all its attempts, due at once. Records `handoff.retried`.

    Raises HandoffNotDead when there is no such handoff or somebody was quicker. The caller checks who may do this.
    """
    with transaction.atomic():
        dead = Handoff.objects.filter(pk=handoff_id, state=Handoff.State.DEAD)
        handoff = dead.select_related("event").first()
        armed = dead.update(state=Handoff.State.OPEN, attempts=0, due_at=at, lease_token=None, lease_until=None)
        if handoff is None or armed != 1:
            raise HandoffNotDead
        event = handoff.event
        facts = {"handoff": str(handoff.pk), "handler": handoff.handler, "cause": str(event.id), "error": handoff.error}
        record("handoff.retried", event.subject, actor, at, facts=facts, agency=event.agency, letter=event.letter)


def backfill(handler: str, since: datetime) -> int:
    """Hand every event since `since` to a handler that did not exist when it was recorded. Returns how many.

    Raises ValueError for a name that is not subscribed to anything.
    """
    kinds = [kind for kind in Event.objects.values_list("kind", flat=True).distinct() if handler in subscribers(kind)]
    if find_handler(handler) is None:
        raise ValueError(f"no handler is called {handler}")
    now = timezone.now()
    missed = Event.objects.filter(kind__in=kinds, at__gte=since).exclude(handoffs__handler=handler).order_by("serial")
    rank = rank_of(handler)
    rows = [Handoff(event=e, handler=handler, rank=rank, created_at=now, due_at=now) for e in missed.iterator()]
    Handoff.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _claimable(now: datetime) -> QuerySet[Handoff]:
    # Leases are measured by the clock even when `now` lies ahead: a test that looks ahead must not steal.
    free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
    return Handoff.objects.filter(free, state=Handoff.State.OPEN, due_at__lte=now)


def _bury_killers(handoffs: Iterable[UUID]) -> None:
    # Attempts are counted when they begin, so work that kills its worker each time ends among the dead letters too.
    Handoff.objects.filter(pk__in=list(handoffs), attempts__gte=MAX_ATTEMPTS, state=Handoff.State.OPEN).update(
        state=Handoff.State.DEAD, error="the worker was lost during the last attempt"
    )


def _run(handoff: Handoff) -> None:
    handler = find_handler(handoff.handler)
    if handler is None:
        raise Retry(None, "this process has no such handler")
    handler(handoff)
    if handoff.state != Handoff.State.DONE:
        raise _NotFinished("the handler returned without finishing")


def _postpone(handoff: Handoff, reason: str, after: timedelta | None, now: datetime | None) -> None:
    if handoff.attempts >= MAX_ATTEMPTS:
        _bury(handoff, reason)
        return
    due_at = (now or timezone.now()) + (after if after is not None else _pause(handoff.attempts))
    _end_attempt(handoff, error=reason[:_ERROR_LENGTH], due_at=due_at, lease_until=None, lease_token=None)


def _pause(attempts: int) -> timedelta:
    longest = min(FIRST_PAUSE * int(4 ** (attempts - 1)), LONGEST_PAUSE)
    # Half fixed, half random: those that failed together do not come back together.
    return longest * (0.5 + secrets.randbelow(1_000) / 2_000)


def _bury(handoff: Handoff, reason: str) -> None:
    logger.error("dead after %d attempts: %s: %s", handoff.attempts, handoff, reason)
    _end_attempt(handoff, error=reason[:_ERROR_LENGTH], state=Handoff.State.DEAD, lease_until=None, lease_token=None)


def _end_attempt(handoff: Handoff, **changes: object) -> None:
    try:
        with transaction.atomic():
            _update_leased(handoff, **changes)
    except Handoff.Lost:
        # Somebody else is at it by now, and their outcome counts.
        logger.warning("lease lost: %s", handoff)


def _update_leased(handoff: Handoff, **changes: object) -> None:
    ours = Handoff.objects.filter(pk=handoff.pk, lease_token=handoff.lease_token, state=Handoff.State.OPEN)
    if ours.update(**changes) != 1:
        raise Handoff.Lost(str(handoff))
