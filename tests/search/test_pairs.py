"""Queries with a text that they must find and one that they must not: by the analyser alone, and through FTS5."""

import json
from pathlib import Path
from typing import Any

import pytest

from search.analysis import analyse, fulfils, highlight, matches, query_terms
from search.backends.base import scope
from search.backends.database import DatabaseSearch
from tests.search.conftest import MAILBOX, MakeDocument

OWN = Path(__file__).with_name("pairs.json")
SHARED = Path(__file__).parents[3] / "shared" / "search_pairs.json"


def _read(path: Path) -> list[dict[str, Any]]:
    pairs: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return pairs


PAIRS = _read(OWN) + _read(SHARED)


def test_there_are_enough_pairs() -> None:
    assert len({pair["query"] for pair in _read(OWN)}) >= 110


@pytest.mark.skipif(not SHARED.exists(), reason="the shared pairs are not beside this repository")
def test_the_shared_pairs_are_read() -> None:
    assert len(_read(SHARED)) == 40


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["query"])
def test_a_query_finds_what_it_must_and_nothing_else(pair: dict[str, Any]) -> None:
    query = query_terms(pair["query"])
    assert matches(pair["must_match"], query)
    assert not matches(pair["must_not_match"], query)
    assert highlight(pair["must_match"], pair["query"])


@pytest.mark.django_db
def test_the_engine_finds_by_the_same_rules(make_document: MakeDocument) -> None:
    backend = DatabaseSearch()
    wrong = []
    for pair in PAIRS:
        right, other = make_document(pair["must_match"]), make_document(pair["must_not_match"])
        backend.index([right, other])
        found = backend.find([scope("mailbox", MAILBOX)], query_terms(pair["query"]), None, 10)
        if [hit.owner_id for hit in found.items] != [right.owner_id]:
            wrong.append(pair["query"])
        backend.forget([right.key, other.key])
    assert wrong == []


@pytest.mark.django_db
def test_all_texts_in_one_index_give_each_query_its_own(make_document: MakeDocument) -> None:
    """The same rules hold in a crowd: the engine answers what the analyser alone says of every text."""
    backend = DatabaseSearch()
    documents = [make_document(pair[side]) for pair in PAIRS for side in ("must_match", "must_not_match")]
    backend.index(documents)
    tokens = {document.owner_id: analyse(document.body) for document in documents}
    for pair in PAIRS:
        query = query_terms(pair["query"])
        found = backend.find([scope("mailbox", MAILBOX)], query, None, len(documents))
        expected = {owner_id for owner_id, read in tokens.items() if fulfils(read, query)}
        assert {hit.owner_id for hit in found.items} == expected, pair["query"]
