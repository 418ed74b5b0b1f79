"""Reads of the mailbox: own and entrusted boxes only, in one order, in a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from correspondence.directory.access import Actor, actor_of
from correspondence.directory.errors import NotFound
from correspondence.directory.models import Company, Representative
from correspondence.models import Letter
from correspondence.services import AddresseeDraft, Draft
from inbox.models import Mailbox, Notice
from inbox.reading import envelopes_of
from inbox.selectors import (
    get_notice,
    mailbox_ids_of,
    notices_for,
    subjects_of,
    unopened_count,
    unregistered_count,
)
from tests.people import Cast, dispatched_letter, draft_to, recipients_csv

pytestmark = pytest.mark.django_db
RUN = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}} ریال است.")


def acting(person: Any) -> Actor:
    return actor_of(person, timezone.now())


def fill(mailbox: Mailbox, letter: Letter, count: int, *, first: int = 1) -> None:
    """More notices of a letter in a mailbox beside those it has, three for each minute; `first` is their first row."""
    now = timezone.now()
    Notice.objects.bulk_create(
        Notice(
            letter=letter,
            mailbox=mailbox,
            row=n,
            number=f"1405/101/{n}",
            verification_code=f"{n:012d}",
            content=b'{"subject":"s"}',
            signature=b"s",
            dispatch_json=b"{}",
            deposited_at=now - timedelta(minutes=n // 3),
        )
        for n in range(first, first + count)
    )


def test_mailboxes_are_found_by_number_and_kind(cast: Cast) -> None:
    dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    assert len(mailbox_ids_of(acting(cast.mehrnaz))) == 1
    assert mailbox_ids_of(acting(cast.kaveh)) == []


def test_the_own_boxes_are_those_of_person_company_and_agency(cast: Cast) -> None:
    company = Company.objects.create(national_id="14000000100", name="شرکت نمونه")
    link = Representative.objects.create(person=cast.registry.clerk, company=company, title="مدیر")
    draft = Draft(
        subject="نامه", salutation="سلام؛", body="متن.",
        addressees=[
            AddresseeDraft("to", cast.registry.clerk.national_code, cast.registry.clerk.full_name),
            AddresseeDraft("to", company.national_id, company.name),
            AddresseeDraft("to", cast.registry.agency.national_id, cast.registry.agency.name),
        ],
    )  # fmt: skip
    dispatched_letter(cast.ministry, draft)
    actor = acting(cast.registry.clerk)
    assert {n.mailbox.kind for n in notices_for(actor)} == {"person", "company"}
    assert {n.mailbox.kind for n in notices_for(actor, "agency")} == {"agency"}
    assert (unopened_count(actor), unregistered_count(actor)) == (2, 1)
    assert [n.mailbox.kind for n in notices_for(acting(cast.registry.approver), "agency")] == ["agency"]
    assert notices_for(acting(cast.registry.approver)) == []
    link.revoked_at = timezone.now()
    link.save()
    assert {n.mailbox.kind for n in notices_for(acting(cast.registry.clerk))} == {"person"}


def test_anothers_notice_looks_like_none(cast: Cast) -> None:
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft_to(cast.mehrnaz)))
    assert get_notice(acting(cast.mehrnaz), notice.id) == notice
    for person in (cast.kaveh, cast.ministry.clerk, cast.registry.clerk):
        with pytest.raises(NotFound):
            get_notice(acting(person), notice.id)


def test_pages_hold_each_notice_once_newest_first(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    fill(Mailbox.objects.get(), letter, 20)
    actor, seen, key = acting(cast.mehrnaz), [], None
    while page := notices_for(actor, after=key, limit=7):
        seen += page
        key = (page[-1].deposited_at, page[-1].id)
    assert len({notice.id for notice in seen}) == len(seen) == 21
    keys = [(notice.deposited_at, notice.id) for notice in seen]
    assert keys == sorted(keys, reverse=True)


def test_unopened_ones_can_be_asked_for(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    fill(Mailbox.objects.get(), letter, 3)
    opened = Notice.objects.filter(row=1)
    opened.update(first_viewed_at=timezone.now(), viewed_by=cast.mehrnaz)
    assert len(notices_for(acting(cast.mehrnaz), unopened_only=True)) == 3
    assert unopened_count(acting(cast.mehrnaz)) == 3


def test_the_list_reads_no_content_and_asks_as_often_for_many_as_for_few(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    fill(Mailbox.objects.get(), letter, 50)
    actor = acting(cast.mehrnaz)
    for limit in (5, 50):
        with django_assert_num_queries(2):
            notices = notices_for(actor, limit=limit)
            assert len(envelopes_of(notices)) == limit
        assert {"content", "signature", "dispatch_json"} <= notices[0].get_deferred_fields()
        assert "body" in notices[0].letter.get_deferred_fields()


def test_subjects_of_a_run_are_the_recipients_own(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, RUN, recipients_csv([11, 12]))
    notices = list(Notice.objects.filter(letter=letter).select_related("letter").order_by("row"))
    assert [subjects_of(notices)[notice.id] for notice in notices] == ["قبض 1011", "قبض 1012"]
