"""One spelling for what a reader takes for the same text; every folded character knows where it came from.

NFKD, then: no vowel marks, tatweel or bidi controls; Arabic ي ى ك ة to Persian ی ک ه; every alef to ا; ؤ to و;
a free-standing hamza to nothing; every decimal digit to ASCII; Latin in lower case; all dashes to one dash.
ئ stays for the moment, because its spelling depends on its neighbours (see `affixes`).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

# Beyond this many characters a text is not analysed: extracted attachments have no natural bound.
MAX_CHARACTERS = 400_000

ZWNJ = "\u200c"
PERSIAN = "\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff"

_HAMZA_ABOVE = "\u0654"
_FIXED = {
    **dict.fromkeys("يىےېۍ", "ی"),
    **dict.fromkeys("كڪ", "ک"),
    **dict.fromkeys("ةۀہھەۂۃ", "ه"),
    **dict.fromkeys("آأإٱ", "ا"),
    **dict.fromkeys("ؤۋ", "و"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2044\u2215", "/"),
    # Old Persian word processors wrote the half-space as ¬, some web pages write it as a zero-width space.
    **dict.fromkeys("\u200c\u200b¬", ZWNJ),
    "ئ": "ئ",
    "ء": "",
    "ـ": "",
    "\u2019": "'",
}
# One placeholder per case in which one character does not fold to exactly one character.
_DROPPED, _EXPANDED, _HAMZA = "\ue000", "\ue001", "\ue002"
_PLACEHOLDER = re.compile("[\ue000-\ue002]")


class Folded(NamedTuple):
    """Folded text; `offsets[i]` is the index in the original of the character that gave `text[i]`."""

    text: str
    offsets: Sequence[int]


def fold(text: str) -> Folded:
    """Fold at most MAX_CHARACTERS of `text`, in linear time; never raises, whatever the characters."""
    text = text[:MAX_CHARACTERS]
    quick = text.translate(_QUICK)
    if _PLACEHOLDER.search(quick) is None:
        return Folded(quick, range(len(quick)))
    characters: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(quick):
        if len(characters) >= MAX_CHARACTERS:
            break  # a ligature may stand for twenty letters
        if character == _HAMZA:
            if characters and characters[-1] == "ی":
                characters[-1] = "ئ"
        elif character == _EXPANDED:
            expansion = _fold_character(text[index])
            characters.extend(expansion)
            offsets.extend([index] * len(expansion))
        elif character != _DROPPED:
            characters.append(character)
            offsets.append(index)
    return Folded("".join(characters), offsets)


def original_end(text: str, folded: Folded, end: int) -> int:
    """Where in the original the folded span that stops before `end` stops, with the marks of its last letter."""
    stop = folded.offsets[end - 1] + 1
    while stop < len(text) and unicodedata.category(text[stop]) == "Mn":
        stop += 1
    return stop


class _QuickTable(dict[int, str]):
    """A translation table that fills itself with the characters that are met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character == _HAMZA_ABOVE:
            folded = _HAMZA
        else:
            folded = _fold_character(character) or _DROPPED
            folded = folded if len(folded) == 1 else _EXPANDED
        self[code] = folded
        return folded


@lru_cache(maxsize=1_000)
def _fold_character(character: str) -> str:
    if character in _FIXED:
        return _FIXED[character]
    if "\ufe70" <= character <= "\ufe7f" or "\ufc5e" <= character <= "\ufc63":
        return ""  # vowel marks as free-standing glyphs: NFKD would put a space inside the word
    decomposed = unicodedata.normalize("NFKD", character).casefold()
    folded = "".join(map(_fold_part, decomposed))
    return folded.replace("ی" + _HAMZA_ABOVE, "ئ").replace(_HAMZA_ABOVE, "")


def _fold_part(part: str) -> str:
    if part in _FIXED:
        return _FIXED[part]
    if part == _HAMZA_ABOVE:
        return part
    category = unicodedata.category(part)
    if category == "Nd":
        return str(unicodedata.decimal(part))
    if category in {"Mn", "Me", "Cf"}:
        return ""
    return " " if category in {"Co", "Cs", "Cc", "Cn"} else part


_QUICK = _QuickTable()
