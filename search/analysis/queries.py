"""What a reader types, as conditions on terms that every engine can evaluate.

A query is the conjunction of its units; a unit is fulfilled by any of its alternatives; an alternative is one term
(main or variant), a phrase of main terms, or the beginning of a term. Nothing of an engine's own syntax survives: a
term holds letters and digits only. «…», “…” and "…" ask for the words in that order, a final * for a beginning.
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
SHORTEST_PREFIX = 3

_QUOTED = re.compile('«([^«»]*)»|“([^“”]*)”|"([^"]*)"')
_STARRED = re.compile(r"([^\s*]+)\*")


@dataclass(frozen=True, slots=True)
class Alternative:
    """One term, or several that follow each other; `prefix`: the single term is only a beginning."""

    terms: tuple[str, ...]
    prefix: bool = False


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
    if len(alternative.terms) > 1:
        return bool(phrase_starts(places, alternative.terms))
    wanted = alternative.terms[0]
    return any(term.startswith(wanted) for term in terms) if alternative.prefix else wanted in terms


def _ordinary(text: str) -> Iterator[Unit]:
    end = 0
    for match in _STARRED.finditer(text):
        yield from _units(read(text[end : match.end(1)]), starred=True)
        end = match.end()
    yield from _units(read(text[end:]), starred=False)


def _phrase(text: str) -> Iterator[Unit]:
    words, spans = read(text)
    terms = tuple(plain(word.term) for word in words)
    if not terms:
        return
    alternatives = [Alternative(terms)]
    if len(terms) == 1:
        alternatives += [Alternative((plain(equal),)) for equal in words[0].equals]
    elif len(terms) == 2:  # the same two words may stand joined in the document
        alternatives += [Alternative((plain(span.term),)) for span in spans]
    yield Unit(tuple(alternatives))


def _units(reading: Reading, *, starred: bool) -> Iterator[Unit]:
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
            prefix = starred and index == len(words) - 1 and len(words[index].term) >= SHORTEST_PREFIX
            yield _single(words[index], [s for s in spans if s.first <= index <= s.last], prefix)
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
    alternatives = [Alternative((plain(span.term),)) for span in spans]
    if all(word.link == "half" for word in words[1:]):
        alternatives.append(Alternative((plain("".join(word.term for word in words)),)))
    alternatives.append(Alternative(tuple(plain(word.term) for word in words)))
    return Unit(tuple(dict.fromkeys(alternatives)))


def _single(word: Word, spans: list[Span], prefix: bool) -> Unit:
    alternatives = [Alternative((plain(word.term),), prefix)]
    alternatives += [Alternative((plain(equal),)) for equal in word.equals]
    alternatives += [Alternative((plain(span.term),)) for span in spans]
    return Unit(tuple(alternatives))


def _is_stop_word(unit: Unit) -> bool:
    return len(unit.alternatives) == 1 and unit.alternatives[0].terms[0] in STOP_WORDS
