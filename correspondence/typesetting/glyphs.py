"""Which characters the letter's typeface can show, read from the fonts themselves (OpenType `cmap`, formats 4 and 12).

PDF/A forbids a missing glyph, and a letter must not fail at its first opening because of one sign in a name.
"""

import struct
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from correspondence.bidi import BIDI_CONTROLS
from correspondence.typesetting.errors import UnprintableText
from correspondence.typesetting.template import FONTS

# White space, joiners and marks of direction; the rest of the format characters has no place in a letter.
_NEEDS_NO_GLYPH = frozenset(
    "\n\r\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
    "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
)


def check_printable(text: str, field: str | None = None) -> None:
    """Refuse text with a sign that the letter could only show by its code; raises UnprintableText naming the signs."""
    signs = sorted({c for c in text if not _is_printable(c)})
    if signs:
        named = "، ".join(f"{c} (U+{ord(c):04X})" if c.isprintable() else f"U+{ord(c):04X}" for c in signs[:5])
        message = _("The letter's typeface has no sign for %(signs)s. Write it in words or take it out.")
        raise UnprintableText(message % {"signs": named}, field)


def printable(text: str) -> str:
    """The text with each sign that the typeface lacks written as its code, so that nothing is lost unseen."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if _is_printable(c) else _stand_in(c) for c in text)


def _is_printable(character: str) -> bool:
    if character in BIDI_CONTROLS:  # fonts have them, but on paper they would turn their neighbours round
        return False
    return ord(character) in _coverage(FONTS) or character in _NEEDS_NO_GLYPH


def _stand_in(character: str) -> str:
    return f"[U+{ord(character):04X}]"


@cache
def _coverage(fonts: tuple[Path, ...]) -> frozenset[int]:
    """Code points that all the fonts have, without the control characters that fonts map to nothing."""
    return frozenset.intersection(*(_code_points(font.read_bytes()) for font in fonts)) - frozenset(range(0x20))


def _code_points(font: bytes) -> frozenset[int]:
    start = _table(font, b"cmap")
    count = struct.unpack_from(">H", font, start + 2)[0]
    found: set[int] = set()
    for index in range(count):
        offset = start + struct.unpack_from(">I", font, start + 8 + 8 * index)[0]
        shape = struct.unpack_from(">H", font, offset)[0]
        if shape == 4:
            found |= _segments(font, offset)
        elif shape == 12:
            found |= _groups(font, offset)
    return frozenset(found)


def _table(font: bytes, tag: bytes) -> int:
    for index in range(struct.unpack_from(">H", font, 4)[0]):
        name, _checksum, offset, _length = struct.unpack_from(">4sIII", font, 12 + 16 * index)
        if name == tag:
            return int(offset)
    raise ValueError(f"the font has no table {tag!r}")


def _segments(font: bytes, offset: int) -> set[int]:
    count = struct.unpack_from(">H", font, offset + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, offset + 14)
    starts = struct.unpack_from(f">{count}H", font, offset + 16 + 2 * count)
    return {c for first, last in zip(starts, ends, strict=True) for c in range(first, last + 1)} - {0xFFFF}


def _groups(font: bytes, offset: int) -> set[int]:
    count = struct.unpack_from(">I", font, offset + 12)[0]
    groups = (struct.unpack_from(">II", font, offset + 16 + 12 * index) for index in range(count))
    return {c for first, last in groups for c in range(first, last + 1)}
