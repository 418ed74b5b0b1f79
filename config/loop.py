"""The event loop of the server in this process, for threads that want to push something through a socket.

Bottom layer: any app may import it. The in-memory channel layer lives in that loop alone: `async_to_sync` from the
worker's thread would be delivered only when the loop next wakes, up to seconds later.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from asgiref.sync import async_to_sync

_loops: list[asyncio.AbstractEventLoop] = []


def register(loop: asyncio.AbstractEventLoop) -> None:
    """Make `loop` the one that `submit` uses. The server calls it once, before the worker starts."""
    _loops[:] = [loop]


def forget() -> None:
    """From now on there is no server in this process."""
    _loops.clear()


def submit(function: Callable[..., Coroutine[Any, Any, Any]], *args: Any) -> None:
    """Call `function(*args)` on the server's loop and do not wait for it.

    In a process without a server (`manage.py work`, tests) it runs here and now, which is right for layers that live
    outside the process. A loop that is closing is no error: sockets only say "look again", no fact is lost.
    """
    if not _loops:
        async_to_sync(function)(*args)
        return
    coroutine = function(*args)
    try:
        asyncio.run_coroutine_threadsafe(coroutine, _loops[0])
    except RuntimeError:
        coroutine.close()
