"""Pushing from a thread into the loop of the server, and without a server."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from config import loop


@pytest.fixture(autouse=True)
def no_server() -> Iterator[None]:
    loop.forget()
    yield
    loop.forget()


def test_without_a_server_it_runs_here_and_now() -> None:
    seen: list[str] = []

    async def push(text: str) -> None:
        seen.append(text)

    loop.submit(push, "look")
    assert seen == ["look"]


def test_with_a_server_it_runs_in_its_loop_soon() -> None:
    async def serve() -> tuple[str, bool]:
        arrived: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()
        here = asyncio.get_running_loop()

        async def push(text: str) -> None:
            await arrived.put((text, asyncio.get_running_loop() is here))

        loop.register(here)
        threading.Thread(target=loop.submit, args=(push, "look")).start()
        return await asyncio.wait_for(arrived.get(), timeout=1)

    assert asyncio.run(serve()) == ("look", True)


def test_a_loop_that_has_closed_is_no_error() -> None:
    closed = asyncio.new_event_loop()
    closed.close()
    loop.register(closed)

    async def push() -> None:
        raise AssertionError("nobody is there")

    loop.submit(push)
