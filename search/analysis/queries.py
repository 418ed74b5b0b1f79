"""What a reader types, as conditions on terms that every engine can evaluate.

A query is the conjunction of its units; a unit is fulfilled by any of its alternatives; an alternative is one term
(main or variant) or a phrase of main terms. Nothing of an engine's own syntax survives: a term holds letters and
digits only. «…», “…” and "…" ask for the words in that order. There is no search for beginnings of words: an engine
would walk through the words of all mailboxes for it, and the time it takes would tell of them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from search.analysis.lexicon import STOP_WORDS
from search.analysis.sentences import Span
from search.analysis.tokens import Reading, Token, analyse, read
from search.analysis.words import Word, plain

MAX_QUERY_CHARACTERS = 400
MAX_UNITS = 24

_QUOTED = re.compile('«([^«»]*)»|“([^“”]*)”|"([^"]*)"')


# One term, or several that follow each other.
Alternative = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that a document must hold, in any of its forms."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """All units must be fulfilled; a query without units finds nothing."""

    units: tuple[Unit, ...]


def query_terms(text: str) -> Query:
    """The query that the first MAX_QUERY_CHARACTERS of `text` ask for, of at most MAX_UNITS units; never raises."""
    text = text[:MAX_QUERY_CHARACTERS]
    units: list[Unit] = []
    ordinary: list[Unit] = []
    end = 0
    for match in _QUOTED.finditer(text):
        ordinary += _ordinary(text[end : match.start()])
        units += _phrase(match[1] or match[2] or match[3] or "")
        end = match.end()
    ordinary += _ordinary(text[end:])
    telling = [unit for unit in ordinary if not _is_stop_word(unit)]
    units += telling or ([] if units else ordinary)
    return Query(tuple(dict.fromkeys(units))[:MAX_UNITS])


def matches(text: str, query: Query) -> bool:
    """Whether `text` fulfils `query`, by the rules that the engines follow."""
    return fulfils(analyse(text), query)


def fulfils(tokens: Sequence[Token], query: Query) -> bool:
    """Whether a text with these tokens fulfils `query`."""
    terms = {token.term for token in tokens}
    places = main_places(tokens)
    return bool(query.units) and all(
        any(_holds(terms, places, alternative) for alternative in unit.alternatives) for unit in query.units
    )


def main_places(tokens: Sequence[Token]) -> dict[str, set[int]]:
    """The positions of every main term."""
    places: dict[str, set[int]] = {}
    for token in tokens:
        if token.main:
            places.setdefault(token.term, set()).add(token.position)
    return places


def phrase_starts(places: dict[str, set[int]], terms: tuple[str, ...]) -> set[int]:
    """The positions at which the main terms `terms` begin to follow each other."""
    starts = places.get(terms[0], set())
    for distance, term in enumerate(terms[1:], start=1):
        starts = {start for start in starts if start + distance in places.get(term, ())}
    return starts


def _holds(terms: set[str], places: dict[str, set[int]], alternative: Alternative) -> bool:
    return bool(phrase_starts(places, alternative)) if len(alternative) > 1 else alternative[0] in terms


def _phrase(text: str) -> Iterator[Unit]:
    words, spans = read(text)
    terms = tuple(plain(word.term) for word in words)
    if not terms:
        return
    alternatives: list[Alternative] = [terms]
    if len(terms) == 1:
        alternatives += [(plain(equal),) for equal in words[0].equals]
    elif len(terms) == 2:  # the same two words may stand joined in the document
        alternatives += [(plain(span.term),) for span in spans]
    yield Unit(tuple(alternatives))


def _ordinary(text: str) -> Iterator[Unit]:
    reading = read(text)
    words, spans = reading
    ends = _bound(reading)
    index = 0
    while index < len(words):
        last = index
        while last in ends:
            last = ends[last]
        if last > index:
            yield _whole(words[index : last + 1], [s for s in spans if (s.first, s.last) == (index, last)])
        else:
            yield _single(words[index], [s for s in spans if s.first <= index <= s.last])
        index = last + 1


def _bound(reading: Reading) -> dict[int, int]:
    """Which word a word is bound to: the other half of a compound, the year of a date, the rest of an address."""
    words, spans = reading
    ends = {span.first: span.last for span in spans if span.binding}
    for index in range(1, len(words)):
        if words[index].link == "chain" and words[index].script == words[index - 1].script == "latin":
            ends.setdefault(index - 1, index)
    return ends


def _whole(words: Sequence[Word], spans: list[Span]) -> Unit:
    alternatives: list[Alternative] = [(plain(span.term),) for span in spans]
    if all(word.link == "half" for word in words[1:]):
        alternatives.append((plain("".join(word.term for word in words)),))
    alternatives.append(tuple(plain(word.term) for word in words))
    if len(words) == 2 and words[1].parts:  # حمل‌ونقل
        alternatives.append((plain(words[0].term), "و", plain(words[1].parts[0].term)))
    return Unit(tuple(dict.fromkeys(alternatives)))


def _single(word: Word, spans: list[Span]) -> Unit:
    terms = [word.term, *word.equals, *(span.term for span in spans)]
    return Unit(tuple((plain(term),) for term in terms))


def _is_stop_word(unit: Unit) -> bool:
    return len(unit.alternatives) == 1 and unit.alternatives[0][0] in STOP_WORDS
