"""The check of a code from paper: genuine or not, never what the letter says or to whom it went."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from correspondence.models import Letter
from correspondence.services import Draft
from inbox import verification
from inbox.models import Notice
from inbox.verification import read_code
from tests.people import Cast, dispatched_letter, draft_to, recipients_csv, sign_in

pytestmark = pytest.mark.django_db
NOBODYS = "ABCDEFGH2345"


@pytest.fixture(autouse=True)
def _fresh_ration() -> None:
    cache.clear()


def ask(typed: str, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).get("/verify/", {"code": typed}, **more)


@pytest.fixture
def letter(cast: Cast) -> Letter:
    return dispatched_letter(cast.ministry, draft_to(cast.mehrnaz, subject="موضوع‌پنهان"))


def test_a_genuine_letter_shows_issuer_number_and_date_only(letter: Letter, cast: Cast) -> None:
    body = ask(letter.verification_code or "").content.decode()
    assert "این نامه اصیل است" in body
    for shown in (cast.ministry.agency.name, "مدیرکل"):
        assert shown in body
    assert letter.number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) in body
    for hidden in (
        "موضوع‌پنهان",
        "اصلاح",
        cast.mehrnaz.full_name,
        cast.mehrnaz.national_code,
        cast.ministry.approver.full_name,
    ):
        assert hidden not in body
    assert str(letter.id) not in body


@pytest.mark.parametrize("style", ["lower", "groups", "dashes", "persian", "misread", "path"])
def test_a_code_may_be_typed_as_it_comes(letter: Letter, style: str) -> None:
    code = letter.verification_code or ""
    typed = {
        "lower": code.lower(),
        "groups": f" {code[:4]} {code[4:8]}  {code[8:]} ",
        "dashes": f"{code[:4]}-{code[4:8]}-{code[8:]}",
        "persian": code.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")),
        "misread": code.replace("0", "o").replace("1", "l"),
        "path": code,
    }[style]
    response = Client().get(reverse("verify_code_of", args=[typed])) if style == "path" else ask(typed)
    assert "این نامه اصیل است" in response.content.decode()


def test_a_notice_of_a_run_has_a_code_of_its_own(cast: Cast) -> None:
    draft = Draft(subject="قبض {{مبلغ}}", salutation="سلام؛", body="مبلغ {{مبلغ}}")
    dispatched_letter(cast.ministry, draft, recipients_csv([11, 12]))
    for notice in Notice.objects.all():
        body = ask(notice.verification_code or "").content.decode()
        assert notice.number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) in body
        assert "شهروند" not in body


@pytest.mark.parametrize("classification", ["restricted", "confidential"])
def test_of_a_classified_letter_only_that_it_is_genuine(cast: Cast, classification: str) -> None:
    draft = replace(draft_to(cast.mehrnaz), classification=classification)
    letter = dispatched_letter(cast.ministry, draft)
    body = ask(letter.verification_code or "").content.decode()
    assert "این نامه اصیل است" in body
    assert cast.ministry.agency.name not in body
    assert letter.number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")) not in body


def test_a_code_of_nothing_is_told_without_alarm_or_guess() -> None:
    response = ask(NOBODYS)
    assert response.status_code == 200
    assert "نامه‌ای با این کد نیست" in response.content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "K7QM",
        "K7QM4TXD9R2F0",
        "K7QM4TXD9R2U",
        "کد روی نامه",
        "<script>x</script>",
        "\u202eK7QM4TXD9R2",
        "x" * 3000,
    ],
)
def test_what_is_no_code_is_explained_and_costs_no_ration(typed: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        body = ask(typed).content.decode()
    assert "<script>x" not in body
    assert ("code-error" in body) == bool(typed.strip())


def test_machines_that_guess_must_wait_and_others_need_not(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MISSES", 3)
    for _ in range(3):
        assert ask(NOBODYS, REMOTE_ADDR="192.0.2.7").status_code == 200
    for code in (NOBODYS, letter.verification_code):
        refused = ask(code or "", REMOTE_ADDR="192.0.2.7")
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) > 0
        assert "اصیل است</h1>" not in refused.content.decode()
    assert "این نامه اصیل است" in ask(letter.verification_code or "", REMOTE_ADDR="192.0.2.8").content.decode()


def test_somebody_with_many_genuine_letters_is_not_held_up(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "MISSES", 1)
    for _ in range(5):
        assert ask(letter.verification_code or "").status_code == 200


@pytest.mark.parametrize("who", ["mehrnaz", "clerk"])
def test_it_is_the_same_for_people_who_are_signed_in(letter: Letter, cast: Cast, who: str) -> None:
    client = sign_in(Client(), cast.mehrnaz if who == "mehrnaz" else cast.ministry.clerk)
    assert "این نامه اصیل است" in ask(letter.verification_code or "", client).content.decode()


def test_codes_are_read_by_their_alphabet() -> None:
    assert read_code("oil0 OIL1 2345") == "011001112345"
    assert read_code("K7QM4TXD9R2U") == ""
    assert read_code(str(UUID(int=0))) == ""
