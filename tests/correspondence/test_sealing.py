"""Sealing: one file per document, whoever asks at once, kept for ever and never given out damaged."""

from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import Settings

from correspondence.blobs import BlobDamaged, BlobMissing, FolderBlobs
from correspondence.models import SealedDocument
from correspondence.sealing import seal_document, sealed_pdf
from correspondence.typesetting import RenderFailed
from signing.canonical import digest
from signing.errors import KeyUnavailable, TimestampUnavailable
from signing.services import ensure_key
from tests.correspondence.letters import AGENCY, dispatch_json, letter_json
from tests.failing import both_ways, fail_timestamps
from tests.people import missing_id
from tests.threads import at_once

SUBJECT = UUID("01990000-0000-7000-8000-000000000002")
CONTENT = letter_json()


def _seal(content: bytes = CONTENT) -> bytes:
    return seal_document(SUBJECT, content, dispatch_json(letter_sha256=digest(content)), timezone.now())


@pytest.fixture(autouse=True)
def _key() -> None:
    ensure_key(f"seal:{AGENCY['national_id']}", name="وزارت نمونه")


@pytest.mark.django_db
def test_a_document_is_sealed_once_and_kept() -> None:
    first = _seal()
    assert first == _seal() == sealed_pdf(SUBJECT)
    kept = SealedDocument.objects.get()
    assert (kept.subject, kept.sha256, kept.size) == (SUBJECT, digest(first), len(first))
    assert b"ETSI.CAdES.detached" in first
    assert sealed_pdf(missing_id()) is None


def test_all_who_ask_at_once_get_the_same_file(disk_database: None) -> None:
    files = at_once(*[_seal] * 4)
    assert {type(file) for file in files} == {bytes}
    assert len({digest(file) for file in files}) == 1
    assert SealedDocument.objects.get().sha256 == digest(files[0])


@both_ways
@pytest.mark.django_db
def test_what_could_not_be_stamped_is_not_kept(settings: Settings, late: bool) -> None:
    fail_timestamps(settings, 1, late=late)
    with pytest.raises(TimestampUnavailable):
        _seal()
    assert not SealedDocument.objects.exists()
    assert _seal() == sealed_pdf(SUBJECT)


@pytest.mark.django_db
def test_an_agency_without_a_key_seals_nothing() -> None:
    with pytest.raises(KeyUnavailable):
        _seal(letter_json(agency=AGENCY | {"national_id": "14000000999"}))
    assert not SealedDocument.objects.exists()


@pytest.mark.django_db
def test_what_cannot_be_typeset_is_not_sealed() -> None:
    with pytest.raises(RenderFailed):
        _seal(letter_json(template={"name": "letter/99", "sha256": "0" * 64}))
    assert not SealedDocument.objects.exists()


@pytest.mark.django_db
def test_a_lost_or_damaged_file_is_not_given_out(settings: Settings, tmp_path: object) -> None:
    options = {"BACKEND": "correspondence.blobs.FolderBlobs", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"documents": options}
    sha256 = digest(_seal())
    path = FolderBlobs(str(tmp_path)).location / sha256[:2] / sha256[2:4] / sha256
    path.write_bytes(b"%PDF-1.7 something else")
    with pytest.raises(BlobDamaged):
        _seal()
    path.unlink()
    with pytest.raises(BlobMissing):
        sealed_pdf(SUBJECT)
