"""One typesetting process for the whole server, started at the first letter and again whenever it is gone.

Typst's compiler cannot be shared by threads and holds Python's lock while it works, so it lives in a process of its
own (`compiler`), which ends by itself when this one does, however it does.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from correspondence.typesetting.compiler import read_frame, write_frame
from correspondence.typesetting.errors import RenderFailed
from correspondence.typesetting.template import FOLDER, FONT_FOLDER

SECONDS_PER_LETTER = 20.0
# Typst keeps what it has computed; a fresh process now and then bounds the memory.
LETTERS_PER_PROCESS = 1_000


class Renderer:
    """A queue of one: `render` may be called from any thread and waits for its turn."""

    def __init__(self, seconds: float = SECONDS_PER_LETTER) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._letters = 0

    def render(self, inputs: dict[str, str], timestamp: int) -> bytes:
        """A PDF/A-3b of the template with these inputs, dated `timestamp` (seconds since 1970).

        Raises RenderFailed when Typst refuses, takes longer than `seconds`, or its process dies twice.
        """
        request = json.dumps({"inputs": inputs, "timestamp": timestamp, "seconds": self.seconds}).encode()
        with self._lock:
            # A process that died while idle (out of memory, killed by hand) must not cost anyone a letter.
            answer = self._ask(request) or self._ask(request)
        if not answer:
            raise RenderFailed(f"no answer from the typesetting process within {self.seconds} s")
        if answer[:1] != b"P":
            raise RenderFailed(answer[1:].decode())
        return answer[1:]

    def close(self) -> None:
        """End the process; the next letter starts another one."""
        with self._lock:
            self._stop()

    def _ask(self, request: bytes) -> bytes:
        process = self._running()
        if process.stdin is None or process.stdout is None:
            raise RenderFailed("the typesetting process has no pipes")
        try:
            write_frame(process.stdin, request)
            answer = read_frame(process.stdout)
        except OSError:
            answer = b""
        if not answer:
            self._stop()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        # After a fork the pipes belong to the parent: two writers would mix their letters.
        if self._owner != os.getpid():
            self._process, self._owner = None, os.getpid()
        if self._letters >= LETTERS_PER_PROCESS or (self._process and self._process.poll() is not None):
            self._stop()
        if self._process is None:
            self._process, self._letters = _start(), 0
        self._letters += 1
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        # Closes the pipes and reaps the process; what it still says is of no use.
        process.communicate()


def _start() -> subprocess.Popen[bytes]:
    script = Path(__file__).with_name("compiler.py")
    command = [sys.executable, "-I", str(script), str(FOLDER / "letter.typ"), str(FOLDER), str(FONT_FOLDER)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - our own script


RENDERER = Renderer()
atexit.register(RENDERER.close)
