"""The whole log recomputed from its rows: places without gaps, leaves, tiles, every checkpoint's root and signature.

It finds what a superuser of the database changed, up to what he re-signed: whoever holds the log's key as well is found
only by a checkpoint that was kept elsewhere (`known`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from signing.evidence.checkpoints import latest_checkpoint, log_key
from signing.evidence.errors import LogBroken
from signing.evidence.leaves import FORMATS, leaf_of
from signing.evidence.models import Checkpoint, Event, Tile
from signing.evidence.selectors import pending_events
from signing.evidence.tiles import TileReader, split_hashes
from signing.merkle import Frontier, inclusion_proof, leaf_hash, root_of, verify_inclusion
from signing.notes import Head, InvalidNote, NoteKey, open_checkpoint

_REPORT_EVERY = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """The first broken record: what is wrong, at which place of the tree, in which event or checkpoint."""

    what: str
    index: int | None = None
    event: UUID | None = None
    checkpoint: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked. `root` (hex) is the head that it all adds up to; `pending` events are not in the tree yet."""

    events: int
    checkpoints: int
    pending: int
    root: str
    fault: Fault | None


def audit(known: Head | None = None, progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
    """Check the log up to its newest checkpoint, and that it extends `known`, a head from outside it.

    `progress` hears (events done, events in all). Raises KeyUnavailable when the log's certificate cannot be had.
    """
    last = latest_checkpoint()
    walk = _Walk(last.size if last else 0, known, log_key())
    fault = None
    try:
        for done in walk.steps():
            if done % _REPORT_EVERY == 0 or done == walk.size:
                progress(done, walk.size)
        _check_upper_tiles(walk.size)
        _check_beyond()
    except _Found as found:
        fault = found.fault
    return Report(walk.frontier.size, walk.checkpoints, pending_events(), walk.frontier.root().hex(), fault)


class _Found(Exception):
    def __init__(self, what: str, **where: Any) -> None:
        super().__init__(what)
        self.fault = Fault(what, **where)


class _Walk:
    """From the first event to the newest checkpoint; `frontier` is the tree of what was found right so far."""

    def __init__(self, size: int, known: Head | None, key: NoteKey) -> None:
        self.frontier = Frontier()
        self.size = size
        self.checkpoints = 0
        self._head_size = 0
        self._known = known
        self._key = key
        self._tile: list[bytes] = []
        self._heads = Checkpoint.objects.filter(size__lte=size).order_by("size").iterator()
        self._next_head = next(self._heads, None)

    def steps(self) -> Iterator[int]:
        self._check_known()
        for event in Event.objects.filter(index__lt=self.size).order_by("index").iterator(chunk_size=2_000):
            self._check_event(event)
            self._check_known()
            self._check_head()
            yield self.frontier.size
        if self.frontier.size < self.size:
            raise _Found("no event stands here, though the log had one", index=self.frontier.size)
        if self._known and self._known.size > self.size:
            raise _Found(f"the log was cut back: it once had {self._known.size} events", index=self.size)

    def _check_event(self, event: Event) -> None:
        index = self.frontier.size
        if event.index != index:
            raise _Found(f"no event stands here; the next one stands at {event.index}", index=index)
        leaf = leaf_hash(leaf_of(event)) if event.version in FORMATS else b""
        if leaf != self._leaf_in_tile(index):
            raise _Found(self._fault_at_leaf(index), index=index, event=event.id)
        if not _columns_agree(event):
            raise _Found("the event's topics or actor differ from its facts", index=index, event=event.id)
        self.frontier.append(leaf)

    def _leaf_in_tile(self, index: int) -> bytes | None:
        offset = index % Tile.WIDTH
        if offset == 0:
            tile = Tile.objects.filter(level=0, index=index // Tile.WIDTH).first()
            self._tile = split_hashes(bytes(tile.hashes)) if tile else []
        return self._tile[offset] if offset < len(self._tile) else None

    def _fault_at_leaf(self, index: int) -> str:
        head, stored = self._next_head, self._leaf_in_tile(index)
        if stored is None:
            return "the tile with the hash of the event is missing"
        # Event and tile disagree. If the tile's hash is proven by what was signed, it is the event that was changed.
        if head and self._is_proven(stored, index, head):
            return "the event differs from what was signed"
        return "the event and the stored tree differ"

    def _is_proven(self, leaf: bytes, index: int, head: Checkpoint) -> bool:
        try:
            proof = inclusion_proof(index, head.size, TileReader())
        except LogBroken:
            return False
        return verify_inclusion(leaf, index, head.size, proof, bytes(head.root))

    def _check_head(self) -> None:
        head = self._next_head
        if head is None or head.size > self.frontier.size:
            return
        fault = self._fault_of_head(head)
        if fault:
            raise _Found(fault, checkpoint=head.size)
        self._head_size = head.size
        self.checkpoints += 1
        self._next_head = next(self._heads, None)

    def _fault_of_head(self, head: Checkpoint) -> str | None:
        try:
            signed = open_checkpoint(head.note, self._key)
        except InvalidNote as error:
            return f"the checkpoint is not one of this log: {error}"
        if head.extends != self._head_size:
            return f"the checkpoint does not extend the one before it, which is of {self._head_size} events"
        if bytes(head.root) != self.frontier.root():
            return f"the events from {head.extends} on do not give the root of the checkpoint"
        if signed != Head(settings.EVIDENCE_LOG_ORIGIN, head.size, bytes(head.root)):
            return "what is signed in the checkpoint differs from its row"
        if bytes(head.frontier) != bytes(self.frontier):
            return "the frontier stored with the checkpoint is wrong"
        return None

    def _check_known(self) -> None:
        known = self._known
        if known and known.size == self.frontier.size and known.root != self.frontier.root():
            raise _Found("the log differs from the checkpoint kept outside it", checkpoint=known.size)


def _columns_agree(event: Event) -> bool:
    facts = event.read_facts()
    topics = {"actor": event.actor, "agency": event.agency, "mailbox": event.mailbox, "letter": event.letter}
    return all(facts.get(name) == (None if value is None else str(value)) for name, value in topics.items())


def _check_upper_tiles(size: int) -> None:
    """Each hash above level 0 must be the root of the full tile beneath it. Level 0 was compared with the events."""
    level, below = 0, size
    while below >= Tile.WIDTH:
        below //= Tile.WIDTH
        upper = b""
        full = Tile.objects.filter(level=level, index__lt=below, width=Tile.WIDTH).order_by("index")
        for position, tile in enumerate(full.iterator(chunk_size=100)):
            offset = position % Tile.WIDTH
            if offset == 0:
                above = Tile.objects.filter(level=level + 1, index=position // Tile.WIDTH).first()
                upper = bytes(above.hashes) if above else b""
            if upper[offset * 32 : offset * 32 + 32] != root_of(split_hashes(bytes(tile.hashes))):
                raise _Found(f"tile {level + 1}/{position // Tile.WIDTH} differs from the tiles beneath it")
        level += 1


def _check_beyond() -> None:
    # The event first: meanwhile the sequencer may publish more, but never an event without its checkpoint.
    highest = Event.objects.exclude(index=None).order_by("-index").first()
    last = latest_checkpoint()
    if highest and highest.index is not None and (last is None or highest.index >= last.size):
        raise _Found("the event has a place beyond every checkpoint", index=highest.index, event=highest.id)
