"""What the tree holds of an event: its envelope and a salted commitment to its facts, never the facts."""

import hashlib
from datetime import UTC, datetime

from signing.canonical import canonical
from signing.evidence.models import Event

FORMATS = {1: "karpusheh/event/1"}


def leaf_of(event: Event) -> bytes:
    """The canonical JSON (RFC 8785) that stands in the tree for this event; its version decides the form for ever.

    Raises KeyError for a version that this program does not know.
    """
    return canonical(
        {
            "format": FORMATS[event.version],
            "id": str(event.id),
            "kind": event.kind,
            "at": _instant(event.at),
            "subject": str(event.subject),
            "commitment": hashlib.sha256(bytes(event.salt) + event.facts.encode("utf-8")).hexdigest(),
        }
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
