"""The pages of the embedded server: the WSGI application of production, behind an ASGI server.

A request runs in one thread from its first line to its last, on a database connection that the thread keeps. Django's
own ASGI handler starts a thread and a connection for each request and changes between the loop and that thread at every
middleware, and each change waits for its turn when a run is delivered in the same process.
"""

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import Any

THREADS = 8
# Beyond this a request's body waits on disk.
BODY_IN_MEMORY = 1024 * 1024
CHUNK_BYTES = 64 * 1024

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
# PEP 3333; the precise types of its parts say no more.
WSGIApplication = Callable[..., Iterable[bytes]]


class Pages:
    """An ASGI application for HTTP that answers by a WSGI application, up to THREADS requests at a time."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, from its first byte to its last; one whose client leaves before its end is not answered."""
        body = SpooledTemporaryFile(BODY_IN_MEMORY)  # noqa: SIM115 - closed with the answer, perhaps after a cancellation
        while (message := await receive())["type"] == "http.request":
            body.write(message.get("body", b""))
            if not message.get("more_body"):
                await self._send(_Answer(self._application, scope, body), send)
                return
        body.close()

    async def _send(self, answer: "_Answer", send: Send) -> None:
        loop = asyncio.get_running_loop()
        try:
            chunk = await loop.run_in_executor(self._threads, answer.begin)
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            while chunk:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = b"" if answer.is_over else await loop.run_in_executor(self._threads, answer.read)
        finally:
            if not answer.is_over:
                await loop.run_in_executor(self._threads, answer.close)
        await send({"type": "http.response.body"})


class _Answer:
    """One call of the application, whose `status` and `headers` are known when it has begun. Its methods are for
    threads, and wait for each other: a cancelled request is closed by another thread than the one it still runs in."""

    def __init__(self, application: WSGIApplication, scope: Scope, body: "SpooledTemporaryFile[bytes]") -> None:
        self.status, self.headers, self.is_over = 500, list[tuple[bytes, bytes]](), False
        self._application, self._scope, self._body = application, scope, body
        self._result: Iterable[bytes] = ()
        self._parts: Iterator[bytes] = iter(())
        self._turn = threading.RLock()

    def begin(self) -> bytes:
        """Call the application; the first bytes of its body, often all of them."""
        with self._turn:
            self._result = self._application(environ_of(self._scope, self._body), self._start)
            self._parts = iter(self._result)
            return self.read()

    def read(self) -> bytes:
        """The next bytes, about CHUNK_BYTES of them; closes the answer at its end."""
        gathered = bytearray()
        with self._turn:
            for part in self._parts:
                gathered += part
                if len(gathered) >= CHUNK_BYTES:
                    return bytes(gathered)
            self.close()
        return bytes(gathered)

    def close(self) -> None:
        """Put away what was used for this request."""
        with self._turn:
            self.is_over = True
            self._body.close()
            close = getattr(self._result, "close", None)
            if close is not None:
                close()

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        self.status = int(status.partition(" ")[0])
        self.headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def environ_of(scope: Scope, body: "SpooledTemporaryFile[bytes]") -> dict[str, Any]:
    """The request as PEP 3333 wants it; `body` is complete and stands at its end."""
    size = body.tell()
    body.seek(0)
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "REMOTE_ADDR": (scope.get("client") or ("",))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:
            # It would pass for the header that is written with a hyphen.
            continue
        key = name.decode("latin-1").upper().replace("-", "_")
        key = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
        text = value.decode("latin-1")
        # A browser may send cookies in several headers; all others are lists.
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{text}" if key in environ else text
    # What arrived counts, not what was announced.
    environ["CONTENT_LENGTH"] = str(size)
    return environ
