"""Letter numbers: one gapless row per agency, register and Jalali year, whoever asks at once and whatever fails."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from correspondence.directory.models import Agency
from correspondence.directory.numbering import MAX_NUMBER, check_number_pattern, number_of
from correspondence.models import Letter, RegisterCounter, RegisterEntry
from correspondence.registry import NumberBlock, take_numbers
from correspondence.services import Draft, dispatch_letter
from tests.people import Cast, Office, approved_letter, draft_to, make_office, missing_id
from tests.threads import at_once

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)


def _take(agency: Agency, count: int = 1, at: datetime = AT) -> NumberBlock:
    with transaction.atomic():
        return take_numbers(agency, "outgoing", count, subject=missing_id(), at=at)


def test_numbers_count_from_one_per_agency_register_and_year(cast: Cast) -> None:
    ministry, registry = cast.ministry.agency, cast.registry.agency
    assert [_take(ministry).number(), _take(ministry).number()] == ["1405/101/1", "1405/101/2"]
    assert _take(registry).number() == "1405/102/1"
    with transaction.atomic():
        incoming = take_numbers(ministry, "incoming", 1, subject=missing_id(), at=AT)
    assert incoming.number() == "1405/101/و/1", "never the number of an outgoing letter"
    assert _take(ministry, at=AT.replace(year=2027)).number() == "1406/101/1"


def test_a_block_is_one_entry_and_its_numbers_follow_each_other(cast: Cast) -> None:
    _take(cast.ministry.agency)
    block = _take(cast.ministry.agency, 3)
    assert [block.number(offset) for offset in range(3)] == ["1405/101/2", "1405/101/3", "1405/101/4"]
    assert block.span == "1405/101/2 – 1405/101/4"
    assert _take(cast.ministry.agency).span == "1405/101/5"
    assert list(RegisterEntry.objects.order_by("first").values_list("first", "last")) == [(1, 1), (2, 4), (5, 5)]


@pytest.mark.parametrize(
    ("at", "number"),
    [
        # Nowruz 1406 begins on 21 March 2027 at 00:00 in Tehran, which is 20:30 of the day before in UTC.
        (datetime(2027, 3, 20, 20, 29, 59, 999_999, tzinfo=UTC), "1405/101/1"),
        (datetime(2027, 3, 20, 20, 30, tzinfo=UTC), "1406/101/1"),
        # 1403 was a leap year: its 30th of Esfand still belongs to it.
        (datetime(2025, 3, 20, 20, 29, 59, tzinfo=UTC), "1403/101/1"),
        (datetime(2025, 3, 20, 20, 30, tzinfo=UTC), "1404/101/1"),
    ],
)
def test_the_year_turns_at_midnight_in_tehran(cast: Cast, at: datetime, number: str) -> None:
    assert _take(cast.ministry.agency, at=at).number() == number


def test_numbers_go_on_where_they_stood_when_an_old_year_gets_one_more(cast: Cast) -> None:
    """Two servers whose clocks differ by a second around midnight."""
    before, after = AT.replace(year=2026, month=3, day=20), AT.replace(year=2026, month=3, day=21)
    assert [_take(cast.ministry.agency, at=at).number() for at in (before, after, before)] == [
        "1404/101/1",
        "1405/101/1",
        "1404/101/2",
    ]


def test_what_is_rolled_back_gives_its_numbers_back(cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="no power"), transaction.atomic():
        take_numbers(cast.ministry.agency, "outgoing", 5, subject=missing_id(), at=AT)
        raise RuntimeError("no power")
    assert _take(cast.ministry.agency).first == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_are_refused_outside_a_transaction() -> None:
    agency = Agency.objects.create(national_id="14000000018", code="1", name="الف", name_en="A", sector="tax")
    with pytest.raises(RuntimeError, match="inside the transaction"):
        take_numbers(agency, "outgoing", 1, subject=missing_id(), at=AT)
    assert not RegisterCounter.objects.exists()


@pytest.mark.parametrize("agencies", [1, 4])
def test_sixteen_dispatches_at_once_leave_no_gap_and_no_double(cast_on_disk: Cast, agencies: int) -> None:
    offices = [
        cast_on_disk.ministry,
        cast_on_disk.registry,
        *(make_office(n, f"د{n}", "tax", "ا", "ب") for n in (3, 4)),
    ]
    jobs = [_dispatching(offices[n % agencies], draft_to(cast_on_disk.mehrnaz)) for n in range(16)]
    outcomes = at_once(*jobs)
    assert all(isinstance(outcome, Letter) for outcome in outcomes), outcomes
    share = 16 // agencies
    for office in offices[:agencies]:
        numbers = sorted(int(n.rpartition("/")[2]) for n in _numbers(office))
        assert numbers == list(range(1, share + 1))
        entries = RegisterEntry.objects.filter(agency=office.agency).order_by("first")
        assert [(e.first, e.last) for e in entries] == [(n, n) for n in range(1, share + 1)]


def _dispatching(office: Office, draft: Draft) -> Callable[[], Letter]:
    letter, writer, at = approved_letter(office, draft), office.writer, timezone.now()
    return lambda: dispatch_letter(writer, letter.id, at=at)


def _numbers(office: Office) -> list[str]:
    return list(Letter.objects.filter(agency=office.agency).values_list("number", flat=True))


@pytest.mark.parametrize("first", [1, 3])
def test_the_database_takes_no_entry_that_overlaps_or_leaves_a_gap(cast: Cast, first: int) -> None:
    _take(cast.ministry.agency)
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterEntry.objects.create(
            agency=cast.ministry.agency,
            register="outgoing",
            year=1405,
            first=first,
            last=first + 1,
            subject=missing_id(),
            given_at=AT,
        )


def test_the_database_keeps_entries_and_lets_no_counter_fall(cast: Cast) -> None:
    _take(cast.ministry.agency, 2)
    refused = (
        lambda: RegisterEntry.objects.update(last=9),
        lambda: RegisterEntry.objects.all().delete(),
        lambda: RegisterCounter.objects.update(last=1),
        lambda: RegisterCounter.objects.all().delete(),
    )
    for change in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    assert _take(cast.ministry.agency).first == 3


def test_every_agency_numbers_in_its_own_words(cast: Cast) -> None:
    agency = cast.ministry.agency
    agency.number_pattern, agency.code = "{index}/ق/م/{code}/{year}", "ب"
    assert _take(agency).number() == "1/ق/م/ب/1405"
    agency.number_pattern = "دفتر وزیر-{year}/{index}"
    assert _take(agency, 2).span == "دفتر وزیر-1405/2 – دفتر وزیر-1405/3"


@pytest.mark.parametrize(
    "pattern",
    ["{year}/{code}/{index}", "{index}/ق/م/{year}", "دفتر\u200cخانه {year}-{index}", "ص/{year}/{code}/{index}"],
)
def test_good_patterns_pass(pattern: str) -> None:
    check_number_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("", "pattern.repeats"),
        ("نامه", "pattern.repeats"),
        ("{code}/{index}", "pattern.repeats"),
        ("{year}/{code}", "pattern.repeats"),
        ("{year}/{index}/{index}", "pattern.repeats"),
        ("{year}/{index}/{month}", "pattern.unknown"),
        ("{year}/{index.__class__}", "pattern.unknown"),
        ("{year}/{index!r}", "pattern.unknown"),
        ("{year}/{index:>9}", "pattern.unknown"),
        ("{year}/{index}/{", "pattern.unknown"),
        ("{{year}}/{index}", "pattern.unknown"),
        ("{year}{index}", "pattern.touching"),
        ("{year}/\u202e{index}", "pattern.unseen"),
        ("{year}/{index}\n", "pattern.unseen"),
        (" {year}/{index}", "pattern.unseen"),
        ("{year}/{index}/معاونت برنامه‌ریزی و توسعه", "pattern.long"),
    ],
)
def test_bad_patterns_are_refused_each_for_its_own_reason(pattern: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        check_number_pattern(pattern)
    assert caught.value.code == code


@pytest.mark.django_db
def test_an_agency_with_a_bad_pattern_is_not_valid() -> None:
    agency = Agency(
        national_id="14000000018", code="1", name="الف", name_en="A", sector="tax", number_pattern="{index}"
    )
    with pytest.raises(ValidationError) as caught:
        agency.full_clean()
    assert set(caught.value.message_dict) == {"number_pattern"}
    assert "{index}" in caught.value.message_dict["number_pattern"][0]


def test_what_a_code_holds_is_never_read_as_a_part() -> None:
    assert number_of("{year}/{code}/{index}", year=1405, code="{index}", index=7) == "1405/{index}/7"


def test_the_longest_block_fits_its_column() -> None:
    block = NumberBlock("outgoing", 1405, 1, 100_000, "ا" * 12 + "/{year}/{code}/{index}", "88888888")
    check_number_pattern(block.pattern)
    assert len(block.number(99_999_998)) <= MAX_NUMBER
    assert 2 * MAX_NUMBER + 3 <= 80
