"""Who takes part: agencies, people, companies, their roles, and the one-time codes that open the door.

Mailboxes are in `inbox`; what a person may do is decided in `access`; codes are made and checked in `codes`.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django_otp.models import Device

from correspondence.directory.numbering import INCOMING, OUTGOING, check_number_pattern
from signing.ids import uuid7


class Agency(models.Model):
    """A body that sends letters under its own seal (دستگاه)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    national_id = models.CharField(max_length=11, unique=True)
    code = models.CharField(max_length=8)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    parent = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=300, blank=True)
    sector = models.CharField(max_length=24)
    number_pattern = models.CharField(max_length=60, default=OUTGOING, validators=[check_number_pattern])
    incoming_pattern = models.CharField(max_length=60, default=INCOMING, validators=[check_number_pattern])

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def local_name(self) -> str:
        """The name in the reader's language; documents carry `name` always."""
        return self.name_en if get_language() == "en" and self.name_en else self.name


class PersonManager(BaseUserManager["Person"]):
    """People are made from the person register, never by sign-up."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(national_code=username)


class Person(AbstractBaseUser):
    """A natural person known by national code (کد ملی); bound once the code sent to the registered mobile is entered."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    national_code = models.CharField(max_length=10, unique=True)
    full_name = models.CharField(max_length=200)
    mobile = models.CharField(max_length=16, blank=True)
    bound_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "national_code"
    objects: ClassVar[PersonManager] = PersonManager()

    def __str__(self) -> str:
        return self.full_name

    def get_session_auth_hash(self) -> str:
        """A session dies as soon as the person's epoch is raised (signed out everywhere, role withdrawn)."""
        return salted_hmac("karpusheh.session", f"{self.pk}{self.session_epoch}", algorithm="sha256").hexdigest()


class Role(models.Model):
    """What a person may do for an agency, from–to, revocable; the title is printed under a signature."""

    class Right(models.TextChoices):
        CLERK = "clerk"
        APPROVER = "approver"
        ADMINISTRATOR = "administrator"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="roles")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="roles")
    right = models.CharField(max_length=16, choices=Right.choices)
    title = models.CharField(max_length=120)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "agency", "right"], condition=Q(revoked_at=None), name="one_open_role_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.right} {self.agency_id}"


class Company(models.Model):
    """A legal person that receives letters, known by شناسه ملی."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    national_id = models.CharField(max_length=11, unique=True)
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.name


class Representative(models.Model):
    """A person who reads a company's mailbox."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="representations")
    company = models.ForeignKey(Company, models.PROTECT, related_name="representatives")
    title = models.CharField(max_length=120)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "company"], condition=Q(revoked_at=None), name="one_open_representation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.company_id}"


class RegisteredPerson(models.Model):
    """The embedded stand-in for the national register of persons and mobiles (`registers.LocalRegister`)."""

    national_code = models.CharField(max_length=10, primary_key=True)
    full_name = models.CharField(max_length=200)
    mobile = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return self.full_name


class MobileDevice(Device):
    """The mobile that the register knows, as a second factor of django-otp; it keeps no code, only `CodeChallenge` does."""

    user = models.ForeignKey(Person, models.CASCADE, related_name="+")
    mobile = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="one_mobile_device_of_a_person")]

    def verify_token(self, token: str) -> bool:
        """Codes are checked against their challenge by `codes.check_code`, where purpose and session are known too."""
        return False

    def generate_challenge(self) -> Any:
        return None


class CodeChallenge(models.Model):
    """A one-time code that was sent: only its HMAC is kept, bound to person, purpose and browser session."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    national_code = models.CharField(max_length=10)
    address = models.CharField(max_length=64)
    purpose = models.CharField(max_length=80)
    code_hmac = models.BinaryField(max_length=32)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["national_code", "created_at"], name="challenge_of_person"),
            models.Index(fields=["address", "created_at"], name="challenge_of_address"),
            models.Index(fields=["created_at"], name="challenge_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.created_at:%F %T}"
