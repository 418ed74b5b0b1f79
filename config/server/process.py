"""One process: daphne's event loop in the main thread, the worker of the outbox in a thread beside it.

`daphne.server` installs Twisted's asyncio reactor when it is imported, which must come before any import of the
reactor; the app `daphne`, first in INSTALLED_APPS, sees to that.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, cast

from daphne.server import Server
from django.db import connections
from twisted.internet import reactor as twisted_reactor
from twisted.logger import ILogObserver, STDLibLogObserver, globalLogPublisher

from config import loop

# All that a stop waits for ends by itself within milliseconds; a handler or a view that does not is cut off. That is
# safe at every point: transactions roll back, and the leases of unfinished work run out.
GRACE_SECONDS = 2.5
SOCKET_MESSAGE_BYTES = 4_096

# Twisted declares its functions as those of an interface, which type checkers take for methods without self.
reactor: Any = twisted_reactor

logger = logging.getLogger(__name__)

Work = Callable[[threading.Event], None]


class PortInUse(Exception):
    """Somebody listens on this address and port already."""


class UnusableAddress(Exception):
    """The host is none of this machine's addresses, or the port is not allowed to this user."""


def listen(host: str, port: int) -> socket.socket:
    """A listening IPv4 socket; port 0 takes a free one. Raises PortInUse, UnusableAddress."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno in {48, 98}:  # EADDRINUSE of macOS and Linux
            raise PortInUse(f"{host}:{port}") from error
        raise UnusableAddress(f"{host}:{port}: {error}") from error
    return listener


class _Daphne(Server):
    def kill_all_applications(self) -> Any:
        # A connection whose request is not complete, or whose application ended before it, has none to be killed;
        # daphne would stumble over it and leave the others alone.
        everything = self.connections
        self.connections: Any = {key: it for key, it in everything.items() if "application_instance" in it}
        try:
            return super().kill_all_applications()
        finally:
            self.connections = everything


class EmbeddedServer:
    """Serves an ASGI application on a listening socket and runs `work(stop)` beside it until a signal comes.

    `work` must return soon after `stop` is set. When it fails, the server ends too: pages without background work
    would accept letters that nobody delivers.
    """

    def __init__(self, application: Any, listener: socket.socket, work: Work, on_ready: Callable[[], None]) -> None:
        self.failed = False
        self._stop = threading.Event()
        self._work = work
        self._on_ready = on_ready
        self._worker = threading.Thread(target=self._run_worker, name="worker", daemon=True)
        self._server = _Daphne(
            application=application,
            endpoints=[f"fd:fileno={listener.fileno()}"],
            application_close_timeout=1,
            websocket_max_message_size=SOCKET_MESSAGE_BYTES,
            websocket_max_frame_size=SOCKET_MESSAGE_BYTES,
            server_name="karpusheh",
        )

    def run(self) -> int:
        """Serve until SIGINT or SIGTERM; the exit code of the process. Can be called once: a reactor starts once."""
        reactor.callLater(0, self._start)
        reactor.addSystemEventTrigger("before", "shutdown", self._begin_stop)
        self._server.run()
        # The reactor is gone: another Ctrl-C must not be written into its closed pipe.
        signal.set_wakeup_fd(-1)
        if self._worker.ident:
            self._worker.join(GRACE_SECONDS)
        return 1 if self.failed else 0

    def _start(self) -> None:
        try:
            # daphne sends what Twisted has to say to nobody, or else takes standard output away from the program.
            globalLogPublisher.addObserver(cast(ILogObserver, STDLibLogObserver("twisted")))
            loop.register(asyncio.get_running_loop())
            self._worker.start()
            self._on_ready()
        except Exception:
            logger.critical("the server could not start", exc_info=True)
            self._give_up()

    def _run_worker(self) -> None:
        try:
            self._work(self._stop)
        except Exception:
            logger.critical("background work has stopped, so the server stops too", exc_info=True)
            self._give_up()
        finally:
            connections.close_all()

    def _give_up(self) -> None:
        self.failed = True
        reactor.callFromThread(reactor.stop)

    def _begin_stop(self) -> None:
        self._stop.set()
        loop.forget()
        watchdog = threading.Timer(GRACE_SECONDS, self._cut_off)
        watchdog.daemon = True
        watchdog.start()

    def _cut_off(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1 if self.failed else 0)
