"""Who may open the socket at all, before anybody asks who it is."""

import pytest
from channels.testing import WebsocketCommunicator

from config.asgi import application


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"origin", b"https://evil.example")],
        [(b"origin", b"null")],
        [(b"origin", b"https://localhost.evil.example")],
    ],
)
@pytest.mark.asyncio
async def test_a_page_of_another_site_and_a_request_without_origin_are_refused(
    headers: list[tuple[bytes, bytes]],
) -> None:
    communicator = WebsocketCommunicator(application, "/ws/", headers=[(b"host", b"localhost"), *headers])
    connected, code = await communicator.connect()
    assert (connected, code) == (False, 1000)
    await communicator.wait()
