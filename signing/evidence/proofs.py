"""Evidence that leaves the house: events with their facts, salts and audit paths, under one published checkpoint.

Whoever holds them checks that SHA-256(salt || facts) is the leaf's commitment, that the path leads from the leaf to the
root, and that the log signed the checkpoint with that root. `signing.verify` does so for us.
"""

from collections.abc import Sequence
from typing import Any

from signing.evidence.checkpoints import latest_checkpoint
from signing.evidence.errors import NotYetPublished
from signing.evidence.leaves import leaf_of
from signing.evidence.models import Event
from signing.evidence.tiles import TileReader
from signing.merkle import Subtree
from signing.merkle import inclusion_proof as make_proof

FORMAT = "karpusheh/events/1"


def inclusion_proof(event: Event, size: int, subtree: Subtree | None = None) -> list[bytes]:
    """The audit path (RFC 9162 §2.1.3) of an event in the tree of `size`, leaf side first.

    Raises NotYetPublished when that tree does not contain it. `subtree` shares one TileReader between many proofs.
    """
    if event.index is None or event.index >= size:
        raise NotYetPublished
    return make_proof(event.index, size, subtree or TileReader())


def export_events(events: Sequence[Event]) -> tuple[dict[str, Any], str]:
    """The content of events.json for these events, and the text of the checkpoint it refers to.

    Raises NotYetPublished unless every one of them is under the latest published checkpoint.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise NotYetPublished
    tiles = TileReader()
    exported = [_export(event, checkpoint.size, tiles) for event in events]
    return {"format": FORMAT, "events": exported, "tree_size": checkpoint.size}, checkpoint.note


def _export(event: Event, size: int, tiles: TileReader) -> dict[str, Any]:
    return {
        "leaf": leaf_of(event).decode("utf-8"),
        "facts": event.read_facts(),
        "salt": bytes(event.salt).hex(),
        "index": event.index,
        "proof": [step.hex() for step in inclusion_proof(event, size, tiles)],
    }
