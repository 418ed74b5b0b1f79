"""Opening is an act of the recipient that happens once; registering is that of a secretariat; a PDF is sealed once."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from correspondence.directory.access import actor_of
from correspondence.directory.errors import NotAllowed, NotFound
from correspondence.directory.models import Company, Person, Representative
from correspondence.models import RegisterEntry, SealedDocument
from correspondence.services import AddresseeDraft, Draft
from inbox.errors import AlreadyRegistered, NotOpenedYet
from inbox.models import IncomingRegistration, Notice
from inbox.selectors import get_opened_notice, signed_files
from inbox.services import open_notice, register_incoming, sealed_notice_pdf
from signing.canonical import digest
from signing.evidence.models import Event
from tests.people import Cast, dispatched_letter, draft_to, make_cast, recipients_csv

pytestmark = pytest.mark.django_db
NOW = timezone.now()
RUN = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}} ریال است.")


def opened_events(notice: Notice) -> list[Event]:
    return list(Event.objects.filter(kind="notice.opened", subject=notice.id))


def open_as(person: Person, notice: Notice) -> Notice:
    return open_notice(actor_of(person, timezone.now()), notice.id, session="s" * 32, at=timezone.now())


def side_by_side(act: Callable[[], Any]) -> list[Any]:
    """What two threads get that act at the same moment."""
    start, results = Barrier(2), []

    def run() -> None:
        try:
            start.wait()
            results.append(act())
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def to_agency(office: Any) -> Draft:
    return Draft(
        subject="استعلام",
        salutation="سلام؛",
        body="پاسخ دهید.",
        addressees=[AddresseeDraft("to", office.agency.national_id, office.agency.name)],
    )


def test_the_owner_opens_once_and_the_first_instant_stays(cast: Cast) -> None:
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft_to(cast.mehrnaz)))
    first = open_as(cast.mehrnaz, notice)
    again = open_as(cast.mehrnaz, notice)
    assert first.first_viewed_at == again.first_viewed_at is not None
    assert again.viewed_by_id == cast.mehrnaz.pk
    (event,) = opened_events(notice)
    facts = event.read_facts()
    assert facts["event"] == "ContentHandover"
    assert facts["sha256"] == digest(signed_files(notice)[0])
    assert facts["authentication"] == "one_time_code"
    assert (event.actor, event.agency, event.mailbox) == (
        f"person:{cast.mehrnaz.pk}",
        cast.ministry.agency.id,
        notice.mailbox_id,
    )


@pytest.mark.parametrize("who", ["kaveh", "clerk", "approver"])
def test_nobody_else_opens_it(cast: Cast, who: str) -> None:
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft_to(cast.mehrnaz)))
    person = cast.kaveh if who == "kaveh" else getattr(cast.ministry, who)
    with pytest.raises(NotFound):
        open_as(person, notice)
    assert opened_events(notice) == []


@pytest.mark.django_db(transaction=True)
def test_two_openings_at_once_are_one_fact_and_both_succeed() -> None:
    cast = make_cast()
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft_to(cast.mehrnaz)))
    actor = actor_of(cast.mehrnaz, timezone.now())
    opened = side_by_side(lambda: open_notice(actor, notice.id, session="s" * 32, at=timezone.now()))
    assert [found.is_opened for found in opened] == [True, True]
    assert opened[0].first_viewed_at == opened[1].first_viewed_at
    assert len(opened_events(notice)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_looks_at_the_pdf_get_one_file() -> None:
    """Notices of a run are sealed when somebody first asks for the PDF, and a seal cannot be made twice alike."""
    cast = make_cast()
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, RUN, recipients_csv([11])))
    open_as(cast.mehrnaz, notice)
    files = side_by_side(lambda: sealed_notice_pdf(notice, at=timezone.now()))
    assert len(files) == 2
    assert files[0] == files[1]
    assert files[0].startswith(b"%PDF-")
    assert sealed_notice_pdf(notice, at=timezone.now()) == files[0]
    assert SealedDocument.objects.filter(subject=notice.id).count() == 1


def test_a_letter_has_one_pdf_for_all_its_recipients(cast: Cast) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz, cast.kaveh))
    files = {sealed_notice_pdf(notice, at=timezone.now()) for notice in Notice.objects.filter(letter=letter)}
    assert len(files) == 1
    assert SealedDocument.objects.filter(subject=letter.id).count() == 1


def test_the_representative_opens_for_the_company_and_is_named(cast: Cast) -> None:
    company = Company.objects.create(national_id="14000000100", name="شرکت نمونه")
    Representative.objects.create(person=cast.kaveh, company=company, title="مدیرعامل")
    draft = Draft(
        subject="بدهی", salutation="سلام؛", body="بپردازید.",
        addressees=[AddresseeDraft("to", company.national_id, company.name)],
    )  # fmt: skip
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft))
    with pytest.raises(NotFound):
        open_as(cast.mehrnaz, notice)
    assert open_as(cast.kaveh, notice).viewed_by_id == cast.kaveh.pk


def test_content_is_closed_until_the_opening(cast: Cast) -> None:
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft_to(cast.mehrnaz)))
    actor = actor_of(cast.mehrnaz, NOW)
    with pytest.raises(NotOpenedYet):
        get_opened_notice(actor, notice.id)
    open_as(cast.mehrnaz, notice)
    assert get_opened_notice(actor, notice.id) == notice


def test_what_came_to_an_agency_is_opened_by_registering_only(cast: Cast) -> None:
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, to_agency(cast.registry)))
    with pytest.raises(NotFound):
        open_as(cast.registry.clerk, notice)
    with pytest.raises(NotAllowed):
        register_incoming(cast.registry.signer, notice.id, session="s" * 32, at=timezone.now())
    with pytest.raises(NotFound):
        register_incoming(cast.ministry.writer, notice.id, session="s" * 32, at=timezone.now())
    assert not Notice.objects.get(id=notice.id).is_opened
    registration = register_incoming(cast.registry.writer, notice.id, session="s" * 32, at=timezone.now())
    assert registration.number != notice.number
    assert Notice.objects.get(id=notice.id).is_opened
    with pytest.raises(AlreadyRegistered, match=registration.number):
        register_incoming(cast.registry.writer, notice.id, session="s" * 32, at=timezone.now())
    assert len(opened_events(notice)) == 1
    assert RegisterEntry.objects.filter(agency=cast.registry.agency, register="incoming").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_registrations_at_once_take_one_number() -> None:
    cast = make_cast()
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, to_agency(cast.registry)))
    actor = cast.registry.writer

    def register() -> str:
        try:
            return register_incoming(actor, notice.id, session="s" * 32, at=timezone.now()).number
        except AlreadyRegistered as refusal:
            return str(refusal)

    numbers = side_by_side(register)
    assert IncomingRegistration.objects.count() == 1
    assert len(numbers) == 2
    assert RegisterEntry.objects.filter(register="incoming").count() == 1


def test_a_letter_to_a_person_is_not_registered(cast: Cast) -> None:
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft_to(cast.registry.clerk)))
    with pytest.raises(NotFound):
        register_incoming(cast.registry.writer, notice.id, session="s" * 32, at=timezone.now())
