"""Tables of the evidence log: facts, the work they cause, and the signed tree above them.

`Event` rows are written by `log.record` only and never change, but for the tree position that the sequencer sets once
(triggers of the database refuse anything else). `Tile` and `Checkpoint` are written by `checkpoints` only.
"""

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from signing.ids import uuid7

EVENT_VERSION = 1


class Event(models.Model):
    """A fact: something that happened to `subject` at `at` by `actor` ("person:<uuid>" or "system").

    `facts` is canonical JSON (RFC 8785); the tree holds only SHA-256(salt || facts), so no personal data.
    `agency` and `mailbox` are the topics of those who may hear of it; `letter` gathers a timeline.
    Serials rise with causality even between machines whose clocks differ, hence the sequencer goes by them.
    """

    serial = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid7, unique=True, editable=False)
    version = models.SmallIntegerField(default=EVENT_VERSION)
    kind = models.CharField(max_length=64)
    subject = models.UUIDField()
    actor = models.CharField(max_length=64)
    at = models.DateTimeField()
    facts = models.TextField()
    salt = models.BinaryField(max_length=16)
    agency = models.UUIDField(null=True)
    mailbox = models.UUIDField(null=True)
    letter = models.UUIDField(null=True)
    index = models.BigIntegerField(null=True, unique=True, db_column="tree_index")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["serial"], condition=Q(index=None), name="event_pending"),
            models.Index(fields=["agency", "index"], condition=Q(agency__isnull=False), name="event_of_agency"),
            models.Index(fields=["mailbox", "index"], condition=Q(mailbox__isnull=False), name="event_of_mailbox"),
            models.Index(fields=["letter"], condition=Q(letter__isnull=False), name="event_of_letter"),
            models.Index(fields=["subject"], name="event_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def read_facts(self) -> dict[str, Any]:
        """The facts as an object."""
        facts: dict[str, Any] = json.loads(self.facts)
        return facts


class Handoff(models.Model):
    """One event that one handler has yet to act on. `id` is the idempotency key towards the outside."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        DEAD = "dead"

    class Lost(Exception):
        """The lease ended and somebody else may be at it: nothing of this attempt may be kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="handoffs")
    handler = models.CharField(max_length=160)
    # Duties (0) go before courtesies (1): a letter in its mailbox before the SMS that tells of it.
    rank = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "handler"], name="handoff_once")]
        indexes: ClassVar = [
            models.Index(fields=["rank", "due_at"], condition=Q(state="open"), name="handoff_open"),
            models.Index(fields=["created_at"], condition=Q(state="dead"), name="handoff_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.id}"


class Tile(models.Model):
    """Up to 256 hashes of the tree side by side (C2SP tlog-tiles): level 0 holds leaf hashes, level n+1 the roots
    of full tiles of level n. A tile only grows, so it serves proofs of every older size too.
    """

    WIDTH = 256

    level = models.SmallIntegerField()
    index = models.BigIntegerField(db_column="tile_index")
    width = models.SmallIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="tile_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A published signed head of the tree (C2SP tlog-checkpoint).

    `extends` is the size before; being unique, it makes two sequencers collide instead of forking the log.
    `frontier` holds the roots of the complete subtrees from left to right, 32 bytes each.
    """

    size = models.BigIntegerField(primary_key=True)
    extends = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    frontier = models.BinaryField()
    note = models.TextField()
    published_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"
