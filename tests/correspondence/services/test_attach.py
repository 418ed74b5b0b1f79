"""Files and lists of a draft: bytes before rows, limits, refusals, and what a list becomes."""

import io
import zipfile
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from config.demo.country import synthetic_code, synthetic_company
from correspondence.blobs import documents
from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.errors import LetterIncomplete, NotEditable
from correspondence.models import Attachment, Letter, Recipient
from correspondence.recipients import RecipientSheet, read_recipients
from correspondence.services import (
    add_attachment,
    compose_letter,
    remove_attachment,
    set_recipients,
    submit_letter,
)
from correspondence.uploads import UploadRefused
from signing.canonical import digest
from signing.evidence.bulk import MANY
from tests.failing import both_ways, fail_blobs
from tests.people import Cast, draft_to, recipients_csv


@pytest.fixture
def letter(cast: Cast) -> Letter:
    return compose_letter(cast.ministry.writer, cast.ministry.agency.id, draft_to(cast.mehrnaz), at=timezone.now())


def _add(cast: Cast, letter: Letter, content: bytes = "متن پیوست".encode(), name: str = "پیوست.txt") -> Attachment:
    return add_attachment(
        cast.ministry.writer, letter.id, io.BytesIO(content), name, "application/octet-stream", at=timezone.now()
    )


def _set(cast: Cast, letter: Letter, text: str) -> list[Recipient]:
    set_recipients(cast.ministry.writer, letter.id, _sheet(text), at=timezone.now())
    return list(letter.recipients.all())


def _sheet(text: str) -> RecipientSheet:
    return read_recipients(text.encode(), "list.csv")


def test_a_file_is_stored_before_it_is_named_and_its_text_is_kept(cast: Cast, letter: Letter) -> None:
    attachment = _add(cast, letter)
    content = "متن پیوست".encode()
    assert (attachment.position, attachment.size, attachment.sha256) == (1, len(content), digest(content))
    assert documents().read_verified(attachment.sha256) == content
    assert attachment.text == "متن پیوست"


@both_ways
def test_what_was_not_stored_is_not_named(cast: Cast, letter: Letter, settings: Settings, late: bool) -> None:
    fail_blobs(settings, 1, late=late)
    with pytest.raises(OSError, match="no space"):
        _add(cast, letter)
    assert not Attachment.objects.exists()
    assert _add(cast, letter).position == 1


def test_the_same_file_twice_is_stored_once(cast: Cast, letter: Letter, settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "documents": {"BACKEND": "correspondence.blobs.FolderBlobs", "OPTIONS": {"location": tmp_path}}
    }
    first, second = _add(cast, letter, name="یک.txt"), _add(cast, letter, name="دو.txt")
    assert (first.sha256, first.position, second.position) == (second.sha256, 1, 2)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("برنامه.exe", b"MZ\x90\x00", "upload.program"),
        ("تصویر.png", b"MZ\x90\x00", "upload.program"),
        ("سند.pdf", b"PK\x03\x04", "upload.disguised"),
        ("خالی.pdf", b"", "upload.empty"),
        ("بسته.zip", b"PK\x03\x04", "upload.archive"),
        ("صفحه.html", b"<html>", "upload.web-page"),
        ("متن.txt", b"<script>alert(1)</script>", "upload.disguised"),
        ("بی‌پسوند", b"text", "upload.type"),
    ],
)
def test_refused_files_leave_nothing(cast: Cast, letter: Letter, name: str, content: bytes, code: str) -> None:
    with pytest.raises(UploadRefused) as caught:
        _add(cast, letter, content, name)
    assert (caught.value.code, caught.value.field) == (code, "attachment")
    assert not Attachment.objects.exists()


def test_too_large_a_file_is_refused(cast: Cast, letter: Letter, settings: Settings) -> None:
    settings.MAX_ATTACHMENT_BYTES = 1024
    with pytest.raises(UploadRefused) as caught:
        _add(cast, letter, b"a" * 1025)
    assert caught.value.code == "upload.too-large"


def test_names_are_kept_without_what_is_dangerous_in_them(cast: Cast, letter: Letter) -> None:
    assert _add(cast, letter, name="../../اطلاعات\r\nX: y\u202e.txt").name == "اطلاعات X_ y.txt"
    assert len(_add(cast, letter, name="ا" * 300 + ".txt").name) <= 120


def test_a_letter_carries_sixty_files_and_no_more(cast: Cast, letter: Letter) -> None:
    blank = {"letter": letter, "name": "x.txt", "media_type": "text/plain", "size": 1, "sha256": "0" * 64}
    Attachment.objects.bulk_create(Attachment(position=position, **blank) for position in range(1, 60))
    assert _add(cast, letter).position == 60
    with pytest.raises(LetterIncomplete) as caught:
        _add(cast, letter)
    assert (caught.value.code, caught.value.field) == ("too_many_attachments", "attachment")
    assert letter.attachments.count() == 60


def test_a_removed_file_closes_the_gap_and_keeps_its_bytes(cast: Cast, letter: Letter) -> None:
    files = [_add(cast, letter, f"متن {n}".encode(), f"{n}.txt") for n in range(1, 5)]
    remove_attachment(cast.ministry.writer, letter.id, files[1].id, at=timezone.now())
    assert list(letter.attachments.values_list("position", "name")) == [(1, "1.txt"), (2, "3.txt"), (3, "4.txt")]
    assert documents().exists(files[1].sha256)
    with pytest.raises(NotFound):
        remove_attachment(cast.ministry.writer, letter.id, files[1].id, at=timezone.now())
    assert _add(cast, letter).position == 4


def test_only_the_writers_of_the_agency_touch_a_draft_and_only_a_draft(cast: Cast, letter: Letter) -> None:
    attachment, sheet = _add(cast, letter), _sheet(recipients_csv([1]))
    acts = (
        lambda actor, at: add_attachment(actor, letter.id, io.BytesIO(b"x"), "x.txt", "", at=at),
        lambda actor, at: remove_attachment(actor, letter.id, attachment.id, at=at),
        lambda actor, at: set_recipients(actor, letter.id, sheet, at=at),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act(cast.registry.writer, timezone.now())
        with pytest.raises(NotAllowed):
            act(cast.ministry.signer, timezone.now())
    submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    for act in acts:
        with pytest.raises(NotEditable):
            act(cast.ministry.writer, timezone.now())
    assert letter.attachments.get() == attachment
    assert not letter.recipients.exists()


def test_accepted_lines_are_numbered_and_refused_ones_keep_their_reason_in_both_languages(
    cast: Cast, letter: Letter
) -> None:
    code = synthetic_code(31)
    rows = _set(
        cast, letter, f"کد ملی,نام,مبلغ\n{code},الف,۱\n9990000019,ب,۲\n{code},پ,۳\n{synthetic_company(9)},ت,۴\n"
    )
    assert [(r.line, r.row, r.kind, r.refusal_code) for r in rows] == [
        (2, 1, "person", ""),
        (3, None, "person", "national-code.check-digit"),
        (4, None, "person", "recipient.duplicate"),
        (5, 2, "company", ""),
    ]
    assert rows[0].fields == {"نام": "الف", "مبلغ": "۱"}
    assert rows[2].refusal_en == "The same as line 2; sent only once."
    assert "۲" in rows[2].refusal
    assert rows[2].refusal != rows[2].refusal_en


def test_a_new_list_takes_the_place_of_the_old_one(cast: Cast, letter: Letter) -> None:
    _set(cast, letter, recipients_csv(range(10)))
    assert [r.party_id for r in _set(cast, letter, recipients_csv([77]))] == [synthetic_code(77)]


def test_an_agency_in_a_list_receives_in_its_secretariat_and_the_sender_not_at_all(cast: Cast, letter: Letter) -> None:
    agencies = f"{cast.registry.agency.national_id},ثبت\n{cast.ministry.agency.national_id},خود"
    other, itself = _set(cast, letter, f"شناسه ملی,نام\n{agencies}\n")
    assert (other.kind, other.row) == ("agency", 1)
    assert (itself.row, itself.refusal_code) == (None, "recipient.sender")
    assert itself.refusal != itself.refusal_en


def test_who_has_no_name_in_the_list_is_printed_without_the_whole_code(cast: Cast, letter: Letter) -> None:
    code = synthetic_code(5)
    [row] = _set(cast, letter, f"کد ملی,مبلغ\n{code},۱\n")
    assert row.name == f"{code[:3]}•••{code[-4:]}"


def test_a_list_of_twenty_thousand_is_set_and_submitted_in_few_statements(
    cast: Cast, letter: Letter, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """A statement writes MANY values, so 20,000 rows of ten fields take seven of them and no statement each."""
    sheet = _sheet(recipients_csv(range(100_000, 120_000)))
    with django_assert_max_num_queries(12 + 20_000 * 10 // MANY):
        set_recipients(cast.ministry.writer, letter.id, sheet, at=timezone.now())
    letter.addressees.all().delete()
    with django_assert_max_num_queries(40):
        revision = submit_letter(cast.ministry.writer, letter.id, at=timezone.now())
    assert b'"count":20000' in bytes(revision.content)


def test_a_disguised_archive_is_refused_before_anything_is_unpacked(cast: Cast, letter: Letter) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * 30_000_000)
    with pytest.raises(UploadRefused):
        _add(cast, letter, bomb.getvalue(), "نامه.docx")
