"""The door: two steps, the same for everybody, and nothing to be learned from outside."""

import re
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.demo.country import synthetic_code as code_of
from correspondence.directory import codes
from correspondence.directory.models import CodeChallenge
from correspondence.directory.sms import development_codes
from signing.evidence.models import Event
from tests.people import Cast, make_person, sign_in

pytestmark = pytest.mark.django_db
DOOR, CODE = "/sign-in/", "/sign-in/code/"


@pytest.fixture
def at_the_code(client: Client) -> Client:
    """Somebody who has asked for a code."""
    make_person(60, "مهرناز کیانی")
    assert client.post(DOOR, {"national_code": code_of(60)}).headers["Location"] == CODE
    return client


def sent() -> str:
    return development_codes()[0].code


def wrong() -> str:
    return f"{(int(sent()) + 1) % 1_000_000:06d}"


def text_of(response: Any) -> str:
    """A page without what differs from one request to the next."""
    body = response.content.decode()
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", body)
    body = re.sub(r'data-countdown="\d+"[^<]*', "", body)
    return re.sub(r"9\d\d•••\d{4}|[۰-۹]{3}•••[۰-۹]{4}", "CODE", body)


def test_the_first_page_shows_the_two_ways_in(client: Client) -> None:
    body = client.get("/").content.decode()
    assert reverse("sign_in") in body
    assert reverse("verify_code") in body


@pytest.mark.parametrize("who", ["mehrnaz", "clerk"])
def test_somebody_signed_in_lands_on_the_own_page(client: Client, cast: Cast, who: str) -> None:
    person = cast.mehrnaz if who == "mehrnaz" else cast.ministry.clerk
    sign_in(client, person)
    home = "/inbox/" if who == "mehrnaz" else "/desk/"
    assert client.get("/").headers["Location"] == home
    assert client.get(DOOR).headers["Location"] == home


@pytest.mark.parametrize("typed", ["", "   ", "123", "1234567890", "1111111111", "abcdefghij", "۹۹۹۰۰۰۰۰۱۷", "1" * 400])
def test_a_wrong_national_code_is_explained_beside_its_field(client: Client, typed: str) -> None:
    response = client.post(DOOR, {"national_code": typed})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert 'id="id_national_code_error"' in response.content.decode()
    assert not CodeChallenge.objects.exists()


@pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
def test_the_national_code_may_be_typed_in_any_digits(client: Client, digits: str) -> None:
    typed = f"\u200f{code_of(60)[:3]} {code_of(60)[3:]}".translate(str.maketrans("0123456789", digits))
    assert client.post(DOOR, {"national_code": typed}).status_code == 302
    assert CodeChallenge.objects.get().national_code == code_of(60)


def test_people_known_and_unknown_get_the_same_answer(cast: Cast) -> None:
    silent = make_person(61, "بی‌همراه", mobile="")
    answers: list[tuple[Any, ...]] = []
    for national_code in (cast.mehrnaz.national_code, silent.national_code, code_of(4321)):
        client = Client()
        first = client.post(DOOR, {"national_code": national_code})
        answers.append((first.status_code, first.headers["Location"], text_of(client.get(CODE))))
        refused = client.post(CODE, {"code": "12345"})
        answers[-1] += (refused.status_code, text_of(refused))
    assert answers[0] == answers[1] == answers[2]
    assert "دفتر پیشخوان" in answers[0][2]


def test_the_code_page_without_a_code_on_its_way_leads_to_the_first_step(client: Client) -> None:
    assert client.get(CODE).headers["Location"] == DOOR
    assert client.post(CODE, {"code": "123456"}).headers["Location"] == DOOR


def test_the_right_code_signs_in_under_a_new_session_key(at_the_code: Client) -> None:
    before = at_the_code.cookies[settings.SESSION_COOKIE_NAME].value
    response = at_the_code.post(CODE, {"code": sent()})
    assert response.headers["Location"] == "/inbox/"
    assert at_the_code.cookies[settings.SESSION_COOKIE_NAME].value != before
    assert "sign_in_challenge" not in at_the_code.session
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = before
    assert stale.get("/inbox/").status_code == 302


def test_signing_in_as_somebody_else_leaves_nothing_of_the_first_session(at_the_code: Client, cast: Cast) -> None:
    sign_in(at_the_code, cast.kaveh)
    session = at_the_code.session
    session["left_behind"] = "x"
    session.save()
    sign_in(at_the_code, cast.mehrnaz)
    assert at_the_code.session["_auth_user_id"] == str(cast.mehrnaz.pk)
    assert "left_behind" not in at_the_code.session


def test_wrong_used_up_and_old_codes_are_told_beside_the_field(at_the_code: Client) -> None:
    first = at_the_code.post(CODE, {"code": wrong()})
    assert first.status_code == 422
    assert "۴ بار" in first.content.decode()
    for _ in range(codes.MAX_TRIES - 1):
        last = at_the_code.post(CODE, {"code": wrong()})
    assert "کد تازه بخواهید" in last.content.decode()
    right = at_the_code.post(CODE, {"code": sent()})
    assert right.status_code == 422
    assert "_auth_user_id" not in at_the_code.session


def test_an_old_code_offers_a_new_one(at_the_code: Client) -> None:
    CodeChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    page = at_the_code.get(CODE).content.decode()
    assert "data-countdown" not in page
    assert 'name="resend"' in page
    assert at_the_code.post(CODE, {"code": sent()}).status_code == 422


@pytest.mark.parametrize("typed", ["", "12", "abcdef", "9" * 500, "١٢٣\u202e٤٥٦"])
def test_what_is_no_code_is_refused(at_the_code: Client, typed: str) -> None:
    response = at_the_code.post(CODE, {"code": typed})
    assert response.status_code == 422
    assert "id_code_error" in response.content.decode()


def test_another_code_makes_the_first_one_worthless(at_the_code: Client) -> None:
    first = sent()
    assert at_the_code.post(CODE, {"resend": "1"}).headers["Location"] == CODE
    second = sent()
    if first != second:
        assert at_the_code.post(CODE, {"code": first}).status_code == 422
    assert at_the_code.post(CODE, {"code": second}).status_code == 302


def test_a_code_belongs_to_the_browser_that_asked_for_it(at_the_code: Client) -> None:
    code, other = sent(), Client()
    other.post(DOOR, {"national_code": code_of(60)})
    if sent() != code:
        assert other.post(CODE, {"code": code}).status_code == 422
    assert at_the_code.post(CODE, {"code": code}).status_code == 302


def test_a_used_code_signs_nobody_in_again(at_the_code: Client) -> None:
    pending = at_the_code.session["sign_in_challenge"]
    code = sent()
    at_the_code.post(CODE, {"code": code})
    thief = Client()
    thief.post(DOOR, {"national_code": code_of(60)})
    session = thief.session
    session["sign_in_challenge"] = pending
    session.save()
    assert thief.post(CODE, {"code": code}).status_code == 422


@pytest.mark.parametrize(("path", "data"), [(DOOR, {"national_code": code_of(60)}), (CODE, {"resend": "1"})])
def test_too_many_codes_are_refused_in_words(
    at_the_code: Client, monkeypatch: pytest.MonkeyPatch, path: str, data: dict[str, str]
) -> None:
    monkeypatch.setattr(codes, "LIMIT_OF_PERSON", 1)
    response = at_the_code.post(path, data)
    assert response.status_code == 422
    assert "۱۰ دقیقه" in response.content.decode()
    assert CodeChallenge.objects.count() == 1
    assert at_the_code.post(CODE, {"code": sent()}).status_code == 302


def test_a_gateway_that_is_away_is_told_and_nothing_is_lost(client: Client) -> None:
    make_person(60, "مهرناز کیانی")
    with mock.patch("correspondence.directory.sms.ConsoleSms.send_code", side_effect=OSError("away")):
        response = client.post(DOOR, {"national_code": code_of(60)})
    assert response.status_code == 422
    assert "کد فرستاده نشد" in response.content.decode()
    assert code_of(60) in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/inbox/?view=unopened", "/inbox/?view=unopened"),
        ("https://evil.example/", "/inbox/"),
        ("//evil.example/", "/inbox/"),
        ("/\\evil.example", "/inbox/"),
        ("javascript:alert(1)", "/inbox/"),
        ("", "/inbox/"),
    ],
)
def test_the_page_asked_for_comes_after_the_door_if_it_is_ours(client: Client, asked: str, led_to: str) -> None:
    make_person(60, "مهرناز کیانی")
    client.post(DOOR, {"national_code": code_of(60), "next": asked})
    client.post(CODE, {"resend": "1"})
    assert client.post(CODE, {"code": sent()}).headers["Location"] == led_to


def test_the_hidden_next_survives_a_mistake(client: Client) -> None:
    response = client.get("/inbox/", follow=True)
    assert 'name="next" value="/inbox/"' in response.content.decode()
    mistaken = client.post(DOOR, {"national_code": "1", "next": "/inbox/"})
    assert 'name="next" value="/inbox/"' in mistaken.content.decode()


def test_a_part_of_a_page_whose_session_has_ended_loads_the_whole_page(client: Client) -> None:
    response = client.get("/inbox/", headers={"hx-request": "true"}, follow=True)
    assert response.headers["HX-Refresh"] == "true"
    assert response.content == b""


def test_signing_out_is_a_post_and_recorded(client: Client, cast: Cast) -> None:
    sign_in(client, cast.mehrnaz)
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/inbox/").status_code == 200
    assert client.post("/sign-out/").headers["Location"] == "/"
    assert client.get("/inbox/").status_code == 302
    event = Event.objects.get(kind="session.ended")
    assert (event.subject, event.read_facts()["scope"]) == (cast.mehrnaz.id, "one")
    assert client.post("/sign-out/").status_code == 302


def test_a_forged_form_is_refused(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(DOOR, {"national_code": cast.mehrnaz.national_code}).status_code == 403
    assert not CodeChallenge.objects.exists()


@pytest.mark.parametrize("path", ["/", DOOR])
def test_the_door_asks_the_database_little(client: Client, django_assert_max_num_queries: Any, path: str) -> None:
    with django_assert_max_num_queries(0):
        assert client.get(path).status_code == 200


def test_the_codes_page_is_named_on_development_systems_only(at_the_code: Client) -> None:
    assert "/development/codes/" in at_the_code.get(CODE).content.decode()
    with mock.patch.object(settings, "ENVIRONMENT", "production"):
        assert "/development/codes/" not in at_the_code.get(CODE).content.decode()
