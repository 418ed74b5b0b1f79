"""Fan-out: chunks, resumption, refusals, and states that always add up to the manifest."""

import json
from datetime import timedelta
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from correspondence.content import RunContent
from correspondence.markdown import MergeError
from correspondence.models import Letter, Recipient, RegisterEntry
from correspondence.services import AddresseeDraft, Draft, dispatch_letter
from inbox import delivery
from inbox.models import Mailbox, Notice, Undelivered
from inbox.results import summary_of
from signing.canonical import digest
from signing.evidence.models import Event, Handoff
from signing.evidence.outbox import attempt, claim, drain
from tests.people import Cast, approved_letter, dispatched_letter, draft_to, recipients_csv

RUN = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}} ریال است.")


def test_a_letter_reaches_each_addressee_once(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz, cast.kaveh))
    boxes = Notice.objects.filter(letter=letter).values_list("mailbox__party_id", flat=True)
    assert sorted(boxes) == sorted([cast.mehrnaz.national_code, cast.kaveh.national_code])
    assert letter.state == Letter.State.SEALED


def test_a_run_gives_every_row_its_own_signed_content_and_number(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, RUN, recipients_csv(range(2000, 2007)))
    notices = list(Notice.objects.filter(letter=letter).order_by("row"))
    assert [notice.row for notice in notices] == list(range(1, 8))
    assert len({notice.number for notice in notices}) == 7
    for notice in notices:
        content, dispatch = json.loads(bytes(notice.content or b"")), json.loads(bytes(notice.dispatch_json or b""))
        assert content["subject"] == f"قبض {2999 + (notice.row or 0)}"
        assert dispatch["letter_sha256"] == digest(bytes(notice.content or b""))
        assert dispatch["number"] == notice.number
        assert "999" not in json.dumps(content["to"])


def test_numbers_of_runs_and_letters_are_one_gapless_sequence(cast: Cast) -> None:
    dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    dispatched_letter(cast.ministry, RUN, recipients_csv(range(3000, 3012)))
    dispatched_letter(cast.ministry, draft_to(cast.kaveh))
    blocks = RegisterEntry.objects.filter(agency=cast.ministry.agency).order_by("first").values_list("first", "last")
    assert list(blocks) == [(1, 1), (2, 13), (14, 14)]


def test_chunks_add_up_and_resume_after_a_crash_in_each_of_them(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CHUNK", 3)
    letter = approved_letter(cast.ministry, RUN, recipients_csv(range(4000, 4010)))
    dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
    crashes = 0
    for _ in range(60):
        handoffs = claim(1, now=timezone.now() + timedelta(hours=3))
        if not handoffs:
            break
        handoff = handoffs[0]
        if handoff.attempts == 1 and "inbox" in handoff.handler:
            with mock.patch("inbox.delivery._order_next", side_effect=MemoryError("killed")):
                attempt(handoff, now=timezone.now())
            crashes += handoff.state != Handoff.State.DONE
        else:
            attempt(handoff, now=timezone.now())
        summary = summary_of(letter)
        assert summary.accepted == summary.deposited + summary.undelivered + summary.waiting
    assert crashes >= 4
    assert list(Notice.objects.filter(letter=letter).order_by("row").values_list("row", flat=True)) == list(
        range(1, 11)
    )
    assert Event.objects.filter(letter=letter.id, kind="notice.deposited").count() == 10


def test_one_row_that_cannot_be_delivered_never_stops_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    merged = RunContent.letter_json

    def merge_unless_third(run: RunContent, recipient: Recipient, notice_id: UUID) -> bytes:
        if recipient.row == 3:
            raise MergeError("missing", "no value", "مبلغ")
        return merged(run, recipient, notice_id)

    monkeypatch.setattr(RunContent, "letter_json", merge_unless_third)
    letter = dispatched_letter(cast.ministry, RUN, recipients_csv(range(5000, 5005)))
    assert list(Undelivered.objects.filter(letter=letter).values_list("row", flat=True)) == [3]
    summary = summary_of(letter)
    assert (summary.accepted, summary.deposited, summary.undelivered, summary.waiting) == (5, 4, 1, 0)
    assert Event.objects.filter(kind="notice.undeliverable", letter=letter.id).count() == 1


def test_a_mailbox_exists_before_its_owner_signs_in_and_is_used_again(cast: Cast) -> None:
    dispatched_letter(cast.ministry, RUN, recipients_csv([6000]))
    dispatched_letter(cast.registry, RUN, recipients_csv([6000]))
    assert Mailbox.objects.filter(kind="person", name="شهروند 6000").count() == 1


def test_every_notice_is_announced_or_its_failure_is_recorded(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    assert Notice.objects.get(letter=letter).announced_at is not None
    assert Event.objects.filter(kind="notice.announced", letter=letter.id).count() == 1


def test_running_the_background_work_again_changes_nothing(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, RUN, recipients_csv(range(7000, 7004)))
    Handoff.objects.filter(event__letter=letter.id).update(state="open", due_at=timezone.now())
    before = Event.objects.filter(kind="letter.sealed").count()
    drain()
    assert Notice.objects.filter(letter=letter).count() == 4
    assert Event.objects.filter(kind="letter.sealed").count() == before


def test_an_agencys_mailbox_bears_its_own_name_whatever_the_sender_wrote(cast: Cast) -> None:
    registry = cast.registry.agency
    to = AddresseeDraft("to", registry.national_id, "نامی که فرستنده نوشت")
    dispatched_letter(cast.ministry, Draft(subject="استعلام", body="متن", addressees=[to]))
    assert Mailbox.objects.get(kind="agency", party_id=registry.national_id).name == registry.name


@pytest.mark.parametrize("known", [False, True])
@pytest.mark.parametrize(("handler", "last"), [("deliver_next_chunk", 0), ("announce_deposited", None)])
def test_a_chunk_takes_the_same_number_of_queries_whatever_its_size(
    cast: Cast, handler: str, last: int | None, known: bool
) -> None:
    def queries_of(rows: range) -> int:
        if known:
            dispatched_letter(cast.registry, RUN, recipients_csv(rows))
        letter = approved_letter(cast.ministry, RUN, recipients_csv(rows))
        dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
        wanted = len(rows) if last is None else last
        while handoffs := claim(1):
            handoff = handoffs[0]
            with CaptureQueriesContext(connection) as queries:
                attempt(handoff)
            if handoff.handler.endswith(handler) and handoff.event.read_facts()["last"] == wanted:
                assert Notice.objects.filter(letter=letter).count() == len(rows)
                drain()
                return len(queries)
        raise AssertionError(f"{handler} did not run")

    assert queries_of(range(8000, 8003)) == queries_of(range(8010, 8310)) <= 20
