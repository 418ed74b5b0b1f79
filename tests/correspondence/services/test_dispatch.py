"""Dispatch and seal: one number, one durable order to deliver, one sealed file, whatever fails in between."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import Settings

from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.errors import Conflict, ListAltered
from correspondence.models import Letter, RegisterEntry, SealedDocument
from correspondence.sealing import sealed_pdf
from correspondence.services import Draft, dispatch_letter
from signing.canonical import digest
from signing.evidence.models import Event, Handoff
from signing.evidence.outbox import drain
from tests.failing import NEVER, both_ways, fail_blobs, fail_timestamps
from tests.people import Cast, approved_letter, dispatched_letter, draft_to, recipients_csv, submitted_letter
from tests.threads import at_once, kinds_of

SEALING = "correspondence.handlers.seal_letter"


def _dispatch(cast: Cast, letter: Letter) -> Letter:
    return dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())


def test_dispatch_numbers_the_letter_and_binds_the_number_to_its_bytes(cast: Cast) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    at = datetime(2026, 11, 22, 20, 31, 7, 250_000, tzinfo=UTC)
    dispatch_letter(cast.ministry.writer, letter.id, at=at)
    letter.refresh_from_db()
    content = json.loads(bytes(letter.dispatch_json or b""))
    assert content == {
        "format": "karpusheh/dispatch/1",
        "letter": str(letter.id),
        "letter_sha256": digest(bytes(letter.approval.content)),
        "number": "1405/101/1",
        "register": "outgoing",
        "year": 1405,
        "index": 1,
        "dispatched_at": "2026-11-22T20:31:07Z",
        "jalali_date": "1405/09/02",
        "verification_code": letter.verification_code,
        "prevails": "pdf",
        "environment": "development",
    }
    facts = Event.objects.get(subject=letter.id, kind="letter.dispatched").read_facts()
    assert (facts["event"], facts["number"], facts["rows"]) == ("SubmissionAcceptance", "1405/101/1", 0)


def test_only_the_agencys_clerk_sends_and_only_what_is_signed(cast: Cast) -> None:
    waiting = submitted_letter(cast.ministry, draft_to(cast.mehrnaz))
    signed = approved_letter(cast.ministry, draft_to(cast.kaveh))
    with pytest.raises(Conflict):
        _dispatch(cast, waiting)
    with pytest.raises(NotAllowed):
        dispatch_letter(cast.ministry.signer, signed.id, at=timezone.now())
    with pytest.raises(NotFound):
        dispatch_letter(cast.registry.writer, signed.id, at=timezone.now())
    assert not RegisterEntry.objects.exists()
    _dispatch(cast, signed)
    with pytest.raises(Conflict):
        _dispatch(cast, signed)
    assert RegisterEntry.objects.count() == 1


def test_sending_twice_at_once_gives_one_number(cast_on_disk: Cast) -> None:
    letter, writer = (
        approved_letter(cast_on_disk.ministry, draft_to(cast_on_disk.mehrnaz)),
        cast_on_disk.ministry.writer,
    )
    outcomes = at_once(*[lambda: dispatch_letter(writer, letter.id, at=timezone.now())] * 4)
    assert kinds_of(outcomes) == ["Conflict", "Conflict", "Conflict", "Letter"]
    assert RegisterEntry.objects.count() == Event.objects.filter(kind="letter.dispatched").count() == 1


def test_a_list_that_was_changed_past_the_services_is_not_sent(cast: Cast) -> None:
    letter = approved_letter(cast.ministry, Draft(subject="قبض", body="متن"), recipients_csv(range(3)))
    letter.recipients.filter(row=2).update(party_id=cast.kaveh.national_code)
    with pytest.raises(ListAltered):
        _dispatch(cast, letter)
    letter.refresh_from_db()
    assert (letter.state, RegisterEntry.objects.count()) == (Letter.State.APPROVED, 0)


def test_the_letter_is_sealed_after_it_was_sent(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    pdf = sealed_pdf(letter.id)
    assert pdf is not None
    assert pdf.startswith(b"%PDF-1.7")
    facts = Event.objects.get(subject=letter.id, kind="letter.sealed").read_facts()
    assert (letter.state, facts["pdf_sha256"]) == (Letter.State.SEALED, digest(pdf))


@both_ways
@pytest.mark.parametrize("broken", [fail_timestamps, fail_blobs])
def test_a_seal_that_fails_is_tried_again_and_nothing_is_lost(
    cast: Cast, settings: Settings, broken: Callable[..., None], late: bool
) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    _dispatch(cast, letter)
    broken(settings, 2, late=late)
    drain()
    letter.refresh_from_db()
    handoff = Handoff.objects.get(handler=SEALING)
    assert (letter.state, handoff.state, handoff.attempts) == (Letter.State.DISPATCHED, "open", 1)
    assert handoff.error
    assert not SealedDocument.objects.exists()
    assert letter.notices.count() == 1, "delivery does not wait for the seal"
    for hours in (2, 4):
        drain(now=timezone.now() + timedelta(hours=hours))
    letter.refresh_from_db()
    assert letter.state == Letter.State.SEALED
    assert Event.objects.filter(kind="letter.sealed").count() == SealedDocument.objects.count() == 1


def test_a_seal_that_never_comes_ends_where_operators_look(cast: Cast, settings: Settings) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    _dispatch(cast, letter)
    fail_timestamps(settings, NEVER)
    for hours in range(1, 30):
        drain(now=timezone.now() + timedelta(hours=2 * hours))
    handoff = Handoff.objects.get(handler=SEALING)
    assert (handoff.state, handoff.attempts) == (Handoff.State.DEAD, 8)
    assert "TimestampUnavailable" in handoff.error
    letter.refresh_from_db()
    assert letter.state == Letter.State.DISPATCHED


def test_the_database_keeps_number_date_and_sealed_file(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    letters, files = Letter.objects.filter(id=letter.id), SealedDocument.objects.all()
    refused = (
        lambda: letters.update(number="1405/101/2"),
        lambda: letters.update(number=""),
        lambda: letters.update(dispatch_json=b"{}"),
        lambda: letters.update(dispatched_at=timezone.now()),
        lambda: letters.update(verification_code="000000000000"),
        lambda: letters.update(state="dispatched"),
        lambda: letters.update(sealed_at=timezone.now()),
        lambda: files.update(sha256="0" * 64),
        lambda: files.delete(),
    )
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
