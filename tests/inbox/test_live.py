"""The socket: each event once and in order over any number of cuts, only to those whom it concerns, and not for longer."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from config.asgi import application
from correspondence.directory.access import actor_of
from correspondence.directory.authentication import end_sessions, revoke_role
from correspondence.directory.models import Person, Role
from inbox.consumers import BAD_CURSOR, SESSION_ENDED, UNEXPECTED
from inbox.models import Mailbox, Notice
from inbox.selectors import mailbox_ids_of
from inbox.services import open_notice
from signing.evidence.checkpoints import sequence_pending
from signing.evidence.feed import head
from signing.evidence.log import NewEvent, record_batch
from tests.people import Cast, dispatched_letter, draft_to, make_cast, settle, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

ORIGIN = (b"origin", b"http://127.0.0.1:8000")


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def cookie_of(person: Person) -> str:
    client = sign_in(Client(), person)
    settle()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def socket(cookie: str, after: int | str, origin: tuple[bytes, bytes] | None = ORIGIN) -> WebsocketCommunicator:
    headers = [(b"host", b"127.0.0.1:8000"), (b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]
    if origin is not None:
        headers.append(origin)
    return WebsocketCommunicator(application, f"/ws/?after={after}", headers=headers)


@asynccontextmanager
async def listening(cookie: str, after: int) -> AsyncIterator[WebsocketCommunicator]:
    line = socket(cookie, after)
    connected, _ = await line.connect(timeout=5)
    assert connected
    assert (await line.receive_json_from(5))["hello"] is True
    try:
        yield line
    finally:
        await line.disconnect(timeout=5)


async def closed_with(line: WebsocketCommunicator) -> Any:
    while True:
        message = await line.receive_output(timeout=5)
        if message["type"] == "websocket.close":
            return message["code"]


def receipts(cast: Cast, count: int) -> None:
    """Events such as openings make, for the ministry's letters."""
    rows = [NewEvent(uuid4(), {"n": n}, letter=uuid4()) for n in range(count)]
    with transaction.atomic():
        record_batch("notice.viewed_again", rows, "system", timezone.now(), agency=cast.ministry.agency.id)
    while sequence_pending(limit=random.randint(1, 200)):
        pass


async def test_two_thousand_receipts_over_thirty_cuts_come_once_each_and_in_order(cast: Cast) -> None:
    cookie = await sync_to_async(cookie_of)(cast.ministry.clerk)
    start = await sync_to_async(head)()
    heard: list[int] = []

    async def make() -> None:
        for _ in range(20):
            await sync_to_async(receipts)(cast, 100)
            await asyncio.sleep(0.02)

    making = asyncio.create_task(make())
    cuts = 0
    while len(heard) < 2_000:
        async with listening(cookie, heard[-1] if heard else start) as line:
            upto = len(heard) + random.randint(20, 70) if cuts < 30 else 2_000
            while len(heard) < min(upto, 2_000):
                news = await line.receive_json_from(timeout=20)
                if "topic" in news:
                    heard.append(news["seq"])
        cuts += 1
    await making
    assert cuts >= 30
    assert heard == list(range(start + 1, start + 2_001))


async def test_a_receipt_reaches_the_senders_open_page_within_a_second(cast: Cast) -> None:
    letter = await sync_to_async(dispatched_letter)(cast.ministry, draft_to(cast.mehrnaz))
    cookie, start = await sync_to_async(cookie_of)(cast.ministry.clerk), await sync_to_async(head)()
    async with listening(cookie, start) as line:
        await sync_to_async(open_it)(letter.id, cast.mehrnaz)
        news = await line.receive_json_from(timeout=1)
        assert news["topic"] == f"letter:{letter.id}"
        assert news["kind"] == "notice.opened"


async def test_a_socket_hears_nothing_of_others(cast: Cast) -> None:
    letter = await sync_to_async(dispatched_letter)(cast.ministry, draft_to(cast.mehrnaz))
    stranger = await sync_to_async(cookie_of)(cast.kaveh)
    other_clerk = await sync_to_async(cookie_of)(cast.registry.clerk)
    async with listening(stranger, -1) as line, listening(other_clerk, -1) as other:
        await sync_to_async(open_it)(letter.id, cast.mehrnaz)
        assert await line.receive_nothing(timeout=0.6)
        assert await other.receive_nothing(timeout=0.1)


async def test_the_recipient_hears_of_the_notice_and_not_of_the_letter(cast: Cast) -> None:
    await sync_to_async(dispatched_letter)(cast.ministry, draft_to(cast.mehrnaz))
    cookie = await sync_to_async(cookie_of)(cast.mehrnaz)
    async with listening(cookie, -1) as line:
        news = await line.receive_json_from(timeout=2)
        assert news["topic"].startswith("notice:")


async def test_no_session_no_socket(cast: Cast) -> None:
    line = socket("nonsense", -1)
    await line.connect(timeout=5)
    assert await closed_with(line) == SESSION_ENDED


@pytest.mark.parametrize("origin", [None, (b"origin", b"http://evil.example"), (b"origin", b"null")])
async def test_pages_of_others_cannot_listen(cast: Cast, origin: tuple[bytes, bytes] | None) -> None:
    cookie = await sync_to_async(cookie_of)(cast.mehrnaz)
    connected, _ = await socket(cookie, -1, origin).connect(timeout=5)
    assert not connected


async def test_a_bad_cursor_and_a_speaking_client_are_refused(cast: Cast) -> None:
    cookie = await sync_to_async(cookie_of)(cast.mehrnaz)
    line = socket(cookie, "x'--")
    await line.connect(timeout=5)
    assert await closed_with(line) == BAD_CURSOR
    async with listening(cookie, -1) as other:
        await other.send_json_to({"subscribe": "letter:*"})
        assert await closed_with(other) == UNEXPECTED


async def test_it_dies_with_the_session(cast: Cast) -> None:
    cookie = await sync_to_async(cookie_of)(cast.mehrnaz)
    async with listening(cookie, -1) as line:
        await sync_to_async(end_all)(cast.mehrnaz)
        assert await closed_with(line) == SESSION_ENDED


async def test_signing_out_in_one_tab_closes_the_socket_of_the_other(cast: Cast) -> None:
    client = await sync_to_async(sign_in)(Client(), cast.mehrnaz)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    async with listening(cookie, -1) as line:
        await sync_to_async(client.post)("/sign-out/")
        await sync_to_async(sequence_pending)()
        assert await closed_with(line) == SESSION_ENDED


async def test_a_withdrawn_role_is_heard_no_more(cast: Cast) -> None:
    letter = await sync_to_async(dispatched_letter)(cast.ministry, draft_to(cast.mehrnaz))
    cookie, start = await sync_to_async(cookie_of)(cast.ministry.clerk), await sync_to_async(head)()
    async with listening(cookie, start) as line:
        await sync_to_async(withdraw_role)(cast.ministry.clerk)
        await sync_to_async(open_it)(letter.id, cast.mehrnaz)
        assert await line.receive_nothing(timeout=0.6)


def open_it(letter_id: UUID, person: Person) -> None:
    actor = actor_of(person, timezone.now())
    assert mailbox_ids_of(actor) and Mailbox.objects.exists()
    open_notice(actor, Notice.objects.get(letter_id=letter_id).id, session="test", at=timezone.now())
    settle()


def end_all(person: Person) -> None:
    end_sessions(person.id, by="system", at=timezone.now())
    settle()


def withdraw_role(person: Person) -> None:
    revoke_role(Role.objects.get(person=person).id, by="system", at=timezone.now())
    settle()
