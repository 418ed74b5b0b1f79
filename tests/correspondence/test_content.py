"""letter.json and dispatch.json: their bytes are signed and kept for ever, so they are compared with files."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
import rfc8785
from django.db import IntegrityError, transaction
from django.utils import timezone as django_timezone

from correspondence import content
from correspondence.content import (
    RunContent,
    dispatch_content,
    letter_content,
    manifest_of,
    signed_content,
    timestamp_text,
)
from correspondence.directory.models import Agency, Person
from correspondence.models import Addressee, Approval, Attachment, Letter, Recipient, Relation
from correspondence.registry import NumberBlock
from correspondence.services import AddresseeDraft, Draft, dispatch_letter
from inbox.models import Notice
from signing.canonical import canonical, digest
from tests.people import Cast, approved_letter, dispatched_letter, recipients_csv, settle

GOLDEN = Path(__file__).parent / "golden"
AT = datetime(2026, 11, 22, 7, 12, 7, 123_456, tzinfo=UTC)
SIGNATORY = {
    "id": "01990000-0000-7000-8000-000000000009",
    "name": "پریسا یزدان‌پناه",
    "title": "مدیرکل",
    "on_behalf_of": None,
}
BLOCK = NumberBlock("outgoing", 1405, 4581, 4582, "{year}/{code}/{index}", "102")
NOTICE = UUID("01990000-0000-7000-8000-00000000000a")


@pytest.fixture
def letter(db: None, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """A letter of which every byte is known: its ids, its template, and the randomness of its code."""
    monkeypatch.setattr(content, "TEMPLATE", {"name": "letter/1", "sha256": "0" * 64})
    monkeypatch.setattr("secrets.token_bytes", lambda count: bytes(range(count)))
    agency = Agency.objects.create(
        id="01990000-0000-7000-8000-000000000001", national_id="14000000018", code="102", name="وزارت راه و شهرسازی نمونه",
        name_en="Sample Ministry of Roads", parent="جمهوری نمونه", unit="دفتر طرح‌های شهری",
        address="سپیدرود، خیابان آبان، شمارهٔ ۱۲", sector="roads",
    )  # fmt: skip
    author = Person.objects.create(national_code="9990000018", full_name="فرزانه اردلان")
    letter = Letter.objects.create(
        id="01990000-0000-7000-8000-000000000002", agency=agency, author=author, subject="طرح تفصیلی {{محدوده}}",
        salutation="با سلام و احترام؛", body="با **رعایت** «ماده ۵» موافقت شد: {{محدوده}}\n\n- ۱۲٬۴۰۰ متر\u200cمربع",
        classification="restricted", priority="urgent", reply_due=date(2026, 12, 5), created_at=AT, changed_at=AT,
    )  # fmt: skip
    _parts(letter)
    return letter


def _parts(letter: Letter) -> None:
    parties = (
        ("cc", "person", "9990000026", "بهمن راد", "کارشناس", "for_information"),
        ("cc", "company", "14000000100", "بانک دماوند", "", "for_action"),
        ("cc", "agency", "14000000022", "تأمین اجتماعی نمونه", "مدیرکل محترم", "for_information"),
    )
    for position, (role, kind, party_id, name, title, purpose) in enumerate(parties, 1):
        Addressee.objects.create(
            letter=letter,
            position=position,
            role=role,
            kind=kind,
            party_id=party_id,
            name=name,
            title=title,
            purpose=purpose,
        )
    Relation.objects.create(
        letter=letter, position=1, kind="in_reply_to_received", number="۱۴۰۵/۳۱/۷۷۰۲", date=date(2026, 11, 10)
    )
    Relation.objects.create(letter=letter, position=2, kind="follow_up_own", number="1405/102/12")
    Attachment.objects.create(
        letter=letter, position=1, name="نقشهٔ محدوده.pdf", media_type="application/pdf", size=1_258_291, sha256="a" * 64
    )
    rows = (("person", "9990000034", "کاوه دلاور"), ("company", "14000000056", "سازه‌گستر"))
    for row, (kind, party_id, name) in enumerate(rows, 1):
        fields = {"محدوده": f"ایستگاه *{row}*", "نام": name}
        Recipient.objects.create(
            letter=letter, line=row + 1, row=row, kind=kind, party_id=party_id, name=name, fields=fields
        )


def _same_as(name: str, made: bytes) -> None:
    assert made == (GOLDEN / name).read_bytes()


def test_the_bytes_of_a_letter_never_change(letter: Letter) -> None:
    revision = canonical(letter_content(letter, AT))
    _same_as("revision.json", revision)
    _same_as("letter.json", signed_content(revision, SIGNATORY))


def test_the_bytes_of_a_dispatch_never_change(letter: Letter) -> None:
    made, code = dispatch_content(letter.id, "b" * 64, BLOCK, AT, prevails="json")
    _same_as("dispatch.json", made)
    assert code == json.loads(made)["verification_code"] == "0123456789AB"


def test_the_bytes_of_a_notice_never_change(letter: Letter) -> None:
    run = RunContent(signed_content(canonical(letter_content(letter, AT)), SIGNATORY), BLOCK, AT)
    for recipient in letter.recipients.all():
        made = run.letter_json(recipient, NOTICE)
        _same_as(f"notice-{recipient.row}.json", made)
        _same_as(
            f"notice-{recipient.row}-dispatch.json",
            run.dispatch_json(NOTICE, digest(made), (recipient.row or 1) - 1)[0],
        )


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_all_of_it_is_canonical_json_that_other_languages_read_alike(path: Path) -> None:
    value = json.loads(path.read_bytes())
    assert rfc8785.dumps(value) == path.read_bytes()
    assert value["format"] in {"karpusheh/letter/1", "karpusheh/dispatch/1"}
    assert not _floats(value)


def _floats(value: object) -> list[float]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [value] if isinstance(value, float) else [found for item in inside for found in _floats(item)]


def test_the_manifest_changes_with_every_row_and_with_nothing_else(letter: Letter) -> None:
    manifest = manifest_of(letter)
    Recipient.objects.create(letter=letter, line=9, refusal_code="national-code.check-digit", party_id="1")
    assert manifest_of(letter) == manifest
    for change in ({"name": "دیگری"}, {"fields": {"محدوده": "دیگر"}}, {"party_id": "9990000042"}):
        letter.recipients.filter(row=1).update(**change)
        assert manifest_of(letter) != manifest
        manifest = manifest_of(letter)
    letter.manifest_salt = b"another salt"
    assert manifest_of(letter) != manifest
    letter.recipients.all().delete()
    assert manifest_of(letter) is None


def test_a_list_that_was_sent_stays_as_it_was(cast: Cast) -> None:
    """Its chunks are read and signed after the dispatch; nothing checks their rows against the manifest again."""
    sent = dispatched_letter(cast.ministry, Draft(subject="قبض", body="متن"), recipients_csv(range(2)))
    rows = Recipient.objects.filter(letter=sent)
    changes: list[Callable[[], object]] = [
        lambda: rows.update(party_id="9990000042"),
        rows.all().delete,
        lambda: Recipient.objects.create(letter=sent, line=9, row=3, kind="person", party_id="9990000042"),
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_no_content_holds_a_persons_national_code(cast: Cast) -> None:
    to = [
        AddresseeDraft("to", cast.mehrnaz.national_code),
        AddresseeDraft("cc", cast.kaveh.national_code, "کاوه دلاور"),
    ]
    named, listed = Draft(subject="م", body="م", addressees=to), Draft(subject="م", body="م")
    for draft, recipients in ((named, ""), (listed, recipients_csv([31, 32]))):
        letter = approved_letter(cast.ministry, draft, recipients)
        dispatch_letter(cast.ministry.writer, letter.id, at=django_timezone.now())
    settle()
    kept = [
        bytes(value or b"") for row in Approval.objects.values_list("content", "letter__dispatch_json") for value in row
    ]
    kept += [bytes(value or b"") for row in Notice.objects.values_list("content", "dispatch_json") for value in row]
    people = (cast.mehrnaz, cast.kaveh, cast.ministry.approver, cast.ministry.clerk)
    codes = [person.national_code for person in people] + list(Recipient.objects.values_list("party_id", flat=True))
    assert (len(codes), len(kept)) == (6, 12)
    assert not [code for code in codes for content in kept if code.encode() in content]


def test_times_are_written_in_utc_wherever_they_come_from() -> None:
    tehran = timezone(timedelta(hours=3, minutes=30))
    assert timestamp_text(AT.astimezone(tehran)) == timestamp_text(AT) == "2026-11-22T07:12:07Z"
    with pytest.raises(ValueError, match="time zone"):
        timestamp_text(AT.replace(tzinfo=None))
