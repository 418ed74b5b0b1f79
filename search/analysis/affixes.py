"""What is taken off a Persian word, and what is left on.

Only endings that never make another word go: ها with its followers, the genitive, comparison of listed adjectives,
plurals of persons. Adjectival ی and Arabic ات stay (مالیات is not مالی), except where the lexicon knows the noun.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from search.analysis.lexicon import (
    COMPARABLE,
    NOT_PLURAL,
    PLURALS,
    SHORT_NOUNS,
    SPELLINGS,
    WAW_NOUNS,
    spelled,
)

# برمی‌گردد is بر می‌گردد; فرا and وا are left out because of فرامین and the like.
_PREVERB = re.compile("(بر|در|باز)(ن?می.{3,})")
VERB_PREFIXES = frozenset(f"{before}{mi}" for before in ("", "بر", "در", "باز") for mi in ("می", "نمی"))

_HA = "ها|های|هایی|هایم|هایت|هایش|هایمان|هایتان|هایشان"
_COPULA = "ای|ام|ات|اش|اند|ایم|اید"
_AFTER_HALF_SPACE = frozenset(f"{_HA}|تر|ترین|ی|یی|{_COPULA}|ان|گان|مان|تان|شان".split("|"))
_AFTER_SPACE = frozenset(f"{_HA}|تر|ترین".split("|"))
_AFTER_SPACE_AND_HE = frozenset(f"ی|{_COPULA}".split("|"))
_PLURAL = re.compile(f"(.+?)(?:{_HA})")
_AGENTS = re.compile("(.*(?:گیر|دار|کار|گذار|مند|گر|ور|شناس|نواز|خواه|پرداز|رسان|آموز|فروش))ان")
_NOT_AGENTS = frozenset({"نگران", "گران", "دیگران", "بیکران", "جبران", "دوران", "خواهان", "بیگران", "خاوران", "باوران"})
_PARTICIPLES = (("ندگان", "نده"), ("شدگان", "شده"), ("دیدگان", "دیده"), ("یافتگان", "یافته"), ("نشستگان", "نشسته"))
_LONG_AGENTS = (("فرمایان", "فرما"), ("جویان", "جو"), ("گویان", "گو"))


# Pronouns that keep their ها: آن‌ها is آنها.
PRONOUNS = frozenset({"ان", "این"})


def is_suffix(word: str, *, after: str, half_space: bool) -> bool:
    """Whether `word`, written after a half-space or a space, belongs to the word `after` before it."""
    if half_space:
        return word in _AFTER_HALF_SPACE
    if word in _AFTER_SPACE:
        return True
    return (word in _AFTER_SPACE_AND_HE and after.endswith("ه")) or (word == "ی" and after.endswith(("ا", "و")))


class Stem(NamedTuple):
    """The term of a word; `preverb` is a word of its own before it; `shortened`: an ending was taken off."""

    preverb: str
    term: str
    shortened: bool


@lru_cache(maxsize=100_000)
def stem(word: str) -> Stem:
    """What a folded Persian word stands for."""
    verb = _PREVERB.fullmatch(word)
    if verb is not None:
        return Stem(verb[1], verb[2], shortened=True)
    accepted = spelled(word)
    term = _without_endings(accepted)
    return Stem("", SPELLINGS.get(term, term), term != accepted)


def _without_endings(word: str) -> str:
    singular = _without_plural(word)
    if singular in PLURALS:
        return PLURALS[singular]
    if singular != word:
        return singular
    if len(word) >= 5 and word.endswith("ان"):
        return _without_persons(word)
    if word.endswith(("تر", "ترین")):
        return _without_comparison(word)
    if len(word) >= 4 and word.endswith("ای"):
        return word[:-1]
    return word[:-1] if word.endswith("وی") and word[:-1] in WAW_NOUNS else word


def _without_plural(word: str) -> str:
    match = _PLURAL.fullmatch(word)
    if match is None:
        return word
    base = match[1]
    if base + "ها" in NOT_PLURAL:
        return base + "ها"
    return base if len(base) >= 3 or base in SHORT_NOUNS else word


def _without_persons(word: str) -> str:
    for ending, instead in _PARTICIPLES + _LONG_AGENTS:
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    match = _AGENTS.fullmatch(word)
    return word if match is None or word in _NOT_AGENTS else match[1]


def _without_comparison(word: str) -> str:
    base = word.removesuffix("ین").removesuffix("تر")
    if base in COMPARABLE:
        return base
    # بهترین goes to بهتر: the adjective before the ending is not known, the ending is not in doubt.
    return word.removesuffix("ین") if word.endswith("ترین") and len(word) >= 6 else word
