"""Letters and what belongs to them. The way of a letter: draft → submitted → approved → dispatched → sealed.

Content lives in the draft's columns until it is submitted; from then on a `Revision` holds the exact bytes that are
approved, signed and sent. Recipients' mailboxes are in `inbox`, which this app has never heard of.
"""

from django.db import models
from django.db.models import Q

from correspondence.directory.models import Agency, Person
from signing.ids import uuid7

# What a letter must have in each state, and what it must not have yet.
_UNSIGNED = Q(approved_at=None, sealed_at=None)
_UNSENT = Q(dispatched_at=None, number="", dispatch_json=None, verification_code=None)
_SIGNED = Q(submitted_at__isnull=False, approved_at__isnull=False)
_SENT = Q(dispatched_at__isnull=False, dispatch_json__isnull=False, verification_code__isnull=False) & ~Q(number="")
_FACTS_OF_STATES = (
    (Q(state="draft") & _UNSIGNED & _UNSENT)
    | (Q(state="submitted", submitted_at__isnull=False) & _UNSIGNED & _UNSENT)
    | (Q(state="approved", sealed_at=None) & _SIGNED & _UNSENT)
    | (Q(state="dispatched", sealed_at=None) & _SIGNED & _SENT)
    | (Q(state="sealed", sealed_at__isnull=False) & _SIGNED & _SENT)
)


class Letter(models.Model):
    """A letter of an agency (نامهٔ صادره), to named addressees or to a list of recipients (a run)."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        APPROVED = "approved"
        DISPATCHED = "dispatched"
        SEALED = "sealed"

    class Classification(models.TextChoices):
        UNCLASSIFIED = "unclassified"
        RESTRICTED = "restricted"
        CONFIDENTIAL = "confidential"

    class Priority(models.TextChoices):
        NORMAL = "normal"
        URGENT = "urgent"
        IMMEDIATE = "immediate"

    class NoticeKind(models.TextChoices):
        """What the envelope says it is, before anyone opens it; the legal effect of opening follows from it."""

        LETTER = "letter"
        TAX_ASSESSMENT = "tax_assessment"
        COURT_SUMMONS = "court_summons"
        COURT_JUDGMENT = "court_judgment"
        INSURANCE_DEBT = "insurance_debt"
        INSURANCE_RECORD = "insurance_record"
        TRAFFIC_FINE = "traffic_fine"
        UTILITY_BILL = "utility_bill"
        BANK_STATEMENT = "bank_statement"
        MUNICIPAL_CHARGE = "municipal_charge"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="letters")
    author = models.ForeignKey(Person, models.PROTECT, related_name="authored_letters")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    subject = models.CharField(max_length=500, blank=True)
    salutation = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    classification = models.CharField(
        max_length=14, choices=Classification.choices, default=Classification.UNCLASSIFIED
    )
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.NORMAL)
    reply_due = models.DateField(null=True)
    notice_kind = models.CharField(max_length=20, choices=NoticeKind.choices, default=NoticeKind.LETTER)

    # Hashed with the recipients' rows: everyone on a list is given its hash, and must not guess at the others by it.
    manifest_salt = models.BinaryField(null=True, editable=False)

    return_reason = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    dispatched_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)

    number = models.CharField(max_length=80, blank=True)
    dispatch_json = models.BinaryField(null=True)
    verification_code = models.CharField(max_length=12, unique=True, blank=True, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["agency", "state", "-changed_at"], name="letters_of_agency"),
            models.Index(fields=["agency", "number"], name="letters_by_number"),
        ]
        constraints = [
            models.CheckConstraint(
                # سری and به‌کلی سری are not written here: such letters must not be on this network at all.
                condition=Q(classification__in=["unclassified", "restricted", "confidential"]),
                name="no_secret_letters",
            ),
            models.CheckConstraint(condition=Q(priority__in=["normal", "urgent", "immediate"]), name="known_priority"),
            models.UniqueConstraint(fields=["agency", "number"], condition=~Q(number=""), name="a_letter_number_once"),
            models.CheckConstraint(condition=_FACTS_OF_STATES, name="facts_fit_the_state"),
        ]

    def __str__(self) -> str:
        return self.number or self.subject

    @property
    def is_editable(self) -> bool:
        """Whether its content may still change."""
        return self.state == self.State.DRAFT

    @property
    def state_word(self) -> str:
        """Its state as pages name it: a returned draft is told from a new one, a number from a seal."""
        if self.state == self.State.DRAFT:
            return "returned" if self.return_reason else "draft"
        words = {
            self.State.SUBMITTED: "awaiting_signature",
            self.State.APPROVED: "signed",
            self.State.DISPATCHED: "being_sealed",
            self.State.SEALED: "dispatched",
        }
        return words[self.State(self.state)]

    @property
    def is_dispatched(self) -> bool:
        """Whether it has a number and is on its way or arrived."""
        return self.state in {self.State.DISPATCHED, self.State.SEALED}


class Addressee(models.Model):
    """A named receiver of a letter (گیرنده) or of a copy (رونوشت)."""

    class Role(models.TextChoices):
        TO = "to"
        CC = "cc"

    class Kind(models.TextChoices):
        PERSON = "person"
        COMPANY = "company"
        AGENCY = "agency"

    class Purpose(models.TextChoices):
        INFORMATION = "for_information"
        ACTION = "for_action"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="addressees")
    position = models.PositiveIntegerField()
    role = models.CharField(max_length=2, choices=Role.choices)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    party_id = models.CharField(max_length=11)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "kind", "party_id"], name="an_addressee_once"),
            models.CheckConstraint(condition=Q(kind__in=["person", "company", "agency"]), name="addressee_of_a_kind"),
            models.CheckConstraint(
                condition=Q(role="to", purpose="") | Q(role="cc", purpose__in=["for_information", "for_action"]),
                name="copies_have_a_purpose",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Recipient(models.Model):
    """A line of a recipients' list, accepted or refused with its reason; the accepted ones are the run's manifest."""

    id = models.BigAutoField(primary_key=True)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="recipients")
    line = models.PositiveIntegerField()
    row = models.PositiveIntegerField(null=True)
    kind = models.CharField(max_length=8, choices=Addressee.Kind.choices, blank=True)
    party_id = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=200, blank=True)
    fields = models.JSONField(default=dict)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal = models.CharField(max_length=300, blank=True)
    refusal_en = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "line"], name="a_line_once"),
            models.UniqueConstraint(fields=["letter", "row"], name="a_row_once"),
            models.CheckConstraint(
                condition=Q(row=None) & ~Q(refusal_code="")
                | Q(row__gte=1, refusal_code="", kind__in=["person", "company", "agency"]),
                name="accepted_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.party_id}"


class Relation(models.Model):
    """What the letter refers to: عطف، پیرو or بازگشت, by number and date as printed."""

    class Kind(models.TextChoices):
        IN_REPLY = "in_reply_to_received"
        FOLLOW_UP = "follow_up_own"
        REPLY_RETURN = "reply_return"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="relations")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=24, choices=Kind.choices)
    number = models.CharField(max_length=80)
    date = models.DateField(null=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.number


class Attachment(models.Model):
    """A file that goes with the letter; its bytes lie in the blob store under their SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.CASCADE, related_name="attachments")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=160)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    text_state = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "position"], name="a_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1, size__gte=1), name="attachments_count_from_one"),
        ]

    def __str__(self) -> str:
        return self.name


class Revision(models.Model):
    """The exact letter.json of a submission; never changed, also when the letter is returned and submitted anew."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, models.PROTECT, related_name="revisions")
    ordinal = models.PositiveIntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "ordinal"], name="a_revision_once"),
            models.CheckConstraint(condition=Q(ordinal__gte=1), name="revisions_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} #{self.ordinal}"


class Approval(models.Model):
    """A signatory's CAdES over a revision's letter.json (E-Commerce Act arts. 7 and 10)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.OneToOneField(Letter, models.PROTECT, related_name="approval")
    revision = models.OneToOneField(Revision, models.PROTECT, related_name="approval")
    signatory = models.ForeignKey(Person, models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    content = models.BinaryField()
    signature = models.BinaryField()
    signed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.letter_id} {self.signatory_id}"


class RegisterCounter(models.Model):
    """The last number given in a register (اندیکاتور) of an agency in a Jalali year; locked while a number is taken."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    register = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "register", "year"], name="one_counter")]

    def __str__(self) -> str:
        return f"{self.register} {self.year}: {self.last}"


class RegisterEntry(models.Model):
    """Numbers given, one entry for a letter or for the whole block of a run.

    The database refuses to change entries, and to add one that does not begin right after the last (see `migrations`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    register = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    subject = models.UUIDField()
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agency", "register", "year", "first"], name="a_number_once"),
            models.CheckConstraint(condition=Q(first__gte=1, last__gte=models.F("first")), name="a_block_runs_forward"),
            models.CheckConstraint(condition=Q(register__in=["outgoing", "incoming"]), name="known_register"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.year}: {self.first}–{self.last}"


class SealedDocument(models.Model):
    """The one sealed PDF of a letter or of a notice; the first writer wins, its bytes lie in the blob store."""

    subject = models.UUIDField(primary_key=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.subject}"
