"""The Iranian calendar: known first days of the year, the leap list, and what people type."""

from datetime import UTC, date, datetime, timedelta

import pytest

from correspondence.jalali import (
    InvalidJalaliDate,
    JalaliDate,
    ascii_digits,
    format_date,
    from_jalali,
    is_leap,
    jalali_year,
    month_length,
    parse_jalali,
    to_jalali,
    weekday_name,
)


@pytest.mark.parametrize(
    ("year", "gregorian"),
    [
        (1405, date(2026, 3, 21)),
        (1406, date(2027, 3, 21)),
        (1407, date(2028, 3, 20)),
        (1408, date(2029, 3, 20)),
    ],
)
def test_nowruz(year: int, gregorian: date) -> None:
    assert from_jalali(year, 1, 1) == gregorian
    assert to_jalali(gregorian) == JalaliDate(year, 1, 1)


def test_leap_years_have_a_gap_of_five_years_before_1408() -> None:
    leap = [year for year in range(1370, 1413) if is_leap(year)]
    assert leap == [1370, 1375, 1379, 1383, 1387, 1391, 1395, 1399, 1403, 1408, 1412]


def test_every_day_of_two_centuries_goes_there_and_back() -> None:
    day, end = from_jalali(1280, 1, 1), from_jalali(1499, 12, 29)
    expected = JalaliDate(1280, 1, 1)
    while day < end:
        assert to_jalali(day) == expected
        assert from_jalali(*expected) == day
        day += timedelta(days=1)
        expected = _next_day(expected)


def _next_day(day: JalaliDate) -> JalaliDate:
    if day.day < month_length(day.year, day.month):
        return day._replace(day=day.day + 1)
    if day.month < 12:
        return JalaliDate(day.year, day.month + 1, 1)
    return JalaliDate(day.year + 1, 1, 1)


@pytest.mark.parametrize(
    "text",
    ["۱۴۰۵/۰۹/۰۱", "1405/9/1", "١٤٠٥-٠٩-٠١", "1405.09.01", " ۱۴۰۵/۹/۱ ", "\u200f۱۴۰۵/۰۹/۰۱\u200e"],
)
def test_reads_the_ways_people_type_a_date(text: str) -> None:
    assert parse_jalali(text) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "date.shape"),
        ("فردا", "date.shape"),
        ("05/09/01", "date.shape"),
        ("1/9/1405", "date.shape"),
        ("1405/09-01", "date.shape"),
        ("1405/9/1/2", "date.shape"),
        ("2026/11/22", "date.year"),
        ("1405/13/01", "date.month"),
        ("1405/00/01", "date.month"),
        ("1405/07/31", "date.day"),
        ("1407/12/30", "date.day"),
        ("1405/01/00", "date.day"),
    ],
)
def test_refuses_what_is_no_day_and_says_why(text: str, code: str) -> None:
    with pytest.raises(InvalidJalaliDate) as refused:
        parse_jalali(text)
    assert refused.value.code == code
    assert refused.value.message


def test_a_leap_esfand_has_its_thirtieth_day() -> None:
    assert parse_jalali("1408/12/30") == date(2030, 3, 20)


def test_an_instant_belongs_to_the_day_in_tehran() -> None:
    last_second = datetime(2026, 3, 20, 20, 29, 59, tzinfo=UTC)
    assert to_jalali(last_second) == JalaliDate(1404, 12, 29)
    assert to_jalali(last_second + timedelta(seconds=1)) == JalaliDate(1405, 1, 1)
    assert jalali_year(last_second) == 1404


def test_summer_time_of_old_years_counts() -> None:
    assert to_jalali(datetime(2022, 7, 1, 19, 30, tzinfo=UTC)) == JalaliDate(1401, 4, 11)
    assert to_jalali(datetime(2023, 7, 1, 20, 29, tzinfo=UTC)) == JalaliDate(1402, 4, 10)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_jalali(datetime(2026, 11, 22, 10, 0))  # noqa: DTZ001


def test_words() -> None:
    day = date(2026, 11, 22)
    assert format_date(day) == "یکشنبه ۱ آذر ۱۴۰۵"
    assert format_date(day, "short") == "۱ آذر ۱۴۰۵"
    assert format_date(day, "numeric") == "۱۴۰۵/۰۹/۰۱"
    assert weekday_name(date(2026, 12, 22)) == "سه‌شنبه"
    with pytest.raises(ValueError, match="style"):
        format_date(day, "tall")


def test_digits_that_people_type() -> None:
    assert ascii_digits("۰۱۲٣٤٥ کد") == "012345 کد"
