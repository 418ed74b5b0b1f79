"""One-time codes: single use, few tries, a short life, one purpose; and never in clear."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone, translation

from config.demo.country import synthetic_code as code_of
from correspondence.directory import codes
from correspondence.directory.codes import LIFETIME, MAX_TRIES, SIGN_IN, check_code, send_code, waiting_code
from correspondence.directory.errors import CodeRefused, TooManyCodes
from correspondence.directory.models import CodeChallenge, RegisteredPerson
from correspondence.directory.sms import development_codes
from tests.people import Cast, make_person

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def ask(serial: int = 70, purpose: str = SIGN_IN, **when: Any) -> tuple[Any, str]:
    """A challenge and the code that was sent for it."""
    challenge = send_code(code_of(serial), purpose, address="192.0.2.1", at=when.get("at", NOW))
    return challenge, development_codes()[0].code


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def refusal(challenge: Any, code: str, purpose: str = SIGN_IN, **when: Any) -> str:
    with pytest.raises(CodeRefused) as caught:
        check_code(challenge, code, purpose, at=when.get("at", NOW))
    assert caught.value.field == "code"
    return caught.value.code


def test_the_right_code_proves_the_person_once() -> None:
    challenge, code = ask()
    assert check_code(challenge, code, SIGN_IN, at=NOW) == code_of(70)
    assert refusal(challenge, code) == "code_used"


@pytest.mark.parametrize("typed", ["{} {}", " {}-{}\u200c", "\u2066{}{}\u2069"])
@pytest.mark.parametrize("digits", ["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
def test_any_digits_and_spaces_do(typed: str, digits: str) -> None:
    challenge, code = ask()
    shown = typed.format(code[:3], code[3:]).translate(str.maketrans("0123456789", digits))
    assert check_code(challenge, shown, SIGN_IN, at=NOW) == code_of(70)


def test_a_wrong_code_says_how_many_tries_are_left_and_the_last_one_closes() -> None:
    challenge, code = ask()
    left = []
    with translation.override("en"):
        for _ in range(MAX_TRIES):
            with pytest.raises(CodeRefused) as caught:
                check_code(challenge, wrong(code), SIGN_IN, at=NOW)
            left.append((caught.value.code, str(caught.value)))
    assert [reason for reason, _ in left] == ["code_wrong"] * (MAX_TRIES - 1) + ["code_tries"]
    assert "4 more tries" in left[0][1]
    assert "1 more try" in left[3][1]
    assert refusal(challenge, code) == "code_tries"


def test_tries_are_said_in_the_readers_digits() -> None:
    challenge, code = ask()
    with translation.override("fa"), pytest.raises(CodeRefused, match="۴"):
        check_code(challenge, wrong(code), SIGN_IN, at=NOW)


def test_an_old_code_is_refused_to_the_second() -> None:
    challenge, code = ask()
    assert refusal(challenge, code, at=NOW + LIFETIME) == "code_expired"
    assert check_code(challenge, code, SIGN_IN, at=NOW + LIFETIME - timedelta(seconds=1))


def test_a_code_for_one_purpose_is_worth_nothing_for_another() -> None:
    signing, code = ask(purpose="sign:abc")
    assert refusal(signing, code, SIGN_IN) == "code_expired"
    assert refusal(signing, code, "sign:abd") == "code_expired"
    assert CodeChallenge.objects.get(id=signing).tries == 0
    assert waiting_code(signing, SIGN_IN, at=NOW) is None


def test_the_code_of_one_challenge_does_not_open_another() -> None:
    (first, code), (second, _) = ask(), ask(71)
    if development_codes()[0].code != code:
        assert refusal(second, code) == "code_wrong"
    assert check_code(first, code, SIGN_IN, at=NOW) == code_of(70)


def test_no_code_is_kept_in_clear() -> None:
    challenge, code = ask()
    row = CodeChallenge.objects.filter(id=challenge).values().get()
    assert code not in DjangoJSONEncoder().encode({key: str(value) for key, value in row.items() if key != "id"})
    assert len(bytes(row["code_hmac"])) == 32


def test_a_person_without_a_mobile_gets_a_challenge_and_no_code(cast: Cast) -> None:
    person = make_person(80, "بی‌همراه", mobile="")
    before = list(development_codes())
    challenge = send_code(person.national_code, SIGN_IN, address="192.0.2.1", at=NOW)
    assert list(development_codes()) == before
    waiting = waiting_code(challenge, SIGN_IN, at=NOW)
    assert waiting is not None
    assert waiting.is_open
    assert waiting.tries_left == MAX_TRIES


@pytest.mark.parametrize("limit", ["LIMIT_OF_PERSON", "LIMIT_OF_ADDRESS", "LIMIT_OF_ALL"])
def test_codes_are_rationed_and_the_ration_comes_back(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, limit, 3)
    for _ in range(3):
        ask()
    with pytest.raises(TooManyCodes):
        ask()
    assert CodeChallenge.objects.count() == 3
    if limit == "LIMIT_OF_PERSON":
        ask(71)
    ask(at=NOW + codes.WINDOW)


def test_a_register_that_does_not_answer_is_an_error_and_not_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> dict[str, Any]:
        raise OSError("away")

    monkeypatch.setattr("correspondence.directory.registers.LocalRegister.find", away)
    with pytest.raises(OSError, match="away"):
        ask()


def test_the_newest_mobile_of_the_register_is_used() -> None:
    person = make_person(81, "جابه‌جا")
    RegisteredPerson.objects.filter(pk=person.national_code).update(mobile="+989990009999")
    send_code(person.national_code, SIGN_IN, address="192.0.2.1", at=NOW)
    assert development_codes()[0].mobile == "+989990009999"
