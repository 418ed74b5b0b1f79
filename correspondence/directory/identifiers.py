"""Identifiers of people, companies, bills, accounts, phones and places in Iran: pure functions over text.

Each function takes text as people type it and returns the clean form in ASCII digits, or raises InvalidIdentifier with
its own code for each reason. A check digit that fits proves only that nothing was mistyped, never that the person or
the company exists: that is asked of a register (`registers`).
"""

import re
import unicodedata
from operator import mul

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from correspondence.directory.numerals import numeral
from signing.errors import DomainError

_DIGITS = {ord(source): str(value) for row in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩") for value, source in enumerate(row)}
_DASHES = "-\u00ad\u0640\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_INVISIBLE = "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_CLEANING: dict[int, str | None] = {**_DIGITS, **{ord(sign): None for sign in _DASHES + _INVISIBLE}}

_ONLY_DIGITS = re.compile("[0-9]*")
_COMPANY_WEIGHTS = (29, 27, 23, 19, 17)
_LETTERS = {"ي": "ی", "ى": "ی", "ئ": "ی", "ے": "ی", "ك": "ک", "ة": "ه", "ۀ": "ه", "ہ": "ه", "ە": "ه"}
_VOWELS = {"آ": "ا", "أ": "ا", "إ": "ا", "ٱ": "ا", "ؤ": "و", "ء": ""}
_FOLDING: dict[int, str | None] = {**_CLEANING, **{ord(sign): base for sign, base in (_LETTERS | _VOWELS).items()}}


class InvalidIdentifier(DomainError):
    """An identifier that cannot be right; `code` is `<kind>.<reason>`, for example `national-code.check-digit`."""


def clean_identifier(text: str) -> str:
    """`text` with ASCII digits, without white space, half-spaces, bidi marks and dashes; leading zeros stay."""
    return "".join(text.translate(_CLEANING).split())


def masked_id(kind: str, number: str) -> str:
    """A number as others may see it: of a `person` only its ends; those of companies and agencies are public."""
    return f"{number[:3]}•••{number[-4:]}" if kind == "person" else number


def national_code(text: str) -> str:
    """The national code (کد ملی) of a person as 10 digits; the last one is a check digit modulo 11."""
    digits = _digits("national-code", text, shortest=10, longest=10)
    if len(set(digits)) == 1:
        raise InvalidIdentifier("national-code.all-equal", _("Ten equal digits are nobody's code; please look again."))
    if national_code_check_digit(digits[:9]) != digits[9]:
        raise _wrong_check_digit("national-code")
    return digits


def national_code_check_digit(first_nine: str) -> str:
    """The tenth digit that belongs to nine digits."""
    rest = sum(map(mul, map(int, first_nine), range(10, 1, -1))) % 11
    return str(rest if rest < 2 else 11 - rest)


def company_id(text: str) -> str:
    """The national id (شناسه ملی) of a legal person as 11 digits; the last one is a check digit modulo 11."""
    digits = _digits("company-id", text, shortest=11, longest=11)
    # Serial number zero is not given out; 140 with serial zero is the range of synthetic ids of examples and tests.
    if digits[3:9] == "000000" and not digits.startswith("140"):
        raise InvalidIdentifier("company-id.no-serial", _("The digits in the middle are all zero; please look again."))
    if company_check_digit(digits[:10]) != digits[10]:
        raise _wrong_check_digit("company-id")
    return digits


def company_check_digit(first_ten: str) -> str:
    """The eleventh digit that belongs to ten digits."""
    shift = int(first_ten[9]) + 2
    total = sum((int(digit) + shift) * _COMPANY_WEIGHTS[place % 5] for place, digit in enumerate(first_ten))
    return str(total % 11 % 10)


def mobile(text: str) -> str:
    """An Iranian mobile number in E.164 form, `+989123456789`; `0…`, `0098…` and `+98…` are understood."""
    cleaned = clean_identifier(text)
    _refuse_letters("mobile", cleaned.removeprefix("+"))
    match = re.fullmatch(r"(?:\+98|0098|0)?(9[0-9]{9})", cleaned)
    if match is None:
        raise InvalidIdentifier(
            "mobile.shape", _("A mobile number looks like 0912 345 6789, with eleven digits; please look again.")
        )
    return f"+98{match[1]}"


def postal_code(text: str) -> str:
    """A postal code as 10 digits; none of the first five is 0 or 2. No check digit is publicly known."""
    digits = _digits("postal-code", text, shortest=10, longest=10)
    if re.search("[02]", digits[:5]):
        raise InvalidIdentifier(
            "postal-code.shape", _("The first five digits of a postal code hold no 0 and no 2; please look again.")
        )
    return digits


def bill_id(text: str) -> str:
    """The id of a bill (شناسه قبض), 6 to 13 digits; the last is a check digit, the one before names the service."""
    digits = _digits("bill-id", text, shortest=6, longest=13)
    if bill_check_digit(digits[:-1]) != digits[-1]:
        raise _wrong_check_digit("bill-id")
    return digits


def payment_id(text: str, bill: str) -> str:
    """The payment id (شناسه پرداخت) that belongs to `bill`, 6 to 13 digits; its last two are check digits.

    Raises InvalidIdentifier `payment-id.other-bill` where it is sound by itself but of another bill.
    """
    digits = _digits("payment-id", text, shortest=6, longest=13)
    if bill_check_digit(digits[:-2]) != digits[-2]:
        raise _wrong_check_digit("payment-id")
    if bill_check_digit(bill_id(bill) + digits[:-1]) != digits[-1]:
        raise InvalidIdentifier(
            "payment-id.other-bill", _("This payment id does not belong to this bill; please look at both again.")
        )
    return digits


def payment_amount(payment: str) -> int:
    """The amount in rial that a payment id states; ids count in thousands."""
    return int(clean_identifier(payment)[:-5]) * 1000


def bill_check_digit(digits: str) -> str:
    """The check digit of bills and payments: weights 2 to 7 from the right, modulo 11."""
    rest = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits))) % 11
    return str(0 if rest < 2 else 11 - rest)


def iban(text: str) -> str:
    """An Iranian account number (شبا) as `IR` and 24 digits, with or without the `IR` typed (ISO 13616, modulo 97)."""
    cleaned = clean_identifier(text).upper()
    digits = _digits("iban", cleaned.removeprefix("IR"), shortest=24, longest=24)
    if int(f"{digits[2:]}1827{digits[:2]}") % 97 != 1:
        raise InvalidIdentifier("iban.check-digit", _("The digits do not fit together; please look again."))
    return f"IR{digits}"


def kind_of(text: str) -> str | None:
    """`person` for ten digits, `company` for eleven, None for anything else; the check digit is not looked at."""
    cleaned = clean_identifier(text)
    if not _ONLY_DIGITS.fullmatch(cleaned):
        return None
    return {10: "person", 11: "company"}.get(len(cleaned))


def fold_name(text: str) -> str:
    """The skeleton of a name: two spellings of one name give one skeleton (ي/ی, ك/ک, half-spaces, digits, vowels).

    For comparing only; what is shown and what is signed keeps the spelling that was typed.
    """
    spread = unicodedata.normalize("NFKC", text).translate(_FOLDING)
    bare = "".join(sign for sign in unicodedata.normalize("NFD", spread) if unicodedata.category(sign) != "Mn")
    return "".join(unicodedata.normalize("NFC", bare).translate(_FOLDING).casefold().split())


def same_name(first: str, second: str) -> bool:
    """Whether two spellings are one name."""
    return fold_name(first) == fold_name(second)


def _digits(kind: str, text: str, *, shortest: int, longest: int) -> str:
    cleaned = clean_identifier(text)
    if not cleaned:
        raise InvalidIdentifier(f"{kind}.missing", _("Nothing is written here; please write the digits."))
    _refuse_letters(kind, cleaned)
    if not shortest <= len(cleaned) <= longest:
        raise InvalidIdentifier(f"{kind}.length", _length_message(len(cleaned), shortest, longest))
    return cleaned


def _refuse_letters(kind: str, cleaned: str) -> None:
    # Not str.isdigit: that is true of "²" and of the digits of scripts that nobody types here.
    if not _ONLY_DIGITS.fullmatch(cleaned):
        raise InvalidIdentifier(f"{kind}.letters", _("There is something other than digits in it; please look again."))


def _length_message(found: int, shortest: int, longest: int) -> str | Promise:
    if shortest == longest:
        template = _("It has {found} digits and needs {longest}; please look again.")
    else:
        template = _("It has {found} digits and needs {shortest} to {longest}; please look again.")
    return format_lazy(template, found=numeral(found), shortest=numeral(shortest), longest=numeral(longest))


def _wrong_check_digit(kind: str) -> InvalidIdentifier:
    return InvalidIdentifier(f"{kind}.check-digit", _("The last digit does not fit; please look again."))
