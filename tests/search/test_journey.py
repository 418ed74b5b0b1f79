"""From draft to opened notice: who finds what, when, and what happens while the engine is away."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from correspondence.directory.access import Actor
from inbox.models import Mailbox, Notice
from inbox.services import open_notice, register_incoming
from search.analysis import query_terms
from search.backends.base import OwnerKind, scope, search_backend
from search.backends.dummy import DummySearch
from search.models import SearchDocument
from search.selectors import find
from search.services import compare, index_chunk
from signing.evidence.models import Handoff
from signing.evidence.outbox import drain
from tests.search.conftest import MAILBOX, MakeDocument
from tests.search.journey import Office, act, found_office, register_person, send, write

pytestmark = pytest.mark.django_db(transaction=True)

CITIZEN, STRANGER = "9990000018", "9990000026"


@pytest.fixture
def office() -> Office:
    return found_office("14000000018", "اداره امور مالیاتی سپیدرود", ("9990000034", "0012345679"))


@pytest.fixture
def other_office() -> Office:
    return found_office("14000000022", "شهرداری سپیدرود", ("0076229645", "1583250689"))


@pytest.fixture
def citizen() -> Actor:
    return act(register_person(CITIZEN, "مینا رستمی"))


@pytest.fixture
def stranger() -> Actor:
    return act(register_person(STRANGER, "آرش کاظمی"))


def kinds(actor: Actor, query: str) -> list[OwnerKind]:
    return [item.owner_kind for item in find(actor, query).items]


def test_a_letter_is_found_by_its_agency_and_by_its_recipient_in_due_time(
    office: Office, other_office: Office, citizen: Actor, stranger: Actor
) -> None:
    letter = write(
        office, "برگ تشخیص مالیات", "مبلغ **۱٬۲۰۰٬۰۰۰** ریال به حساب خزانه", [CITIZEN], attachment="ضمیمه زعفران"
    )
    drain()
    assert [kinds(office.clerk, word) for word in ("تشخیص", "1200000", "زعفران", CITIZEN)] == [["letter"]] * 4
    for outsider in (other_office.clerk, citizen, stranger):
        assert kinds(outsider, "تشخیص") == kinds(outsider, "زعفران") == []

    send(office, letter)
    drain()
    letter.refresh_from_db()
    notice = Notice.objects.get()
    # Unopened: what the envelope shows, and not a word of the letter.
    for word in (letter.number, "سپیدرود", "برگ تشخیص"):
        assert kinds(citizen, word) == ["notice"], word
    for word in ("1200000", "خزانه", "زعفران", "پیوست", "گیرنده"):
        assert kinds(citizen, word) == [], word
    envelope = find(citizen, letter.number).items[0]
    assert (envelope.title.text, envelope.snippet.text) == ("", "")

    open_notice(citizen, notice.id, session="0" * 64, at=timezone.now())
    drain()
    for word in ("تشخیص", "1200000", "خزانه", "زعفران", letter.number):
        assert kinds(citizen, word) == ["notice"], word
    found = find(citizen, "خزانه").items[0]
    assert found.owner_id == notice.id and found.letter == letter.id
    assert found.title.text == "برگ تشخیص مالیات"
    assert [found.snippet.text[start:end] for start, end in found.snippet.marks] == ["خزانه"]
    assert "**" not in found.snippet.text
    for outsider in (other_office.clerk, stranger):
        for word in ("تشخیص", "خزانه", "زعفران", letter.number, "سپیدرود", CITIZEN):
            results = find(outsider, word)
            assert (results.items, results.more, results.after) == ([], False, "")


def test_a_letter_between_agencies_is_found_by_its_incoming_number(office: Office, other_office: Office) -> None:
    send(office, write(office, "استعلام پروانه", "پاسخ دهید.", [other_office.agency.national_id]))
    drain()
    assert kinds(other_office.clerk, "استعلام") == []
    notice = Notice.objects.get()
    registration = register_incoming(other_office.clerk, notice.id, session="0" * 64, at=timezone.now())
    drain()
    assert kinds(other_office.clerk, "استعلام پروانه") == ["notice"]
    assert "notice" in kinds(other_office.clerk, registration.number)


def test_a_chunk_of_a_run_is_indexed_by_its_rows(office: Office, django_assert_max_num_queries: Any) -> None:
    letter = write(office, "قبض", "متن", [])
    box = Mailbox.objects.create(kind="person", party_id=CITIZEN, name="مینا", created_at=timezone.now())
    rows = [None, *range(1, 41)]
    Notice.objects.bulk_create(
        Notice(letter=letter, mailbox=box, row=row, number=f"1405/{row}", deposited_at=timezone.now(), **_content(row))
        for row in rows
    )
    with django_assert_max_num_queries(60):
        index_chunk(letter.id, 11, 30)
    assert _indexed_rows() == set(range(11, 31))
    index_chunk(letter.id, 0, 0)
    assert _indexed_rows() == {None, *range(11, 31)}


def _content(row: int | None) -> dict[str, Any]:
    """Rows of a list carry content of their own."""
    if row is None:
        return {}
    content = {"content": '{"subject": "قبض", "body": ""}'.encode(), "signature": b"s", "dispatch_json": b"{}"}
    return content | {"verification_code": f"CODE{row:08d}"}


def _indexed_rows() -> set[int | None]:
    indexed = SearchDocument.objects.filter(owner_kind="notice").values("owner_id")
    return set(Notice.objects.filter(id__in=indexed).values_list("row", flat=True))


def test_the_state_now_counts_not_the_state_of_the_event(office: Office, citizen: Actor) -> None:
    """Events that were handled late, and twice, leave the index as if they had come in time."""
    letter = write(office, "موضوع کهنه", "متن", [CITIZEN])
    send(office, letter)
    drain()
    open_notice(citizen, Notice.objects.get().id, session="0" * 64, at=timezone.now())
    Handoff.objects.filter(handler__startswith="search.").update(state="open", done_at=None)
    drain()
    assert kinds(citizen, "موضوع کهنه") == ["notice"]
    assert SearchDocument.objects.count() == 2


def test_pages_of_results_follow_each_other(office: Office) -> None:
    for n in range(5):
        write(office, f"قبض {n}", "متن", [])
    drain()
    first = find(office.clerk, "قبض", limit=3)
    second = find(office.clerk, "قبض", after=first.after, limit=3)
    titles = [item.title.text for item in (*first.items, *second.items)]
    assert titles == [f"قبض {n}" for n in (4, 3, 2, 1, 0)]
    assert (first.more, second.more, second.after) == (True, False, "")
    for nonsense in ("", "x", "-1", "۱۲", "9" * 19, "9" * 40, "1 OR 1"):
        assert len(find(office.clerk, "قبض", after=nonsense).items) in {0, 5}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_engine_that_fails_once_gets_it_the_second_time(
    dummy_search: DummySearch, office: Office, moment: str
) -> None:
    dummy_search.fail_next = "before" if moment == "before" else "after"
    letter = write(office, "موضوع", "متن", [])
    drain()
    handoff = Handoff.objects.get(handler="search.handlers.index_letter")
    assert handoff.state == "open" and "told to fail" in handoff.error
    drain(now=timezone.now() + timedelta(hours=2))
    assert set(dummy_search.documents) == {("letter", letter.id)}
    handoff.refresh_from_db()
    assert handoff.state == "done"


def test_an_engine_that_answers_too_much_is_not_believed(
    dummy_search: DummySearch, office: Office, make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    dummy_search.index([make_document("مالیات")])
    everything = dummy_search.find([scope("mailbox", MAILBOX)], query_terms("مالیات"), None, 9)
    assert len(everything.items) == 1
    monkeypatch.setattr(dummy_search, "find", lambda *_: everything)
    assert find(office.clerk, "مالیات").items == []


def test_a_rebuilt_index_equals_the_one_that_grew(office: Office, citizen: Actor, other_office: Office) -> None:
    recipients = [CITIZEN, STRANGER, other_office.agency.national_id]
    for n in range(3):
        send(office, write(office, f"نامه {n}", f"متن قبض {n}", recipients, attachment=f"پیوست {n}"))
        drain()
    write(office, "پیش‌نویس قبض", "متن", [])
    notice = Notice.objects.filter(mailbox=Mailbox.objects.get(party_id=CITIZEN)).first()
    assert notice is not None
    open_notice(citizen, notice.id, session="0" * 64, at=timezone.now())
    drain()
    grown = _snapshot(office, citizen, other_office)
    assert SearchDocument.objects.count() == 13
    SearchDocument.objects.all().delete()
    assert _reindex("--batch", "4") == "13 documents: missing 13, extra 0, outdated 0; all put right"
    assert _snapshot(office, citizen, other_office) == grown
    assert _reindex("--verify") == "13 documents: missing 0, extra 0, outdated 0"
    assert _reindex() == "13 documents: missing 0, extra 0, outdated 0; all put right"
    assert _reindex("--all") == "13 documents: missing 0, extra 0, outdated 13; all put right"


def test_verify_names_what_is_missing_extra_and_outdated(office: Office, make_document: MakeDocument) -> None:
    letters = [write(office, f"قبض {n}", "متن", []) for n in range(4)]
    drain()
    search_backend().forget([("letter", letters[0].id)])
    search_backend().index([make_document("بیگانه"), make_document("بیگانه", owner_kind="letter")])
    SearchDocument.objects.filter(owner_id=letters[1].id).update(analyser=0)
    SearchDocument.objects.filter(owner_id=letters[2].id).update(version=1)
    with pytest.raises(CommandError, match="run reindex"):
        _reindex("--verify")
    assert _reindex("--batch", "2") == "4 documents: missing 1, extra 2, outdated 2; all put right"
    assert _reindex("--verify") == "4 documents: missing 0, extra 0, outdated 0"


def test_an_interrupted_rebuild_goes_on(office: Office, dummy_search: DummySearch) -> None:
    letters = [write(office, f"قبض {n}", "متن", []) for n in range(6)]
    for part in list(compare(2))[:2]:
        assert len(part.missing) == 2
    call_command("reindex", "--batch", "2", stdout=StringIO())
    dummy_search.forget([("letter", letters[5].id), ("letter", letters[0].id)])
    dummy_search.fail_next = "after"
    with pytest.raises(CommandError, match="go on"):
        _reindex("--batch", "2")
    assert _reindex("--batch", "2") == "6 documents: missing 1, extra 0, outdated 0; all put right"


def _reindex(*arguments: str) -> str:
    output = StringIO()
    call_command("reindex", *arguments, stdout=output)
    return output.getvalue().strip()


def _snapshot(office: Office, citizen: Actor, other: Office) -> tuple[object, ...]:
    fields = ("owner_kind", "owner_id", "version", "scopes", "at", "title", "number", "body", "people", "attachments")
    found = [
        [(item.owner_id, item.snippet) for item in find(actor, query).items]
        for actor in (office.clerk, citizen, other.clerk)
        for query in ("قبض", "نامه", "پیوست", "سپیدرود")
    ]
    return set(SearchDocument.objects.values_list(*fields)), found
