"""Which parts of a line read from the left inside Persian text, so that neighbours cannot turn them round.

The rules of Unicode (UAX 9) go by single letters; letter numbers, dates and addresses need the help of an isolate.
"""

import re

from correspondence.markdown_rules import DIGITS

# Marks that reorder the text after them unseen (UAX 9, explicit formatting); no letter may hold one.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# A word of letters or digits with what may stand inside it, as in 1405/102/4581 or https://…; matching every word keeps
# the search linear.
_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
_WORD = re.compile(rf"[+]?[{_LATIN}{DIGITS}]+(?:[/\-:._@#%&=?~٫٬,+]+[{_LATIN}{DIGITS}]+)*")
_SEPARATOR = re.compile(r"[/\-:._@#%&=?~٫٬,+]")
_RANGE = re.compile(r"[۱-۹][۰-۹]*-[۱-۹][۰-۹]*")
_LATIN_LETTER = re.compile(rf"[{_LATIN}]")
_ARABIC_LETTER = re.compile("[\u0620-\u064a\u066e-\u06d3]")


def isolate(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, true for each that reads from the left whatever stands around it.

    Numbers with a separator (1405/102/4581, 2026-11-22), addresses, file names, and Latin words in a row with the
    numbers that follow them (Word 2016); but not a range such as ۵-۱۰, which Persian reads from the right.
    """
    pieces, start = [], 0
    for first, end in _runs(text):
        pieces += [(text[start:first], False), (text[first:end], True)]
        start = end
    return [piece for piece in [*pieces, (text[start:], False)] if piece[0]]


def reads_from_left(text: str) -> bool:
    """Whether the whole line runs from the left: it begins with a Latin letter and has more of them than Arabic ones."""
    latin, arabic = _LATIN_LETTER.search(text), _ARABIC_LETTER.search(text)
    if not latin or (arabic and arabic.start() < latin.start()):
        return False
    return len(_LATIN_LETTER.findall(text)) > len(_ARABIC_LETTER.findall(text))


def _runs(text: str) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    latin_until = -1
    for match in _WORD.finditer(text):
        word, latin = match[0], bool(_LATIN_LETTER.search(match[0]))
        follows = latin_until >= 0 and not text[latin_until : match.start()].strip(" ") and (latin or word.isascii())
        if follows:
            runs[-1] = (runs[-1][0], match.end())
        elif latin or (_SEPARATOR.search(word) and not _RANGE.fullmatch(word)):
            runs.append(match.span())
        latin_until = match.end() if latin or follows else -1
    return runs
