"""What changed between two texts, word by word, for the eyes of whoever signs the newer one."""

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORDS = re.compile(r"\s+|[^\s]+")
# Word by word is quadratic at worst; longer texts are compared line by line.
_MOST_WORDS = 4_000


class Piece(NamedTuple):
    """A stretch of text that stayed, was put in or was taken out."""

    kind: Literal["same", "ins", "del"]
    text: str


def words_changed(old: str, new: str) -> list[Piece]:
    """Both texts as one: joined, the pieces without `ins` are the old text, those without `del` the new one."""
    first, second = _pieces(old), _pieces(new)
    if len(first) + len(second) > _MOST_WORDS:
        first, second = old.splitlines(keepends=True), new.splitlines(keepends=True)
    found: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Piece("same", "".join(first[a:b])))
            continue
        if b > a:
            found.append(Piece("del", "".join(first[a:b])))
        if d > c:
            found.append(Piece("ins", "".join(second[c:d])))
    return found


def _pieces(text: str) -> list[str]:
    return _WORDS.findall(text)
