"""Where a query is fulfilled in the original text: ranges to mark, and a short stretch around the best of them."""

from collections.abc import Iterator
from typing import NamedTuple

from search.analysis.queries import Query, main_places, phrase_starts, query_terms
from search.analysis.tokens import Token, analyse

# Marks are for one page of results; the index itself reads much further.
MARKED_CHARACTERS = 20_000
ELLIPSIS = "…"


class Snippet(NamedTuple):
    """A stretch of a text without line breaks; `marks` are ranges inside `text`, in order, not overlapping."""

    text: str
    marks: list[tuple[int, int]]


def highlight(text: str, query: str) -> list[tuple[int, int]]:
    """The ranges of the first MARKED_CHARACTERS of `text` that fulfil `query`: in order, merged, inside the text."""
    return _merged(_hits(analyse(text[:MARKED_CHARACTERS]), query_terms(query)))


def snippet(text: str, query: str, width: int = 160) -> Snippet:
    """About `width` characters of `text` where most of `query` is found, cut between words."""
    marks = highlight(text, query)
    start, end = _window(text, marks, width)
    head = ELLIPSIS if start > 0 else ""
    tail = ELLIPSIS if end < len(text) else ""
    shift = len(head) - start
    inside = [(s + shift, e + shift) for s, e in marks if start <= s and e <= end]
    stretch = "".join(" " if character.isspace() else character for character in text[start:end])
    return Snippet(head + stretch + tail, inside)


def _hits(tokens: list[Token], query: Query) -> Iterator[tuple[int, int]]:
    alternatives = {alternative for unit in query.units for alternative in unit.alternatives}
    for token in tokens:
        if (token.term,) in alternatives:
            yield token.start, token.end
    places = main_places(tokens)
    main = [token for token in tokens if token.main]
    for phrase in alternatives:
        if len(phrase) > 1:
            for start in phrase_starts(places, phrase):
                yield main[start].start, main[start + len(phrase) - 1].end


def _merged(ranges: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, marks: list[tuple[int, int]], width: int) -> tuple[int, int]:
    """Start and end of the stretch that holds the most marks, a quarter of it before the first."""
    if len(text) <= width or not marks:
        return 0, _word_end(text, min(width, len(text)))
    best, best_count, last = 0, 0, 0
    for first in range(len(marks)):
        while last < len(marks) and marks[last][1] <= marks[first][0] + width * 3 // 4:
            last += 1
        if last - first > best_count:
            best, best_count = first, last - first
    start = min(max(0, marks[best][0] - width // 4), max(0, len(text) - width))
    start = min(_word_start(text, start), marks[best][0])
    return start, _word_end(text, min(len(text), max(start + width, marks[best][1])))


def _word_start(text: str, index: int) -> int:
    """The first start of a word at or after `index`, looking 20 characters ahead."""
    if index == 0:
        return 0
    for candidate in range(index, min(index + 20, len(text))):
        if text[candidate - 1].isspace():
            return candidate
    return index


def _word_end(text: str, index: int) -> int:
    """The last end of a word at or before `index`, looking 20 characters back."""
    if index >= len(text):
        return len(text)
    for candidate in range(index, max(index - 20, 0), -1):
        if text[candidate].isspace():
            return candidate
    return index
