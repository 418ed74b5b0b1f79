"""Who may use each address. A new route fails here until somebody has decided that; each app tests its strangers."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

ANYBODY = "anybody"
SIGNED_IN = "whoever is signed in"
STAFF = "staff of any agency, each with the letters of their own"
SENDER = "staff of the sending agency"
RECEIVER = "the secretariat of the receiving agency"
RECIPIENT = "whoever reads the mailbox"
OPERATOR = "operators"
DEVELOPMENT = "anybody, but only in development"

WHO = {
    "start": ANYBODY,
    "sign_in": ANYBODY,
    "sign_in_code": ANYBODY,
    "sign_out": ANYBODY,
    "set_language": ANYBODY,
    "verify_code": ANYBODY,
    "verify_code_of": ANYBODY,
    "desk": STAFF,
    "letter_new": STAFF,
    "letter": SENDER,
    "letter_edit": SENDER,
    "attachment_add": SENDER,
    "attachment_remove": SENDER,
    "recipients_upload": SENDER,
    "letter_submission": SENDER,
    "letter_return": SENDER,
    "letter_approval": SENDER,
    "letter_approval_code": SENDER,
    "letter_dispatch": SENDER,
    "letter_pdf": SENDER,
    "letter_preview": SENDER,
    "letter_attachment": SENDER,
    "letter_result": SENDER,
    "incoming": RECEIVER,
    "incoming_letter": RECEIVER,
    "incoming_registration": RECEIVER,
    "inbox": SIGNED_IN,
    "notice": RECIPIENT,
    "notice_opening": RECIPIENT,
    "notice_pdf": RECIPIENT,
    "notice_attachment": RECIPIENT,
    "notice_proof": RECIPIENT,
    "search": SIGNED_IN,
    "operations": OPERATOR,
    "handoff_retry": OPERATOR,
    "development_codes": DEVELOPMENT,
    "development_people": DEVELOPMENT,
    "components": DEVELOPMENT,
    "development_pki": DEVELOPMENT,
}
OPEN = {ANYBODY, DEVELOPMENT}


def _routes(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _routes(entry)
        else:
            yield entry


def _address(route: URLPattern) -> str:
    """The route with identifiers that nothing has."""
    nothing = {"uuid": UUID(int=7), "str": "nothing", "int": 7}
    values = {
        name: nothing[type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")]
        for name, converter in route.pattern.converters.items()
    }
    return reverse(str(route.name), kwargs=values)


def test_it_is_decided_for_every_route_who_may_use_it() -> None:
    assert {str(route.name) for route in _routes(get_resolver())} == set(WHO)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_signing_in_only_open_routes_answer(client: Client, method: str) -> None:
    answered = {}
    for route in _routes(get_resolver()):
        if WHO.get(str(route.name)) not in OPEN:
            answer = getattr(client, method)(_address(route))
            led_to_the_door = answer.status_code == 302 and answer["Location"].startswith(reverse("sign_in"))
            if not led_to_the_door and answer.status_code not in {403, 404, 405}:
                answered[route.name] = (answer.status_code, answer.headers.get("Location"))
    assert answered == {}
