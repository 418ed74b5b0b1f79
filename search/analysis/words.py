"""The values that the steps of the analysis hand to each other."""

import re
from dataclasses import dataclass

from search.analysis.folding import PERSIAN

# Longer runs of letters are not words; a term is cut here.
MAX_TERM = 64

_PLAIN = re.compile("[a-z0-9\u0620-\u064a\u066e-\u06d3]*")


@dataclass(slots=True)
class Part:
    """A term that stands for a stretch of a word, at `start`..`end` of the folded text."""

    term: str
    start: int
    end: int


@dataclass(slots=True)
class Word:
    """One place in the sentence; `start` and `end` are in the folded text.

    `bare`: no ending was taken off, so it may be the first half of a compound.
    `equals`: other terms for exactly the same thing; `parts`: what it is made of.
    `link`: how it hangs on the word before: "half" half-space, "space", "dash", "chain" another sign inside, "" not at all.
    """

    term: str
    start: int
    end: int
    script: str
    bare: bool = True
    equals: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    link: str = ""


def script_of(text: str) -> str:
    """`persian`, `number` or `latin` (every other script) of a run of one kind."""
    if text[0].isascii() and text[0].isdigit():
        return "number"
    return "persian" if _PERSIAN.match(text) else "latin"


def plain(term: str) -> str:
    """`term` in letters that every engine's simplest tokeniser leaves in one piece, at most MAX_TERM long.

    unicode61 of SQLite knows the letters of Unicode 6.1 only: all that is neither Latin nor Persian is written out.
    """
    term = term[:MAX_TERM]
    if _PLAIN.fullmatch(term):
        return term
    return "".join(c if _PLAIN.fullmatch(c) else f"u{ord(c):x}" for c in term)


_PERSIAN = re.compile(f"[{PERSIAN}]")
