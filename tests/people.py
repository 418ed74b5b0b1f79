"""The cast of the tests, and the short ways to a letter in each state. Two agencies, two citizens, and a stranger to all.

فرزانه writes and بهمن signs for the roads ministry; لاله writes and نادر signs for the registry; مهرناز receives,
کاوه is the stranger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

from django.test import Client
from django.utils import timezone

from config.demo.country import synthetic_code, synthetic_company
from correspondence.directory.access import Actor, actor_of
from correspondence.directory.models import Agency, Person, RegisteredPerson, Role
from correspondence.directory.sms import development_codes
from correspondence.models import Letter
from correspondence.recipients import read_recipients
from correspondence.services import (
    AddresseeDraft,
    Draft,
    add_attachment,
    approve_letter,
    compose_letter,
    dispatch_letter,
    send_signing_code,
    set_recipients,
    submit_letter,
)
from signing.evidence.checkpoints import sequence_pending
from signing.evidence.outbox import drain
from signing.services import PLATFORM, ensure_key

# Name and text.
File = tuple[str, str]
BODY = "با سلام، نشانی ملک را **اصلاح** کنید.\n\n- مدارک را بیاورید.\n- کد پیگیری را نگه دارید."


@dataclass(frozen=True)
class Office:
    """An agency with its clerk and its approver."""

    agency: Agency
    clerk: Person
    approver: Person

    @property
    def writer(self) -> Actor:
        """The clerk as an actor, with the rights of this moment."""
        return actor_of(self.clerk, timezone.now())

    @property
    def signer(self) -> Actor:
        """The approver as an actor."""
        return actor_of(self.approver, timezone.now())


@dataclass(frozen=True)
class Cast:
    """Everyone."""

    ministry: Office
    registry: Office
    mehrnaz: Person
    kaveh: Person


def make_cast() -> Cast:
    """The cast in the database, with keys for the seals and for those who sign."""
    ensure_key(PLATFORM, name="کارپوشه")
    ministry = make_office(1, "وزارت راه نمونه", "ministry", "فرزانه اردلان", "بهمن راد")
    registry = make_office(2, "سازمان ثبت نمونه", "ministry", "لاله پاکزاد", "نادر فرهودی")
    return Cast(ministry, registry, make_person(11, "مهرناز کیانی"), make_person(12, "کاوه دلاور"))


def make_office(serial: int, name: str, sector: str, clerk: str, approver: str) -> Office:
    """An agency whose people have the serials `100·serial + 1` and `+ 2`."""
    agency = Agency.objects.create(
        national_id=synthetic_company(serial),
        code=str(100 + serial),
        name=name,
        name_en=f"Agency {serial}",
        sector=sector,
    )
    ensure_key(f"seal:{agency.national_id}", name=name)
    office = Office(agency, make_person(100 * serial + 1, clerk), make_person(100 * serial + 2, approver))
    now = timezone.now()
    give_role(office.clerk, agency, Role.Right.CLERK, now)
    give_role(office.approver, agency, Role.Right.APPROVER, now)
    ensure_key(f"person:{office.approver.id}", name=approver, organisation=name, title="مدیرکل")
    return office


def give_role(person: Person, agency: Agency, right: str, at: datetime) -> Role:
    """A role from `at` on, with a title."""
    return Role.objects.create(person=person, agency=agency, right=right, title="مدیرکل", valid_from=at)


def make_person(serial: int, name: str, *, mobile: str | None = None) -> Person:
    """A person whom the register knows, with a mobile unless `mobile` is empty."""
    code = synthetic_code(serial)
    known = f"+98999{serial:07d}" if mobile is None else mobile
    RegisteredPerson.objects.create(national_code=code, full_name=name, mobile=known)
    return Person.objects.create(national_code=code, full_name=name)


def sign_in(client: Client, person: Person) -> Client:
    """Sign the person in through the door, by national code and the code that was sent."""
    client.post("/sign-in/", {"national_code": person.national_code})
    response = client.post("/sign-in/code/", {"code": development_codes()[0].code})
    assert response.status_code == 302
    return client


def draft_to(*people: Person, subject: str = "اصلاح نشانی پلاک ۱۲۳/۴۵", body: str = BODY) -> Draft:
    """A letter to people by name."""
    addressees = [AddresseeDraft("to", person.national_code, person.full_name) for person in people]
    return Draft(subject=subject, salutation="با سلام و احترام؛", body=body, addressees=addressees)


def submitted_letter(office: Office, draft: Draft, recipients: str = "", file: File | None = None) -> Letter:
    """A letter that waits for its signature; `recipients` is a list as CSV, `file` a text file by name and content."""
    letter = compose_letter(office.writer, office.agency.id, draft, at=timezone.now())
    if file:
        name, text = file
        stream = BytesIO(text.encode())
        add_attachment(office.writer, letter.id, stream, name, "text/plain", at=timezone.now())
    if recipients:
        set_recipients(office.writer, letter.id, read_recipients(recipients.encode(), "list.csv"), at=timezone.now())
    submit_letter(office.writer, letter.id, at=timezone.now())
    letter.refresh_from_db()
    return letter


def approved_letter(office: Office, draft: Draft, recipients: str = "", file: File | None = None) -> Letter:
    """A letter that was signed."""
    letter = submitted_letter(office, draft, recipients, file)
    challenge = send_signing_code(office.signer, letter.id, address="test", at=timezone.now())
    approve_letter(
        office.signer,
        letter.id,
        revision_sha256=letter.revisions.latest("ordinal").sha256,
        challenge_id=challenge,
        code=development_codes()[0].code,
        at=timezone.now(),
    )
    letter.refresh_from_db()
    return letter


def dispatched_letter(office: Office, draft: Draft, recipients: str = "", file: File | None = None) -> Letter:
    """A letter that was sent, with all background work done and every event in the log."""
    letter = approved_letter(office, draft, recipients, file)
    dispatch_letter(office.writer, letter.id, at=timezone.now())
    settle()
    letter.refresh_from_db()
    return letter


def settle() -> None:
    """Do all background work and sequence all events."""
    drain()
    while sequence_pending():
        pass


def recipients_csv(serials: Sequence[int], column: str = "مبلغ") -> str:
    """A list of recipients with one merge field."""
    rows = [f"{synthetic_code(serial)},شهروند {serial},{1000 + serial}" for serial in serials]
    return "\n".join([f"کد ملی,نام و نام خانوادگی,{column}", *rows])


def missing_id() -> UUID:
    """An id that belongs to nothing."""
    return UUID(int=0)
