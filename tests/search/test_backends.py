"""The contract of the port, for every driver."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import DatabaseError, connection

from search.analysis import ANALYSER_VERSION, query_terms
from search.backends.base import Document, Hits, SearchBackend, Stamp, scope
from search.backends.database import DatabaseSearch
from search.backends.dummy import DummySearch
from search.errors import SearchUnavailable
from search.models import SearchDocument
from signing.ids import uuid7
from tests.search.conftest import BEGINNING, MAILBOX, MakeDocument

pytestmark = pytest.mark.django_db
OWN = scope("mailbox", MAILBOX)


def find(backend: SearchBackend, query: str, after: int | None = None, limit: int = 20) -> Hits:
    return backend.find([OWN], query_terms(query), after, limit)


def found(backend: SearchBackend, query: str) -> list[UUID]:
    return [hit.owner_id for hit in find(backend, query).items]


def test_what_is_indexed_is_found_in_every_field(backend: SearchBackend, make_document: MakeDocument) -> None:
    document = make_document(
        "متن نامه", title="موضوع", number="1405/12", people="مینا رستمی", attachments="قرارداد.pdf", keywords="پنهان"
    )
    backend.index([document])
    for query in ("متن", "موضوع", "۱۴۰۵/۱۲", "رستمی", "قرارداد", "پنهان"):
        assert found(backend, query) == [document.owner_id], query
    hit = find(backend, "متن").items[0]
    assert (hit.title, hit.number, hit.people, hit.body) == ("موضوع", "1405/12", "مینا رستمی", "متن نامه")
    assert hit.scopes == document.scopes and hit.at == document.at and hit.letter == document.letter


def test_a_phrase_does_not_run_from_one_field_into_the_next(
    backend: SearchBackend, make_document: MakeDocument
) -> None:
    document = make_document("دوم", title="اول")
    backend.index([document])
    assert found(backend, "«اول دوم»") == []
    assert found(backend, "اول دوم") == [document.owner_id]


def test_another_scope_finds_nothing(backend: SearchBackend, make_document: MakeDocument) -> None:
    backend.index([make_document("مالیات")])
    for scopes in ([], [scope("mailbox", uuid7())], [scope("agency", MAILBOX)], [scope("person", MAILBOX)]):
        assert backend.find(scopes, query_terms("مالیات"), None, 5) == Hits([], more=False)


def test_a_document_of_several_scopes_is_found_by_each(backend: SearchBackend, make_document: MakeDocument) -> None:
    scopes = (scope("agency", uuid7()), scope("mailbox", uuid7()))
    backend.index([make_document("مالیات", scopes=scopes)])
    for token in scopes:
        assert len(backend.find([token], query_terms("مالیات"), None, 5).items) == 1


def test_hundreds_of_scopes_are_one_query(backend: SearchBackend, make_document: MakeDocument) -> None:
    backend.index([make_document("مالیات")])
    scopes = [scope("mailbox", uuid7()) for _ in range(600)]
    assert len(backend.find([*scopes, OWN], query_terms("مالیات"), None, 5).items) == 1


def test_pages_are_newest_first_without_gap_or_repeat(backend: SearchBackend, make_document: MakeDocument) -> None:
    documents = [make_document(f"قبض شماره {n}") for n in range(7)]
    foreign = [make_document("قبض", scopes=(scope("mailbox", uuid7()),)) for _ in range(5)]
    backend.index([*documents, *foreign])
    seen, after, more, pages = [], None, True, 0
    while more:
        page = find(backend, "قبض", after, 3)
        seen += [hit.owner_id for hit in page.items]
        after, more, pages = page.items[-1].place, page.more, pages + 1
    assert seen == [document.owner_id for document in reversed(documents)]
    assert pages == 3
    assert find(backend, "قبض", None, 7).more is False


def test_late_writes_lose(backend: SearchBackend, make_document: MakeDocument) -> None:
    second = make_document("تازه", version=2)
    backend.index([second])
    backend.index([replace(second, version=1, body="کهنه")])
    assert (found(backend, "تازه"), found(backend, "کهنه")) == ([second.owner_id], [])
    backend.index([replace(second, body="دوباره")])
    assert (found(backend, "تازه"), found(backend, "دوباره")) == ([], [second.owner_id])


def test_the_newest_of_one_batch_wins(backend: SearchBackend, make_document: MakeDocument) -> None:
    document = make_document("یکم")
    backend.index([replace(document, version=3, body="سوم"), document, replace(document, version=2, body="دوم")])
    assert (found(backend, "سوم"), found(backend, "یکم")) == ([document.owner_id], [])


def test_writing_twice_and_forgetting_twice_change_nothing(backend: SearchBackend, make_document: MakeDocument) -> None:
    document = make_document("مالیات")
    backend.index([document])
    backend.index([document])
    assert found(backend, "مالیات") == [document.owner_id]
    backend.forget([document.key])
    backend.forget([document.key, ("letter", uuid7())])
    assert found(backend, "مالیات") == []
    backend.index([])


def test_a_letter_and_a_notice_may_have_the_same_id(backend: SearchBackend, make_document: MakeDocument) -> None:
    notice = make_document("مالیات")
    backend.index([notice, replace(notice, owner_kind="letter")])
    backend.forget([notice.key])
    assert [hit.owner_kind for hit in find(backend, "مالیات").items] == ["letter"]


def test_scan_gives_the_stamps_of_a_range(backend: SearchBackend, make_document: MakeDocument) -> None:
    documents = sorted((make_document(version=n) for n in range(1, 6)), key=lambda document: document.owner_id)
    backend.index(documents)
    ids = [document.owner_id for document in documents]
    assert set(backend.scan("notice", None, None)) == set(ids)
    assert set(backend.scan("notice", ids[0], ids[3])) == set(ids[1:4])
    assert backend.scan("notice", ids[3], None) == {ids[4]: Stamp(documents[4].version, ANALYSER_VERSION)}
    assert backend.scan("letter", None, None) == {}


@pytest.mark.parametrize("body", ["\ud800 مالیات \udfff", "مالیات\0", "مالیات\ue000", "مالیات 🙂" + "ا" * 100_000])
def test_any_text_can_be_indexed(backend: SearchBackend, make_document: MakeDocument, body: str) -> None:
    backend.index([make_document(body, title=body, number=body[:9], people=body, attachments=body)])
    assert len(found(backend, "مالیات")) == 1


def test_every_driver_can_be_used(backend: SearchBackend) -> None:
    assert backend.check() == []


# What follows is of one driver only.


def test_documents_of_one_millisecond_all_have_a_place(make_document: MakeDocument) -> None:
    backend = DatabaseSearch()
    tail = uuid7().int & 0xFFFFF
    documents = [
        make_document("مالیات", at=BEGINNING, owner_id=UUID(int=(uuid7().int >> 20 << 20) | tail)) for _ in range(30)
    ]
    backend.index(documents[:10])
    backend.index(documents)
    assert len(set(found(backend, "مالیات")) | {hit.owner_id for hit in find(backend, "مالیات", None, 40).items}) == 30


def test_a_document_keeps_its_place(make_document: MakeDocument) -> None:
    backend = DatabaseSearch()
    older, newer = make_document("قبض"), make_document("قبض")
    backend.index([newer, older])
    backend.index([replace(older, version=2)])
    assert found(backend, "قبض") == [newer.owner_id, older.owner_id]


def test_terms_without_a_row_are_never_shown(make_document: MakeDocument) -> None:
    backend = DatabaseSearch()
    document = make_document("قبض")
    backend.index([document])
    SearchDocument.objects.all().delete()
    assert found(backend, "قبض") == []
    backend.index([document])
    assert found(backend, "قبض") == [document.owner_id]


def test_fts5_walks_its_own_index_in_the_order_of_results() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT document.* FROM search_index CROSS JOIN search_searchdocument document"
            " ON document.place = search_index.rowid WHERE search_index MATCH 'a' AND search_index.rowid < 9"
            " ORDER BY search_index.rowid DESC LIMIT 5"
        )
        plan = [str(row[3]) for row in cursor.fetchall()]
    assert len(plan) == 2 and "VIRTUAL TABLE" in plan[0] and "INTEGER PRIMARY KEY" in plan[1]
    assert not any("TEMP B-TREE" in step for step in plan)


def test_a_failing_database_is_an_unavailable_search(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DatabaseError("disk I/O error")

    backend = DatabaseSearch()
    with connection.execute_wrapper(refuse):
        for call in (
            lambda: backend.index([make_document("قبض")]),
            lambda: backend.forget([("letter", uuid7())]),
            lambda: find(backend, "قبض"),
        ):
            with pytest.raises(SearchUnavailable):
                call()


def test_the_dummy_fails_before_or_after_its_work(make_document: MakeDocument) -> None:
    backend = DummySearch()
    document: Document = make_document("قبض")
    backend.fail_next = "before"
    with pytest.raises(SearchUnavailable):
        backend.index([document])
    assert backend.documents == {}
    backend.fail_next = "after"
    with pytest.raises(SearchUnavailable):
        backend.index([document])
    assert document.key in backend.documents
    assert backend.scan("notice", None, None)[document.owner_id].version == 1
    backend.index([replace(document, at=BEGINNING + timedelta(days=1))])
