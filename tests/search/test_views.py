"""Search in a browser and as JSON: what one may see, as it is now, marked in the original text."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from correspondence.directory.access import actor_of
from correspondence.models import Letter
from correspondence.services import AddresseeDraft, Draft
from inbox.models import Notice
from inbox.services import open_notice
from search.analysis import Snippet
from search.backends.base import search_backend
from search.backends.dummy import DummySearch
from search.documents import letter_documents
from search.pages import marked
from tests.people import Cast, dispatched_letter, draft_to, make_cast, settle, sign_in
from tests.search.test_pairs import PAIRS

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return sign_in(Client(), cast.ministry.clerk)


def ask(client: Client, query: str, **more: str) -> dict[str, Any]:
    """The whole answer as JSON."""
    response = client.get("/search/", {"q": query, **more}, headers={"accept": "application/json"})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def ids(client: Client, query: str) -> set[str]:
    """Everything that is found, page after page."""
    found: set[str] = set()
    answer = ask(client, query)
    while True:
        found |= {result["id"] for result in answer["results"]}
        if not answer["more"]:
            return found
        answer = ask(client, query, after=answer["after"])


def write(cast: Cast, *texts: str, **more: Any) -> list[Letter]:
    """Drafts of the ministry with these texts, in the index."""
    now = timezone.now()
    letters = Letter.objects.bulk_create(
        Letter(
            agency=cast.ministry.agency,
            author=cast.ministry.clerk,
            body=text,
            created_at=now,
            changed_at=now,
            **{"subject": "پیش‌نویس", **more},
        )
        for text in texts
    )
    search_backend().index(letter_documents(Letter.objects.prefetch_related("addressees", "relations")))
    return letters


def test_all_pairs_hold_through_the_endpoint(cast: Cast, clerk: Client) -> None:
    texts = [pair[side] for side in ("must_match", "must_not_match") for pair in PAIRS]
    # A subject that no query means, since it is searched as well.
    letters = write(cast, *texts, subject="زرافه")
    wrong = []
    for pair, must, must_not in zip(PAIRS, letters, letters[len(PAIRS) :], strict=False):
        found = ids(clerk, pair["query"])
        if str(must.id) not in found or str(must_not.id) in found:
            wrong.append(pair["query"])
    assert wrong == []


def test_a_result_leads_to_its_letter_and_says_what_it_is(cast: Cast, clerk: Client) -> None:
    letter = dispatched_letter(cast.ministry, draft_to(cast.mehrnaz))
    (result,) = ask(clerk, "پلاک ۱۲۳/۴۵")["results"]
    assert (result["kind"], result["id"], result["letter"]) == ("letter", str(letter.id), str(letter.id))
    assert result["url"] == f"/letters/{letter.id}/"
    assert result["sender"] == cast.ministry.agency.name
    assert result["number"] == letter.number
    assert result["state"] == "dispatched"
    assert clerk.get(result["url"]).status_code == 200


def test_marks_lie_in_the_text_that_is_given(cast: Cast, clerk: Client) -> None:
    write(cast, "مقدمه. مؤدیان محترم مالیاتی اظهارنامهٔ خود را بفرستند.")
    (result,) = ask(clerk, "اظهارنامه مودی")["results"]
    words = [result["snippet"][start:end] for start, end in result["marks"]]
    assert words == ["مؤدیان", "اظهارنامهٔ"]
    page = clerk.get("/search/", {"q": "اظهارنامه مودی"}).content.decode()
    assert "<mark>مؤدیان</mark>" in page


def test_what_letters_hold_is_shown_as_text(cast: Cast, clerk: Client) -> None:
    write(cast, "متن <b onclick=x>قناری</b> & <script>alert(1)</script>", subject="<script>قناری</script>")
    page = clerk.get("/search/", {"q": 'قناری" autofocus onfocus="alert(1)'}).content.decode()
    page += clerk.get("/search/", {"q": "قناری"}).content.decode()
    assert "<script>alert" not in page
    assert "<script><mark>" not in page
    assert "<b onclick" not in page
    assert "&lt;script&gt;<mark>قناری</mark>&lt;/script&gt;" in page
    assert ' onfocus="alert' not in page


def test_an_unopened_notice_is_found_by_its_envelope_and_an_opened_one_by_its_text(cast: Cast) -> None:
    draft = Draft(
        subject="موضوع‌پنهان", salutation="سلام؛", body="واژه‌پنهان", notice_kind="tax_assessment",
        addressees=[AddresseeDraft("to", cast.mehrnaz.national_code, cast.mehrnaz.full_name)],
    )  # fmt: skip
    notice = Notice.objects.get(letter=dispatched_letter(cast.ministry, draft))
    mehrnaz = sign_in(Client(), cast.mehrnaz)
    for query in ("واژه‌پنهان", "موضوع‌پنهان"):
        assert ask(mehrnaz, query)["results"] == []
    for query in (notice.number, cast.ministry.agency.name, "برگ تشخیص"):
        (result,) = ask(mehrnaz, query)["results"]
        assert (result["id"], result["title"], result["state"]) == (str(notice.id), "", "not_opened")
        assert "پنهان" not in str(result)
    open_notice(actor_of(cast.mehrnaz, timezone.now()), notice.id, session="s" * 32, at=timezone.now())
    settle()
    (result,) = ask(mehrnaz, "واژه‌پنهان")["results"]
    assert (result["title"], result["state"], result["url"]) == ("موضوع‌پنهان", "served", f"/inbox/{notice.id}/")
    assert ask(sign_in(Client(), cast.kaveh), "واژه‌پنهان")["results"] == []


def test_strangers_find_nothing_and_are_not_told_that_there_is_more(cast: Cast) -> None:
    write(cast, *(f"قناری‌زرد شمارهٔ {n}" for n in range(30)))
    for person in (cast.registry.clerk, cast.registry.approver, cast.mehrnaz):
        client = sign_in(Client(), person)
        assert ask(client, "قناری‌زرد") == {"results": [], "more": False, "after": ""}
        assert ask(client, "قناری‌زرد", after="99999999") == {"results": [], "more": False, "after": ""}
        assert "<mark>" not in client.get("/search/", {"q": "قناری‌زرد"}).content.decode()


def test_what_left_ones_reach_after_it_was_indexed_is_left_out(cast: Cast, clerk: Client) -> None:
    (letter,) = write(cast, "قناری")
    assert ids(clerk, "قناری") == {str(letter.id)}
    Letter.objects.filter(id=letter.id).update(agency=cast.registry.agency)
    assert ids(clerk, "قناری") == set()


def test_pages_follow_each_other_without_repeating(cast: Cast, clerk: Client) -> None:
    letters = write(cast, *(f"قناری {n}" for n in range(45)))
    page = clerk.get("/search/", {"q": "قناری"}).content.decode()
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older is not None
    second = clerk.get(older[1].replace("&amp;", "&")).content.decode()
    links = re.compile(r'href="(/letters/[0-9a-f-]{36}/)"')
    assert len(links.findall(page)) == len(links.findall(second)) == 20
    assert not set(links.findall(page)) & set(links.findall(second))
    assert len(ids(clerk, "قناری")) == len(letters)


@pytest.mark.parametrize(
    "query", ["", "   ", "ئئئئ", "«»", '"', "*", "'; --", "\x00", "\u202e", "NEAR(a b)", "ا" * 5000, "سلام " * 200, "٪"]
)
def test_odd_queries_find_nothing_and_break_nothing(cast: Cast, clerk: Client, query: str) -> None:
    write(cast, "قناری")
    assert ask(clerk, query)["results"] == []
    assert clerk.get("/search/", {"q": query}).status_code == 200


@pytest.mark.parametrize("after", ["x", "-1", "1" * 40, "۱۲", "", "\x00"])
def test_a_broken_place_shows_the_first_page(cast: Cast, clerk: Client, after: str) -> None:
    (letter,) = write(cast, "قناری")
    assert [result["id"] for result in ask(clerk, "قناری", after=after)["results"]] == [str(letter.id)]


def test_the_empty_pages_teach(cast: Cast, clerk: Client) -> None:
    assert "چه چیزهایی پیدا می‌شود" in clerk.get("/search/").content.decode()
    nothing = clerk.get("/search/", {"q": "پلاک ۹۹۹"}).content.decode()
    assert "نامه‌ای با «پلاک ۹۹۹» نیست" in nothing
    assert "بی‌ممیز" in nothing


def test_a_search_engine_that_is_away_is_said_so(cast: Cast, clerk: Client, dummy_search: DummySearch) -> None:
    dummy_search.fail_next = "before"
    response = clerk.get("/search/", {"q": "قناری"}, headers={"accept": "application/json"})
    assert response.status_code == 503
    assert response.json()["code"] == "search.unavailable"


def test_search_is_for_people_who_are_signed_in_and_only_read(cast: Cast, client: Client, clerk: Client) -> None:
    response = client.get("/search/", {"q": "قناری"})
    assert response.headers["Location"].startswith(reverse("sign_in"))
    assert clerk.post("/search/", {"q": "قناری"}).status_code == 405
    answer = clerk.get("/search/", {"q": "قناری"})
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Accept" in answer.headers["Vary"]


def test_many_results_cost_as_many_queries_as_few(
    cast: Cast, clerk: Client, django_assert_max_num_queries: Any
) -> None:
    counts = []
    for more in (2, 18):
        write(cast, *(f"قناری {n}" for n in range(more)))
        with django_assert_max_num_queries(12) as asked:
            clerk.get("/search/", {"q": "قناری"}, headers={"accept": "application/json"})
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("text", "marks", "html"),
    [
        ("abc", [], "abc"),
        ("a<b>c", [(2, 3)], "a&lt;<mark>b</mark>&gt;c"),
        ("<&>", [(0, 1), (2, 3)], "<mark>&lt;</mark>&amp;<mark>&gt;</mark>"),
    ],
)
def test_marking_escapes_every_piece(text: str, marks: list[tuple[int, int]], html: str) -> None:
    assert marked(Snippet(text, marks)) == html
