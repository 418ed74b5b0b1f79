"""From folded text to words in order: endings attached, compounds joined, and the spans that cover several words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.analysis.affixes import PRONOUNS, VERB_PREFIXES, is_suffix, stem
from search.analysis.folding import PERSIAN, ZWNJ
from search.analysis.lexicon import COMPOUNDS, FUNCTION_WORDS, MONTHS
from search.analysis.numbers import KNOWN, Piece, code_words, date_term, known_number
from search.analysis.words import MAX_TERM, Part, Word

_SIGN = rf"(?:[/\\._@{ZWNJ}-]|(?<=[0-9]) ?/ ?(?=[0-9])|(?<=[0-9])[٬,،'٫:](?=[0-9]))"
# The look-ahead spares ordinary words the attempt at each known number.
_TOKEN = re.compile(rf"(?=[0-9+i])(?:{KNOWN})|(?P<chain>[^\W_]+(?:{_SIGN}[^\W_]+)*)")
_DIGIT = re.compile("[0-9]")
_RUN = re.compile(rf"[{PERSIAN}]+|[^\W_{PERSIAN}]+")
# A wrapped line is a space; more than this is a gap in a table.
_LONGEST_SPACE = 3
_MAX_STEMMED = 40
_LONGEST_PAIR = 28
_GAPS = {"": "", " ": "space", ZWNJ: "half", "-": "dash", ".": "chain", "@": "chain", "_": "chain", "/": "chain"}
_JOINING = frozenset({"half", "space", "dash"})
_YEAR = re.compile("1[34][0-9]{2}")
_DAY = re.compile("0?[1-9]|[12][0-9]|3[01]")


@dataclass(slots=True)
class Span:
    """A term for the words `first`..`last`; `binding`: in a query the words are one thing and not several."""

    term: str
    first: int
    last: int
    binding: bool


def read_words(folded: str) -> list[Word]:
    """The words of folded text in order, in linear time."""
    words: list[Word] = []
    prefix: Piece | None = None
    for item in _items(folded):
        if prefix is not None:
            if isinstance(item, Piece) and _completes(prefix, item, folded):
                _append_word(words, Piece(prefix.text + item.text, prefix.start, item.end, "persian", ""), folded)
                prefix = None
                continue
            _append_word(words, prefix, folded)
            prefix = None
        if isinstance(item, Word):
            _append(words, item, folded)
        elif words and _attaches(words[-1], item, folded):
            _attach(words[-1], item)
        elif item.text in VERB_PREFIXES:
            prefix = item
        else:
            _append_word(words, item, folded)
    if prefix is not None:
        _append_word(words, prefix, folded)
    return words


def read_spans(words: list[Word]) -> Iterator[Span]:
    """Joined neighbours (آیین + نامه), and dates that are written with the name of the month."""
    for index, word in enumerate(words):
        if index and _may_join(words[index - 1], word):
            before = words[index - 1]
            yield Span(before.term + word.term, index - 1, index, binding=word.link == "half")
        if word.term in MONTHS and index:
            yield from _dates(words, index)


def _items(folded: str) -> Iterator[Word | Piece]:
    for match in _TOKEN.finditer(folded):
        kind, text = match.lastgroup, match[0]
        if kind != "chain":
            yield known_number(str(kind), text, match.start(), match.end())
        elif _DIGIT.search(text):
            yield from code_words(folded, match.start(), match.end())
        else:
            for run in _RUN.finditer(folded, match.start(), match.end()):
                script = "persian" if _is_persian(run[0]) else "latin"
                yield Piece(run[0], run.start(), run.end(), script, "")


def _is_persian(text: str) -> bool:
    return "\u0620" <= text[0] <= "\u06ff"


def _gap(gap: str) -> str:
    """What a stretch between two words makes of them; see Word.link."""
    known = _GAPS.get(gap)
    if known is not None:
        return known
    if len(gap) > _LONGEST_SPACE or gap.strip(ZWNJ + " \n\r\t"):
        return ""
    return "space" if gap.strip(ZWNJ) else "half"


def _attaches(before: Word, item: Piece, folded: str) -> bool:
    if item.script != "persian" or before.script == "number":
        return False
    gap = folded[before.end : item.start]
    link = _gap(gap)
    if gap == "":
        return before.script == "latin" and is_suffix(item.text, after="", half_space=True)
    if link not in {"half", "space"}:
        return False
    return is_suffix(item.text, after=folded[before.start : before.end], half_space=link == "half")


def _attach(word: Word, item: Piece) -> None:
    if word.term in PRONOUNS and item.text.startswith("ها"):
        word.term += "ها"
    word.end = item.end
    word.bare = False


def _completes(prefix: Piece, item: Piece, folded: str) -> bool:
    return item.script == "persian" and _gap(folded[prefix.end : item.start]) in {"half", "space"}


def _append_word(words: list[Word], item: Piece, folded: str) -> None:
    if item.script != "persian" or len(item.text) > _MAX_STEMMED:
        _append(words, Word(item.text[:MAX_TERM], item.start, item.end, item.script), folded)
        return
    preverb, term, shortened = stem(item.text)
    if preverb:
        _append(words, Word(preverb, item.start, item.end, "persian", bare=False), folded)
    _append(words, Word(term, item.start, item.end, "persian", bare=not shortened), folded)


def _append(words: list[Word], word: Word, folded: str) -> None:
    """Add `word`, as the end of the compound that it completes if there is one."""
    if words:
        word.link = _gap(folded[words[-1].end : word.start])
    words.append(word)
    if word.link not in _JOINING or word.script != "persian":
        return
    if word.link == "half" and word.bare and len(word.term) > 3 and word.term.startswith("و"):
        # حمل‌ونقل is حمل و نقل; the second half is found by itself.
        word.parts += (Part(word.term[1:], word.start + 1, word.end),)
    joined = words[-2].term + word.term
    if len(words) > 2 and words[-3].term + joined in COMPOUNDS and _may_merge(words[-3:]):
        words[-3:] = [_merged(words[-3:])]
    elif joined in COMPOUNDS and _may_merge(words[-2:]):
        words[-2:] = [_merged(words[-2:])]


def _may_merge(tail: list[Word]) -> bool:
    return all(word.script == "persian" and word.bare for word in tail[:-1]) and tail[1].link in _JOINING


def _merged(tail: list[Word]) -> Word:
    parts = tuple(Part(word.term, word.start, word.end) for word in tail)
    term = COMPOUNDS["".join(word.term for word in tail)]
    return Word(term, tail[0].start, tail[-1].end, "persian", tail[-1].bare, parts=parts, link=tail[0].link)


def _may_join(before: Word, word: Word) -> bool:
    if not before.bare or word.link not in _JOINING:
        return False
    if len(before.term) + len(word.term) > _LONGEST_PAIR:
        return False
    if word.link == "space" and min(len(before.term), len(word.term)) < 2:
        return False
    if before.script != word.script:
        return before.script == "latin" and word.script == "number"
    if before.script == "number":
        return False
    return word.link == "half" or not FUNCTION_WORDS & {before.term, word.term}


def _dates(words: list[Word], month: int) -> Iterator[Span]:
    year = month + 1
    while year < len(words) and year < month + 3 and words[year].term in {"ماه", "سال"}:
        year += 1
    day = words[month - 1].term
    if year < len(words) and _YEAR.fullmatch(words[year].term) and _DAY.fullmatch(day):
        term = date_term(int(words[year].term), MONTHS[words[month].term], int(day))
        yield Span(term, month - 1, year, binding=True)
