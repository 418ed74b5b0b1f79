"""The one Persian analyser, for documents and queries, for every search engine.

`folding` makes one spelling, `numbers` reads codes, `affixes` and `lexicon` know the endings and the words that rules
cannot decide, `sentences` puts words in order, `tokens`, `queries` and `marks` are what the rest of the app uses.
A change of any term that comes out is a new ANALYSER_VERSION and needs `manage.py reindex`.
"""

from search.analysis.folding import MAX_CHARACTERS
from search.analysis.marks import MARKED_CHARACTERS, Snippet, highlight, snippet
from search.analysis.queries import Alternative, Query, Unit, fulfils, matches, query_terms
from search.analysis.tokens import Columns, Token, analyse, index_columns, index_terms
from search.analysis.words import plain

ANALYSER_VERSION = 1

__all__ = [
    "ANALYSER_VERSION",
    "MARKED_CHARACTERS",
    "MAX_CHARACTERS",
    "Alternative",
    "Columns",
    "Query",
    "Snippet",
    "Token",
    "Unit",
    "analyse",
    "fulfils",
    "highlight",
    "index_columns",
    "index_terms",
    "matches",
    "plain",
    "query_terms",
    "snippet",
]
