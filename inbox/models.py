"""Mailboxes and the notices in them. A notice is a letter as it lies in one mailbox.

Available, announced and opened are different facts with their own instants, written once and never changed.
"""

from django.db import models
from django.db.models import Q

from correspondence.directory.models import Person
from correspondence.models import Addressee, Letter
from signing.ids import uuid7


class Mailbox(models.Model):
    """The national inbox of a person, company or agency; it exists before its owner first signs in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Addressee.Kind.choices)
    party_id = models.CharField(max_length=11)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "party_id"], name="one_mailbox_of_a_party")]

    def __str__(self) -> str:
        return f"{self.kind} {self.party_id}"


class Notice(models.Model):
    """A letter in a mailbox. Notices of a run carry their own signed content; the others share the letter's."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="notices")
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="notices")
    row = models.PositiveIntegerField(null=True)
    role = models.CharField(max_length=2, choices=Addressee.Role.choices, default=Addressee.Role.TO)
    purpose = models.CharField(max_length=16, blank=True)
    number = models.CharField(max_length=80)
    verification_code = models.CharField(max_length=12, unique=True, blank=True, null=True)
    content = models.BinaryField(null=True)
    signature = models.BinaryField(null=True)
    dispatch_json = models.BinaryField(null=True)

    deposited_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True)
    first_viewed_at = models.DateTimeField(null=True)
    viewed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "row"], name="a_notice_per_row"),
            models.UniqueConstraint(fields=["letter", "mailbox"], condition=Q(row=None), name="a_notice_per_addressee"),
            models.CheckConstraint(
                condition=Q(row=None, content=None, signature=None, dispatch_json=None, verification_code=None)
                | Q(
                    row__gte=1,
                    content__isnull=False,
                    signature__isnull=False,
                    dispatch_json__isnull=False,
                    verification_code__isnull=False,
                ),
                name="shared_or_own_content",
            ),
            models.CheckConstraint(
                condition=Q(first_viewed_at=None, viewed_by=None)
                | Q(first_viewed_at__isnull=False, viewed_by__isnull=False),
                name="opened_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["mailbox", "-deposited_at", "-id"], name="mailbox_page"),
            models.Index(fields=["mailbox"], condition=Q(first_viewed_at=None), name="mailbox_unread"),
            models.Index(fields=["letter", "first_viewed_at"], name="notices_of_letter"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_opened(self) -> bool:
        """Whether somebody who may has opened it."""
        return self.first_viewed_at is not None

    @property
    def state(self) -> str:
        """The one state word of the notice for its recipient."""
        return "opened" if self.is_opened else "unopened"


class Undelivered(models.Model):
    """A row of a run's manifest that could not be delivered, and why; it never stops the others."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="undelivered")
    row = models.PositiveIntegerField()
    reason_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "row"], name="an_undelivered_row_once"),
            models.CheckConstraint(condition=Q(row__gte=1), name="undelivered_rows_of_the_list"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.row}"


class IncomingRegistration(models.Model):
    """The receiving secretariat's own number and date beside the sender's (ثبت وارده)."""

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="registration")
    number = models.CharField(max_length=80)
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.number
