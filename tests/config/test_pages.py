"""Pages behind the embedded server: what the WSGI application is given, and what comes back, however it is sent."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from config.server.pages import CHUNK_BYTES, Pages

SCOPE: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/نامه/",
    "query_string": b"q=%D9%86",
    "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"text/plain")],
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.9", 40000),
}


def ask(application: Any, *messages: dict[str, Any], **scope: Any) -> list[dict[str, Any]]:
    """What the ASGI application sends when it receives these messages."""
    sent: list[dict[str, Any]] = []
    incoming = iter(messages or ({"type": "http.request", "body": b""},))

    async def receive() -> dict[str, Any]:
        return next(incoming)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(Pages(application)(SCOPE | scope, receive, send))
    return sent


def body_of(sent: list[dict[str, Any]]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent[1:])


def test_the_request_arrives_whole() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.update(environ, body=environ["wsgi.input"].read())
        start("201 Created", [("X-Name", "é"), ("X-Name", "b")])
        return ["سلام".encode()]

    parts: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"a" * 10, "more_body": True},
        {"type": "http.request", "body": b"b"},
    ]
    headers = [*SCOPE["headers"], (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"accept", b"x"), (b"accept", b"y")]
    sent = ask(application, *parts, headers=headers)
    assert sent[0] == {
        "type": "http.response.start",
        "status": 201,
        "headers": [(b"X-Name", b"\xe9"), (b"X-Name", b"b")],
    }
    assert body_of(sent) == "سلام".encode()
    assert not sent[-1].get("more_body")
    assert seen["body"] == b"a" * 10 + b"b"
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/نامه/"
    expected = {
        "REQUEST_METHOD": "POST", "QUERY_STRING": "q=%D9%86", "CONTENT_LENGTH": "11", "CONTENT_TYPE": "text/plain",
        "HTTP_COOKIE": "a=1; b=2", "HTTP_ACCEPT": "x,y", "REMOTE_ADDR": "127.0.0.9", "SERVER_PORT": "8000",
    }  # fmt: skip
    assert {name: seen[name] for name in expected} == expected


def test_a_header_written_with_underscores_cannot_pass_for_another() -> None:
    seen: dict[str, Any] = {}

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.update(environ)
        start("200 OK", [])
        return []

    sent = ask(application, headers=[(b"x_forwarded_proto", b"https"), (b"content-length", b"999")])
    assert (sent[0]["status"], body_of(sent)) == (200, b"")
    assert "HTTP_X_FORWARDED_PROTO" not in seen
    assert seen["CONTENT_LENGTH"] == "0"


class Stream:
    """A result that tells when it was closed."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts, self.closed = parts, 0

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        self.closed += 1


def test_a_long_answer_is_sent_in_large_pieces_and_closed_once() -> None:
    stream = Stream(b"x" * 4096 for _ in range(100))

    def application(environ: dict[str, Any], start: Any) -> Stream:
        start("200 OK", [])
        return stream

    sent = ask(application)
    assert len(body_of(sent)) == 100 * 4096
    assert len(sent) < 3 + 100 * 4096 / CHUNK_BYTES
    assert stream.closed == 1


def test_a_result_that_fails_half_way_is_closed_and_the_failure_is_told() -> None:
    def parts() -> Iterator[bytes]:
        yield b"x" * 2 * CHUNK_BYTES
        raise OSError("the disk is gone")

    stream = Stream(parts())

    def application(environ: dict[str, Any], start: Any) -> Stream:
        start("200 OK", [])
        return stream

    with pytest.raises(OSError, match="gone"):
        ask(application)
    assert stream.closed == 1


def test_a_request_that_is_cancelled_while_it_runs_is_closed_after_it() -> None:
    begun, may_end, order = threading.Event(), threading.Event(), list[str]()

    def application(environ: dict[str, Any], start: Any) -> Stream:
        begun.set()
        may_end.wait(10)
        order.append(environ["wsgi.input"].read().decode())
        start("200 OK", [])
        return stream

    class Told(Stream):
        def close(self) -> None:
            order.append("closed")

    stream = Told(iter([b"x" * 2 * CHUNK_BYTES, b"y"]))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"body"}

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError("sent")

    async def cancel() -> None:
        request = asyncio.create_task(Pages(application)(SCOPE, receive, send))
        await asyncio.to_thread(begun.wait)
        request.cancel()
        asyncio.get_running_loop().call_later(0.05, may_end.set)
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(cancel())
    assert order == ["body", "closed"]


def test_a_client_that_leaves_before_its_request_is_complete_gets_nothing() -> None:
    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        raise AssertionError("called")

    parts = {"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}
    assert ask(application, *parts) == []


def test_a_slow_page_does_not_hold_up_another() -> None:
    both = threading.Barrier(2, timeout=10)

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        both.wait()
        start("200 OK", [])
        return [b"done"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        pass

    async def ask_twice() -> None:
        pages = Pages(application)
        await asyncio.gather(pages(SCOPE, receive, send), pages(SCOPE, receive, send))

    asyncio.run(ask_twice())
