"""Announcements: content-free, to whom the register knows a mobile, recorded as they happened, never lost or doubled."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from config.demo.country import synthetic_company
from correspondence.directory.models import RegisteredPerson
from correspondence.directory.registers import LocalRegister, PersonRecord
from correspondence.directory.sms import ConsoleSms, sms_gateway
from correspondence.services import AddresseeDraft, Draft, dispatch_letter
from inbox.events import NOTICE_ANNOUNCED, NOTICE_ANNOUNCEMENT_FAILED
from inbox.models import Notice
from signing.evidence.models import Event, Handoff
from signing.evidence.outbox import drain
from tests.failing import both_ways
from tests.people import Cast, approved_letter, dispatched_letter, draft_to, make_person, recipients_csv

ANNOUNCING = "inbox.handlers.announce_deposited"


class RecordingSms(ConsoleSms):
    """A gateway that remembers whom it told, and fails a number of times before or after telling (`late`)."""

    def __init__(self, failures: int = 0, *, late: bool = False) -> None:
        super().__init__()
        self.failures, self.late, self.told = failures, late, list[str]()

    def announce(self, mobiles: list[str]) -> None:
        if self.late or not self.failures:
            self.told += mobiles
        if self.failures:
            self.failures -= 1
            raise OSError("the gateway does not answer")


class SilentRegister(LocalRegister):
    """A register that is out of reach."""

    def find(self, national_codes: Iterable[str]) -> dict[str, PersonRecord]:
        raise OSError("the register does not answer")


def _told(settings: Settings, failures: int = 0, *, late: bool = False) -> list[str]:
    options = {"failures": failures, "late": late}
    settings.SMS = {"default": {"BACKEND": f"{__name__}.RecordingSms", "OPTIONS": options}}
    gateway = sms_gateway()
    assert isinstance(gateway, RecordingSms)
    return gateway.told


def _kinds(kind: str) -> int:
    return Event.objects.filter(kind=kind).count()


def test_people_are_told_and_it_is_recorded(cast: Cast, settings: Settings) -> None:
    told = _told(settings)
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz, cast.kaveh))
    assert sorted(told) == ["+989990000011", "+989990000012"]
    assert not Notice.objects.filter(letter=letter, announced_at=None).exists()
    events = Event.objects.filter(kind=NOTICE_ANNOUNCED)
    assert {event.read_facts()["event"] for event in events} == {"ConsignmentNotification"}
    assert {event.subject for event in events} == set(Notice.objects.values_list("id", flat=True))


def test_who_has_no_mobile_is_not_told_and_the_sender_can_see_it(cast: Cast, settings: Settings) -> None:
    told, nobody = _told(settings), make_person(77, "بی‌تلفن", mobile="")
    letter = dispatched_letter(cast.ministry, draft_to(nobody, cast.kaveh))
    notice = Notice.objects.get(letter=letter, mailbox__party_id=nobody.national_code)
    assert (notice.announced_at, told) == (None, ["+989990000012"])
    event = Event.objects.get(subject=notice.id, kind=NOTICE_ANNOUNCEMENT_FAILED)
    facts = event.read_facts()
    assert (facts["event"], facts["reason"]) == ("ConsignmentNotificationFailure", "no_registered_mobile")
    assert (event.agency, event.mailbox) == (cast.ministry.agency.id, notice.mailbox_id)


def test_companies_and_agencies_are_told_on_their_pages_only(cast: Cast, settings: Settings) -> None:
    told = _told(settings)
    numbers = (cast.registry.agency.national_id, synthetic_company(700))
    draft = Draft(subject="م", body="م", addressees=[AddresseeDraft("to", number) for number in numbers])
    letter = dispatched_letter(cast.ministry, draft)
    assert Notice.objects.filter(letter=letter, announced_at=None).count() == 2
    assert (told, _kinds(NOTICE_ANNOUNCED), _kinds(NOTICE_ANNOUNCEMENT_FAILED)) == ([], 0, 0)


@both_ways
def test_a_gateway_that_fails_is_asked_again_and_each_announcement_is_one_fact(
    cast: Cast, settings: Settings, late: bool
) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    told = _told(settings, 2, late=late)
    dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
    drain()
    handoff = Handoff.objects.get(handler=ANNOUNCING)
    assert (handoff.state, handoff.attempts, _kinds(NOTICE_ANNOUNCED)) == ("open", 1, 0)
    assert "does not answer" in handoff.error
    assert Notice.objects.get().announced_at is None
    for hours in (2, 4):
        drain(now=timezone.now() + timedelta(hours=hours))
    assert (_kinds(NOTICE_ANNOUNCED), len(told)) == (1, 3 if late else 1)


def test_a_register_that_fails_delays_the_word_and_never_the_letter(cast: Cast, settings: Settings) -> None:
    letter = approved_letter(cast.ministry, draft_to(cast.mehrnaz))
    settings.PERSON_REGISTER = {"default": {"BACKEND": f"{__name__}.SilentRegister"}}
    dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
    for hours in range(0, 60, 2):
        drain(now=timezone.now() + timedelta(hours=hours))
    assert Notice.objects.filter(letter=letter).count() == 1
    handoff = Handoff.objects.get(handler=ANNOUNCING)
    assert (handoff.state, _kinds(NOTICE_ANNOUNCED), _kinds(NOTICE_ANNOUNCEMENT_FAILED)) == ("dead", 0, 0)
    assert "register" in handoff.error


def test_a_run_is_told_chunk_by_chunk_each_row_once(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inbox.delivery.CHUNK", 4)
    told = _told(settings)
    RegisteredPerson.objects.create(national_code=_code(recipients_csv([5_002])), full_name="ب", mobile="")
    letter = dispatched_letter(cast.ministry, Draft(subject="م", body="م"), recipients_csv(range(5_000, 5_010)))
    assert len(told) == len(set(told)) == 9
    assert Notice.objects.filter(letter=letter, announced_at=None).get().row == 3
    assert (_kinds(NOTICE_ANNOUNCED), _kinds(NOTICE_ANNOUNCEMENT_FAILED)) == (9, 1)


def _code(csv: str) -> str:
    return csv.splitlines()[1].split(",")[0]


def test_a_chunk_costs_as_many_queries_as_one_person(
    cast: Cast, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    letter = approved_letter(cast.ministry, Draft(subject="م", body="م"), recipients_csv(range(6_000, 6_200)))
    dispatch_letter(cast.ministry.writer, letter.id, at=timezone.now())
    Handoff.objects.exclude(handler__startswith="inbox.").update(state=Handoff.State.DONE)
    with django_assert_max_num_queries(120):
        drain()
    assert Notice.objects.exclude(announced_at=None).count() == 200
