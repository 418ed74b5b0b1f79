"""The socket of live updates: it says which page to look at again, never what happened in words.

Protocol, all JSON. In: nothing. Out: `{"hello": true, "seq": n}`; then for each event after the cursor in `?after=`
`{"seq", "topic", "kind"}` in the order of the log, each exactly once; `{"beat": n}` when nothing happened for a while.
Close codes: 4001 the session has ended, 4400 the cursor is no number, 4413 the client spoke.
"""

import asyncio
import contextlib
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncJsonWebsocketConsumer

from inbox.live import Listener, read_head, read_listener, read_news

SESSION_ENDED, BAD_CURSOR, UNEXPECTED = 4001, 4400, 4413
# Rings come in crowds while a run is delivered; a socket reads the feed at most this often.
QUIET_SECONDS = 0.1
BEAT_SECONDS = 20
BATCH = 500


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """One browser's line. All it serves is read afresh from the database under the session's present rights."""

    async def connect(self) -> None:
        """Accept a signed-in browser with a usable cursor and begin to serve its feed."""
        self._rung = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None
        self._groups: set[str] = set()
        self._session_key = self.scope["session"].session_key
        after = parse_qs(self.scope["query_string"].decode("ascii", "replace")).get("after", ["-1"])[0]
        await self.accept()
        listener = await read_listener(self._session_key)
        if listener is None:
            await self.close(SESSION_ENDED)
        elif not after.lstrip("-").isascii() or not after.lstrip("-").isdecimal():
            await self.close(BAD_CURSOR)
        else:
            # Joined before the feed is read, so that nothing falls between reading and listening.
            await self._join(listener)
            await self.send_json({"hello": True, "seq": await read_head()})
            self._serving = asyncio.create_task(self._serve(int(after[:20])))

    async def disconnect(self, code: int) -> None:
        """Stop serving and leave the groups."""
        if self._serving is not None:
            self._serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._serving
        for group in self._groups:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Clients have nothing to say here."""
        await self.close(UNEXPECTED)

    async def look(self, message: dict[str, Any]) -> None:
        """The feed has grown, or the right to read it has changed."""
        self._rung.set()

    async def _serve(self, cursor: int) -> None:
        while True:
            self._rung.clear()
            listener = await read_listener(self._session_key)
            if listener is None:
                await self.close(SESSION_ENDED)
                return
            await self._join(listener)
            cursor = await self._tell(listener, cursor)
            await asyncio.sleep(QUIET_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._rung.wait(), BEAT_SECONDS)
            if not self._rung.is_set():
                await self.send_json({"beat": cursor})

    async def _tell(self, listener: Listener, cursor: int) -> int:
        while True:
            news = await read_news(listener, cursor, BATCH)
            for item, topic in news:
                await self.send_json({"seq": item.index, "topic": topic, "kind": item.kind})
                cursor = item.index
            if len(news) < BATCH:
                return cursor

    async def _join(self, listener: Listener) -> None:
        wanted = listener.groups
        for group in wanted - self._groups:
            await self.channel_layer.group_add(group, self.channel_name)
        for group in self._groups - wanted:
            await self.channel_layer.group_discard(group, self.channel_name)
        self._groups = wanted
