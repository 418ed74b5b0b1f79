"""The sequencer: gives committed events their place in the tree, and publishes the signed head of the tree.

Writers do not wait for it, and readers see places only under a published checkpoint, in commit order and without gaps.
Any number of processes may call `sequence_pending`; of two that extend the same head, the database lets one through.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from signing.evidence.bulk import place_events
from signing.evidence.errors import LogBroken
from signing.evidence.leaves import leaf_of
from signing.evidence.models import Checkpoint, Event, Tile
from signing.evidence.tiles import grown_tiles, save_tiles
from signing.merkle import Frontier, leaf_hash
from signing.notes import Head, InvalidNote, NoteKey, format_checkpoint, open_checkpoint, sign_note
from signing.services import log_certificate, sign_log

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sequenced:
    """An event that has just become visible at `index`; the ids are its topics."""

    index: int
    kind: str
    subject: UUID
    agency: UUID | None
    mailbox: UUID | None
    letter: UUID | None


Listener = Callable[[Sequence[Sequenced]], None]
_listeners: list[Listener] = []


class _Overtaken(Exception):
    """Another sequencer extended the head first."""


def on_sequenced(listener: Listener) -> Listener:
    """Call `listener` in this process after each publication, in the sequencer's thread: a hint, never a duty."""
    _listeners.append(listener)
    return listener


def stop_telling(listener: Listener) -> None:
    """The inverse of `on_sequenced`."""
    _listeners.remove(listener)


def sequence_pending(limit: int = 5_000) -> int:
    """Place up to `limit` pending events in the tree and publish its new head. Returns how many; 0 when there are none
    or another sequencer was quicker.

    Raises LogBroken when the stored log contradicts itself, KeyUnavailable when the log's key does not answer; then
    nothing has changed, and the next call starts from the same state. So does the first call after a crash.
    """
    if not Event.objects.filter(index=None).exists():
        return 0
    # The head before the events: were it read after them, they could already be part of it.
    last = latest_checkpoint()
    frontier = _frontier_of(last)
    size = frontier.size
    events = list(Event.objects.filter(index=None).order_by("serial")[:limit])
    if not events:
        return 0
    leaves = [leaf_hash(leaf_of(event)) for event in events]
    for leaf in leaves:
        frontier.append(leaf)
    tiles = grown_tiles(size, leaves)
    # Signed before the transaction, so that a slow key holds up no writer. A head whose commit fails has left this
    # process for nobody; only the row makes it public.
    checkpoint = _sign_head(frontier, last)
    try:
        with transaction.atomic():
            _publish(checkpoint, events, tiles)
    except _Overtaken:
        return 0
    _tell_listeners([_sequenced(index, event) for index, event in enumerate(events, size)])
    return len(events)


def latest_checkpoint() -> Checkpoint | None:
    """The newest published head, or None while the log is empty."""
    return Checkpoint.objects.order_by("-size").first()


def log_key() -> NoteKey:
    """The public key of this log's checkpoints, named by the log's origin. Raises KeyUnavailable."""
    public_key = x509.load_der_x509_certificate(log_certificate()).public_key()
    return NoteKey(settings.EVIDENCE_LOG_ORIGIN, cast(Ed25519PublicKey, public_key).public_bytes_raw())


def _frontier_of(last: Checkpoint | None) -> Frontier:
    if last is None:
        return Frontier()
    try:
        frontier = Frontier.parse(last.size, bytes(last.frontier))
        head = open_checkpoint(last.note, log_key())
    except (ValueError, InvalidNote) as error:
        raise LogBroken(f"checkpoint {last.size}: {error}") from error
    if head != Head(settings.EVIDENCE_LOG_ORIGIN, last.size, frontier.root()) or head.root != bytes(last.root):
        raise LogBroken(f"checkpoint {last.size}: what is signed differs from what is stored")
    return frontier


def _sign_head(frontier: Frontier, last: Checkpoint | None) -> Checkpoint:
    root, now = frontier.root(), timezone.now()
    note = sign_note(format_checkpoint(settings.EVIDENCE_LOG_ORIGIN, frontier.size, root), log_key(), sign_log)
    return Checkpoint(
        size=frontier.size,
        extends=last.size if last else 0,
        root=root,
        frontier=bytes(frontier),
        note=note,
        # Heads never go back in time, even when the clock does.
        published_at=max(now, last.published_at) if last else now,
    )


def _publish(checkpoint: Checkpoint, events: Sequence[Event], tiles: Sequence[Tile]) -> None:
    try:
        # First of all: the unique `extends` lets one sequencer pass and makes the other wait, then fail.
        with transaction.atomic():
            checkpoint.save(force_insert=True)
    except IntegrityError:
        raise _Overtaken from None
    places = [(index, event.serial) for index, event in enumerate(events, checkpoint.extends)]
    placed = place_events(places)
    if placed != len(places):
        raise LogBroken(f"{len(places)} events were to be placed, {placed} could be")
    save_tiles(tiles)


def _sequenced(index: int, event: Event) -> Sequenced:
    return Sequenced(index, event.kind, event.subject, event.agency, event.mailbox, event.letter)


def _tell_listeners(sequenced: Sequence[Sequenced]) -> None:
    for listener in _listeners:
        try:
            listener(sequenced)
        except Exception:
            # Published is published: a socket that cannot be told finds out from the feed.
            logger.exception("a listener failed for %d events", len(sequenced))
