"""The Iranian solar calendar: conversions, reading what people type, and dates in Persian words.

Pure functions without Django. A `datetime` is read in official Iranian time (Asia/Tehran), a `date` as it stands.
What depends on the reader's language is in `config.templatetags.karpusheh`.
"""

import re
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import jdatetime

TEHRAN = ZoneInfo("Asia/Tehran")
MONTHS = (
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
)
MONTHS_EN = (
    "Farvardin",
    "Ordibehesht",
    "Khordad",
    "Tir",
    "Mordad",
    "Shahrivar",
    "Mehr",
    "Aban",
    "Azar",
    "Dey",
    "Bahman",
    "Esfand",
)
# In the order of date.weekday(): Monday first.
WEEKDAYS = ("دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه", "یکشنبه")
LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})
FIRST_YEAR, LAST_YEAR = 1280, 1499

_TO_ASCII = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_TO_PERSIAN = str.maketrans("0123456789٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹۰۱۲۳۴۵۶۷۸۹")
_INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x061C, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF))
_NUMERIC = re.compile(r"(\d{4})([/.\-٫])(\d{1,2})\2(\d{1,2})", re.ASCII)


class InvalidJalaliDate(ValueError):
    """The text or the numbers are no day of the Iranian calendar.

    `code` is for programs: "date.shape" (not year/month/day), "date.year" (outside 1280 to 1499),
    "date.month" or "date.day" (there is no such month or day).
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class JalaliDate(NamedTuple):
    """A day of the Iranian calendar; compares in the order of time."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year:04d}/{self.month:02d}/{self.day:02d}"


def to_jalali(day: date | datetime) -> JalaliDate:
    """The Jalali day of a Gregorian date, or of an aware instant in Tehran; a naive datetime raises ValueError."""
    gregorian = tehran_date(day)
    converted = jdatetime.date.fromgregorian(year=gregorian.year, month=gregorian.month, day=gregorian.day)
    return JalaliDate(converted.year, converted.month, converted.day)


def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali day; InvalidJalaliDate where there is no such day."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidJalaliDate("date.year", f"the year must be between {FIRST_YEAR} and {LAST_YEAR}, not {year}")
    if not 1 <= month <= 12:
        raise InvalidJalaliDate("date.month", f"there is no month {month}")
    if not 1 <= day <= month_length(year, month):
        raise InvalidJalaliDate("date.day", f"{MONTHS_EN[month - 1]} {year} has no day {day}")
    gregorian: date = jdatetime.date(year, month, day).togregorian()
    return gregorian


def parse_jalali(text: str) -> date:
    """The Gregorian date of a typed Jalali date such as ۱۴۰۵/۹/۱, 1405-09-01 or ١٤٠٥.٩.١ (year first, one separator).

    Raises InvalidJalaliDate; a two-digit year is refused because it may as well be a day.
    """
    cleaned = text.translate(_TO_ASCII).translate(_INVISIBLE).strip()
    match = _NUMERIC.fullmatch(cleaned)
    if match is None:
        raise InvalidJalaliDate("date.shape", "a date is written year/month/day, such as 1405/09/01")
    return from_jalali(int(match[1]), int(match[3]), int(match[4]))


def jalali_year(at: date | datetime) -> int:
    """The Jalali year in which registers number a letter dated `at` (Asia/Tehran)."""
    return to_jalali(at).year


def is_leap(year: int) -> bool:
    """Whether Esfand of the Jalali year has 30 days (33-year rule; the same as the equinox for 1280 to 1499)."""
    return year % 33 in LEAP_REMAINDERS


def month_length(year: int, month: int) -> int:
    """Days of a Jalali month: 31 in the first half of the year, 30 in the second, 29 or 30 in Esfand."""
    if month <= 6:
        return 31
    return 30 if month < 12 or is_leap(year) else 29


def weekday_name(day: date | datetime) -> str:
    """شنبه … جمعه of the day."""
    return WEEKDAYS[tehran_date(day).weekday()]


def format_date(day: date | datetime, style: str = "long") -> str:
    """The day in Persian: "long" یکشنبه ۱ آذر ۱۴۰۵, "short" ۱ آذر ۱۴۰۵, "numeric" ۱۴۰۵/۰۹/۰۱; ValueError otherwise."""
    jalali = to_jalali(day)
    if style == "numeric":
        return persian_digits(jalali)
    if style not in {"long", "short"}:
        raise ValueError(f"a date's style is long, short or numeric, not {style!r}")
    words = persian_digits(f"{jalali.day} {MONTHS[jalali.month - 1]} {jalali.year}")
    return f"{weekday_name(day)} {words}" if style == "long" else words


def persian_digits(value: object) -> str:
    """The text of `value` with ASCII and Arabic digits as Persian ones."""
    return str(value).translate(_TO_PERSIAN)


def ascii_digits(text: str) -> str:
    """The text with Persian and Arabic digits as ASCII ones, for codes and numbers that people type."""
    return text.translate(_TO_ASCII)


def tehran_date(day: date | datetime) -> date:
    """The date itself, or the date of an aware instant in Tehran; a naive datetime raises ValueError."""
    if not isinstance(day, datetime):
        return day
    if day.tzinfo is None:
        raise ValueError("an instant without a time zone has no date")
    return day.astimezone(TEHRAN).date()
