"""Nobody finds, and nobody is told that there is more of, what lies in another's mailbox or agency."""

import string
from uuid import UUID

import pytest

from search.analysis import ANALYSER_VERSION, index_columns, query_terms
from search.backends.base import Document, ScopeKind, SearchBackend, scope
from signing.ids import uuid7
from tests.search.conftest import MakeDocument

pytestmark = pytest.mark.django_db

COMMON = "مالیات نامه شماره 1405/123"
KINDS: tuple[ScopeKind, ...] = ("mailbox", "agency", "mailbox", "agency", "mailbox", "agency", "person", "mailbox")
# A word of its own for each of the eight owners; none is the beginning of another.
WORDS = [f"قناری{letter * 5}" for letter in "ابپتثجچح"]


def _owners() -> list[str]:
    return [scope(kind, uuid7()) for kind in KINDS]


def _documents(make_document: MakeDocument, owners: list[str]) -> list[Document]:
    return [
        make_document(
            f"{COMMON} {word} {n}", scopes=(owner,), title=f"موضوع {word}", number=f"1405/9{place}/{n}", people=word,
            attachments=f"{word}.pdf",
        )
        for place, (owner, word) in enumerate(zip(owners, WORDS, strict=True))
        for n in range(3)
    ]  # fmt: skip


def _attacks(word: str, foreign: str, document: Document) -> list[str]:
    """What a reader might type to find `word`, which stands only in what the scope `foreign` may see."""
    return [
        word, f"«{word}»", f'"{word}"', f"{word}*", f"{word[:4]}*", f"{word[:5]}*", "قنا*", "*", "**", "%", "_", "?",
        f"{word} OR مالیات", f"{word} AND {word}", f"مالیات NOT {word}", f"NOT {word}", f"- {word}", f"+{word}",
        f"NEAR({word} مالیات, 10)", f"{word} NEAR/5 مالیات", f"main : {word}", f"body:{word}", f"scope : {foreign}",
        f"scope:{foreign} OR {word}", f'scope : "{foreign}"', f'") OR scope : "{foreign}" OR ("',
        f'" OR scope : {foreign} OR "', f"' OR 1=1 --{word}", f"{{main variants}} : {word}", f"{{scope}}:{foreign}",
        f"- scope : {word}", f"^{word}", f"{word}^2", f"({word})", f"(({word}) OR (مالیات))", f'"{word}" *',
        f'"{word}" + "مالیات"', f"مالیات + {word}", f"{foreign}", f"{foreign}*", f"{foreign[:6]}*", foreign[2:],
        f"«مالیات» {word}", f"«{word} مالیات»", f"{word}\u200c", f"\u202e{word}", word.replace("ی", "ي"),
        f"{word}\0", f"{word}\ud800", f'{word}" OR "مالیات', f"{word};", f"{word}/*", f"{word} LIMIT 1000",
        f"rowid > 0 {word}", f"rank MATCH {word}", f"search_index {word}", f"fieldend {word}", document.number,
        f"{document.number}*", document.owner_id.hex, str(document.owner_id), f"موضوع {word}", f"{word}.pdf",
    ]  # fmt: skip


def test_no_query_of_one_owner_touches_what_belongs_to_another(
    backend: SearchBackend, make_document: MakeDocument
) -> None:
    owners = _owners()
    documents = _documents(make_document, owners)
    backend.index(documents)
    tried = 0
    for reader, own in enumerate(owners):
        mine = {document.owner_id for document in documents if own in document.scopes}
        for other, foreign in enumerate(owners):
            if other == reader:
                continue
            for text in _attacks(WORDS[other], foreign, documents[other * 3]):
                page = backend.find([own], query_terms(text), None, 3)
                assert {hit.owner_id for hit in page.items} <= mine, text
                assert all(WORDS[other] not in f"{hit.title}{hit.body}{hit.people}" for hit in page.items), text
                # The reader has three documents: a fourth would be another's.
                assert page.more is False, text
                tried += 1
    assert tried > 3_000


def test_the_answer_does_not_depend_on_what_others_have(backend: SearchBackend, make_document: MakeDocument) -> None:
    owners = _owners()
    documents = _documents(make_document, owners)
    own = [document for document in documents if owners[0] in document.scopes]
    queries = [*_attacks(WORDS[1], owners[1], documents[3]), COMMON, *string.punctuation]
    backend.index(own)
    alone = [backend.find([owners[0]], query_terms(text), None, 2) for text in queries]
    backend.index(documents)
    assert [backend.find([owners[0]], query_terms(text), None, 2) for text in queries] == alone


def test_a_place_of_another_is_no_way_in(backend: SearchBackend, make_document: MakeDocument) -> None:
    owners = _owners()
    documents = _documents(make_document, owners)
    backend.index(documents)
    places = [backend.find([owner], query_terms("مالیات"), None, 1).items[0].place for owner in owners]
    mine = {document.owner_id for document in documents if owners[0] in document.scopes}
    for after in (*places, 0, -1, 2**63 - 1, -(2**63)):
        page = backend.find([owners[0]], query_terms("مالیات"), after, 5)
        assert {hit.owner_id for hit in page.items} <= mine and page.more is False


def test_a_letter_that_spells_a_scope_gives_no_access(backend: SearchBackend, make_document: MakeDocument) -> None:
    victim, writer = scope("mailbox", uuid7()), scope("mailbox", uuid7())
    backend.index([make_document(f"{victim} قناری", scopes=(writer,), title=victim, keywords=victim)])
    assert backend.find([victim], query_terms("قناری"), None, 5).items == []
    assert index_columns(victim).main == victim
    assert ANALYSER_VERSION >= 1 and UUID(hex=victim[2:])
