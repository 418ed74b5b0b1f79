"""The analysis of a text as tokens: terms with their place in the original."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from search.analysis.folding import fold, original_end
from search.analysis.sentences import Span, read_spans, read_words
from search.analysis.words import Word, plain


class Token(NamedTuple):
    """A term and the characters `start`..`end` of the original text that gave it.

    `position` counts the words from 0. `main`: the one term that stands at its position for phrases; other tokens are
    further names of the same place (joined neighbours, parts of compounds and numbers, other forms of a number).
    """

    term: str
    start: int
    end: int
    position: int
    main: bool = True


class Columns(NamedTuple):
    """What an engine indexes, words separated by spaces: `main` keeps order for phrases, `variants` does not."""

    main: str
    variants: str


class Reading(NamedTuple):
    """A text as words and spans, before it becomes tokens."""

    words: Sequence[Word]
    spans: Sequence[Span]


def read(text: str) -> Reading:
    """The words and spans of `text`, with places in the folded text."""
    words = read_words(fold(text).text)
    return Reading(words, list(read_spans(words)))


def analyse(text: str) -> list[Token]:
    """All tokens of the first MAX_CHARACTERS of `text`, ordered by position; any Unicode text is accepted."""
    folded = fold(text)
    words = read_words(folded.text)
    spans: dict[int, list[Span]] = {}
    for span in read_spans(words):
        spans.setdefault(span.first, []).append(span)

    def place(start: int, end: int) -> tuple[int, int]:
        return folded.offsets[start], original_end(text, folded, end)

    tokens: list[Token] = []
    for position, word in enumerate(words):
        start, end = place(word.start, word.end)
        tokens.append(Token(plain(word.term), start, end, position))
        tokens.extend(Token(plain(equal), start, end, position, False) for equal in word.equals)
        tokens.extend(Token(plain(part.term), *place(part.start, part.end), position, False) for part in word.parts)
        for span in spans.get(position, ()):
            last = place(words[span.last].start, words[span.last].end)[1]
            tokens.append(Token(plain(span.term), start, last, position, False))
    return tokens


def index_columns(text: str) -> Columns:
    """Both columns of one text; the variants hold each term once, which is all that a match needs."""
    words, spans = read(text)
    return Columns(" ".join(plain(word.term) for word in words), " ".join(dict.fromkeys(_variants(words, spans))))


def index_terms(text: str) -> str:
    """The main terms of `text`, separated by spaces."""
    return index_columns(text).main


def _variants(words: Sequence[Word], spans: Sequence[Span]) -> Iterator[str]:
    for word in words:
        for equal in word.equals:
            yield plain(equal)
        for part in word.parts:
            yield plain(part.term)
    for span in spans:
        yield plain(span.term)
