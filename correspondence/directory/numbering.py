"""Patterns of letter numbers: each agency writes its own, such as `{index}/ق/م/{year}`.

Patterns are read here and nowhere else, so that braces in them can never do more than stand for a part of the number.
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

OUTGOING = "{year}/{code}/{index}"
# «و» for وارده: without it an incoming and an outgoing letter of one agency could bear the same number.
INCOMING = "{year}/{code}/و/{index}"

# Two numbers with a dash between them fit the column of a run's block.
MAX_NUMBER = 36
_LARGEST = {"year": "1405", "code": "88888888", "index": "88888888"}
_PART = re.compile(r"\{([^{}]*)\}")
_ZWNJ = "\u200c"


def number_of(pattern: str, *, year: int, code: str, index: int) -> str:
    """The letter number that the pattern makes of a Jalali year, the agency's code and a place in the register."""
    parts = {"year": str(year), "code": code, "index": str(index)}
    return _PART.sub(lambda part: parts[part[1]], pattern)


def check_number_pattern(pattern: str) -> None:
    """Raise ValidationError for a pattern whose numbers could repeat, mislead or not fit."""
    parts = _PART.findall(pattern)
    unknown = [name for name in parts if name not in _LARGEST]
    if unknown or set("{}") & set(_PART.sub("", pattern)):
        raise ValidationError(
            _("A number is made of {year}, {code} and {index} and of your own letters; braces stand for nothing else."),
            code="pattern.unknown",
        )
    if parts.count("index") != 1 or parts.count("year") != 1 or parts.count("code") > 1:
        raise ValidationError(
            _("Write {index} and {year} once each: a number without both is given a second time next year."),
            code="pattern.repeats",
        )
    if "}{" in pattern:
        raise ValidationError(
            _("Put a sign such as / between two parts, so that nobody reads them as one number."),
            code="pattern.touching",
        )
    if pattern != " ".join(pattern.split()) or any(_is_unseen(sign) for sign in pattern):
        raise ValidationError(
            _("A number holds no line breaks, no spaces at its ends and no signs that cannot be seen."),
            code="pattern.unseen",
        )
    if len(_PART.sub(lambda part: _LARGEST[part[1]], pattern)) > MAX_NUMBER:
        raise ValidationError(
            _("Numbers of this pattern can become longer than %(limit)s characters. Shorten it."),
            code="pattern.long",
            params={"limit": MAX_NUMBER},
        )


def _is_unseen(sign: str) -> bool:
    return sign != _ZWNJ and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}
