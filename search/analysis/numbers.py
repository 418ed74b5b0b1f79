"""Numbers and codes: kept whole, so that 1405/123 is not 1405/1234, and as parts.

A whole of several groups of digits is written n1405s123, one word for every tokeniser. The sign between the groups does
not count (1405-123 is 1405/123), grouping of thousands is removed, dates and the identifiers that people write in
groups have one form. What is not known is left as it stands; leading zeros always stay.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from search.analysis.affixes import stem
from search.analysis.folding import PERSIAN, ZWNJ
from search.analysis.words import Part, Word, script_of

_P = f"[{PERSIAN}]"
_END = r"(?![^\W_])"
_START = r"(?<![^\W_])"
_LETTER = f"(?:الف|{_P})"
# Written in groups with spaces or dashes; every quantifier is bounded.
KNOWN = (
    rf"(?P<iban>{_START}ir ?[0-9]{{2}}(?:[ -]?[0-9]{{4}}){{5}}[ -]?[0-9]{{2}}{_END})"
    rf"|(?P<card>{_START}[0-9]{{4}}(?:[ -][0-9]{{4}}){{3}}{_END}(?![ -][0-9]))"
    rf"|(?P<national>{_START}[0-9]{{3}}-[0-9]{{6}}-[0-9]{_END})"
    rf"|(?P<mobile>(?<![^\W_+])(?:\+98|0098|98|0)[ -]?9[0-9]{{2}}[ -]?[0-9]{{3}}[ -]?[0-9]{{2}}[ -]?[0-9]{{2}}{_END})"
    rf"|(?P<plate>(?<![/.-]){_START}(?:[0-9]{{2}}(?: (?!و){_LETTER} |{_LETTER})[0-9]{{3}}"
    rf"|[0-9]{{3}}(?: (?!و){_LETTER} |{_LETTER})[0-9]{{2}}){_END}(?!/[0-9]{{3}}))"
)
_PIECE = re.compile(rf"[0-9]+|{_P}+|[^\W_0-9{PERSIAN}]+")
_PLATE = re.compile(rf"([0-9]+) ?({_LETTER}) ?([0-9]+)")
_NOT_DIGIT = re.compile("[^0-9]")
_GROUPING = frozenset("٬,،'")
_SLASHES = frozenset({"/", "\\"})
_MANY_DIGITS = 9


class Piece(NamedTuple):
    """A run of one script inside a chain; `sign` is what stands between it and the piece before."""

    text: str
    start: int
    end: int
    script: str
    sign: str


def known_number(kind: str, text: str, start: int, end: int) -> Word:
    """The word for a match of KNOWN; `kind` is the name of its group."""
    digits = _NOT_DIGIT.sub("", text)
    if kind == "iban":
        return Word("ir" + digits, start, end, "number", equals=(digits,))
    if kind == "mobile":
        return Word("0" + digits[-10:], start, end, "number", equals=(digits[-10:], "98" + digits[-10:]))
    if kind == "plate":
        return _plate(text, start, end)
    return Word(digits, start, end, "number")


def code_words(folded: str, start: int, end: int) -> Iterator[Word | Piece]:
    """The words of a chain that holds a digit; a Piece is an ordinary word, for the caller to read on."""
    group: list[Piece] = []
    for piece in _thousands_joined(_pieces(folded, start, end)):
        if group and _breaks(group[-1], piece):
            yield from _finished(group)
            group = []
        group.append(piece)
    yield from _finished(group)


def date_term(year: int, month: int, day: int) -> str:
    """The one form of a date, whatever calendar its year belongs to."""
    return f"n{year:04d}s{month:02d}s{day:02d}"


def _plate(text: str, start: int, end: int) -> Word:
    match = _PLATE.fullmatch(text)
    if match is None:
        raise AssertionError(text)
    first, letter, last = match.groups()
    # Right-to-left text shows the same plate either way round; two digits come first on the plate.
    if len(first) == 3:
        first, last = last, first
    parts = tuple(Part(text[s:e], start + s, start + e) for s, e in (match.span(1), match.span(2), match.span(3)))
    return Word(first + letter + last, start, end, "number", parts=parts)


def _pieces(folded: str, start: int, end: int) -> Iterator[Piece]:
    before = start
    for match in _PIECE.finditer(folded, start, end):
        text = match[0]
        yield Piece(text, match.start(), match.end(), script_of(text), folded[before : match.start()].strip(" "))
        before = match.end()


def _thousands_joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """1,200,000 as one piece; groups after the first have three digits, the first has one to three."""
    held: Piece | None = None
    parts: list[str] = []
    grouped = False
    for piece in pieces:
        is_group = piece.sign in _GROUPING and piece.script == "number" and len(piece.text) == 3
        if held is not None and grouped and is_group:
            parts.append(piece.text)
            held = held._replace(end=piece.end)
            continue
        if held is not None:
            yield held._replace(text="".join(parts))
        held, parts = piece, [piece.text]
        grouped = piece.script == "number" and len(piece.text) <= 3
    if held is not None:
        yield held._replace(text="".join(parts))


def _breaks(before: Piece, piece: Piece) -> bool:
    if piece.sign in _GROUPING or ZWNJ in piece.sign or piece.sign == "@":
        return True
    # A word of letters belongs to a number only between slashes: 1405/حقوقی/12, but not «ماده10» or «سال.1405».
    return (_is_word(before) or _is_word(piece)) and piece.sign not in _SLASHES


def _is_word(piece: Piece) -> bool:
    return piece.script == "persian" and len(piece.text) > 1 and piece.text != "الف"


def _finished(group: list[Piece]) -> Iterator[Word | Piece]:
    if all(piece.script != "number" for piece in group):
        yield from group
    elif len(group) == 1:
        yield Word(group[0].text, group[0].start, group[0].end, "number")
    elif all(piece.script == "number" for piece in group):
        yield _digits(group)
    else:
        yield _mixed(group)


def _digits(group: list[Piece]) -> Word:
    texts = [piece.text for piece in group]
    date = _date(texts)
    equals: list[str] = []
    if date is not None:
        equals.append(date.replace("n", "").replace("s", ""))
    elif len(texts) >= 3 and len(texts[0]) <= 3 and all(len(text) == 3 for text in texts[1:]):
        equals.append("".join(texts))  # 1/200/000 and 1.200.000 are amounts as well as they are numbers
    elif sum(map(len, texts)) >= _MANY_DIGITS and all(piece.sign == "-" for piece in group[1:]):
        equals.append("".join(texts))
    parts = tuple(Part(piece.text, piece.start, piece.end) for piece in group)
    term = date or "n" + "s".join(texts)
    return Word(term, group[0].start, group[-1].end, "number", equals=tuple(equals), parts=parts)


def _date(texts: list[str]) -> str | None:
    if len(texts) != 3 or max(map(len, texts)) != 4 or any(len(text) > 2 for text in texts[1:2]):
        return None
    year, month, day = map(int, texts if len(texts[0]) == 4 else reversed(texts))
    if len(texts[0]) == len(texts[2]) or not (1300 <= year < 1500 or 1900 <= year < 2100):
        return None
    return date_term(year, month, day) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _mixed(group: list[Piece]) -> Word:
    """SHA-256 is sha256, 12/ق/1402 is 12ق1402; two groups of digits stay apart, but for the dashes of Latin codes."""
    latin = any(piece.script == "latin" for piece in group)
    term = group[0].text
    for before, piece in pairwise(group):
        apart = before.script == piece.script == "number" and not (latin and piece.sign == "-")
        term += ("s" if apart else "") + piece.text
    return Word(term, group[0].start, group[-1].end, "number", parts=tuple(_parts(group)))


def _parts(group: list[Piece]) -> Iterator[Part]:
    """What stands between the signs, in one piece; and its letters and digits apart where they are words and numbers."""
    stretch = [group[0]]
    for piece in group[1:]:
        if piece.sign or _is_word(piece) or _is_word(stretch[-1]):
            yield from _stretch(stretch)
            stretch = []
        stretch.append(piece)
    yield from _stretch(stretch)


def _stretch(pieces: list[Piece]) -> Iterator[Part]:
    # IR82, SHA256, 12ب345: the letters are a word, the digits a number; longer Latin codes (K7QM) have no such parts.
    if len(pieces) <= 2 or any(piece.script == "persian" for piece in pieces):
        yield from (Part(stem(p.text).term if _is_word(p) else p.text, p.start, p.end) for p in pieces)
    if len(pieces) > 1:
        yield Part("".join(piece.text for piece in pieces), pieces[0].start, pieces[-1].end)
