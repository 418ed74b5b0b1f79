"""Letters on their real way, by the services, for the tests that need a whole one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from django.utils import timezone

from correspondence.directory.access import Actor, actor_of
from correspondence.directory.models import Agency, Person, Role
from correspondence.directory.sms import development_codes
from correspondence.models import Letter
from correspondence.services import (
    AddresseeDraft,
    Draft,
    add_attachment,
    approve_letter,
    compose_letter,
    dispatch_letter,
    send_signing_code,
    submit_letter,
)
from signing.services import PLATFORM, ensure_key


@dataclass(frozen=True)
class Office:
    """An agency with the one who writes and the one who signs."""

    agency: Agency
    clerk: Actor
    approver: Actor


def found_office(national_id: str, name: str, codes: tuple[str, str]) -> Office:
    """An agency with a clerk, an approver, and the keys that sending needs."""
    at = timezone.now() - timedelta(days=1)
    ensure_key(PLATFORM, name="سامانه")
    ensure_key("log", name="دفتر")
    agency = Agency.objects.create(national_id=national_id, code="102", name=name, name_en=name, sector="tax")
    ensure_key(f"seal:{national_id}", name=name)
    clerk, approver = (register_person(code, f"کارمند {code}") for code in codes)
    for person, right in ((clerk, Role.Right.CLERK), (approver, Role.Right.APPROVER)):
        Role.objects.create(person=person, agency=agency, right=right, title="کارشناس", valid_from=at)
    ensure_key(f"person:{approver.id}", name=approver.full_name, organisation=name, title="کارشناس")
    return Office(agency, act(clerk), act(approver))


def register_person(national_code: str, name: str) -> Person:
    """A person of the directory with a mobile."""
    return Person.objects.create(national_code=national_code, full_name=name, mobile=f"+98912{national_code[-7:]}")


def act(person: Person) -> Actor:
    """The person as an actor now."""
    return actor_of(person, timezone.now())


def write(office: Office, subject: str, body: str, recipients: list[str], *, attachment: str = "") -> Letter:
    """A draft of the office, perhaps with a text file."""
    addressees = [AddresseeDraft("to", code, f"گیرنده {code}") for code in recipients]
    draft = Draft(subject=subject, body=body, addressees=addressees, notice_kind="tax_assessment")
    letter = compose_letter(office.clerk, office.agency.id, draft, at=timezone.now())
    if attachment:
        stream = BytesIO(attachment.encode())
        add_attachment(office.clerk, letter.id, stream, "پیوست.txt", "text/plain", at=timezone.now())
    return letter


def send(office: Office, letter: Letter) -> None:
    """Submit, approve and dispatch; delivery is the outbox's."""
    now: datetime = timezone.now()
    revision = submit_letter(office.clerk, letter.id, at=now)
    challenge = send_signing_code(office.approver, letter.id, address="127.0.0.1", at=now)
    code = next(sent.code for sent in development_codes() if sent.purpose == f"sign:{revision.sha256}")
    approve_letter(
        office.approver, letter.id, revision_sha256=revision.sha256, challenge_id=challenge, code=code, at=now
    )
    dispatch_letter(office.clerk, letter.id, at=now)
