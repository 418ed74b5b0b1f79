"""The journey's hands: the server as a process, a browser without scripts, and an open socket."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

START_SECONDS = 120
STOP_SECONDS = 10


class Failed(Exception):
    """A step did not succeed; the text says what was seen."""


class Server:
    """`manage.py serve` on a free port and a data folder, as a process of its own."""

    def __init__(self, root: Path, data: Path, log: Path) -> None:
        self.root, self.data, self.log = root, data, log
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start(port=0)
        return self

    def start_again(self) -> None:
        """On the same folder and port, after `kill`. Raises Failed."""
        self._start(port=int(self.url.rpartition(":")[2]))

    def _start(self, *, port: int) -> None:
        with tempfile.TemporaryDirectory() as folder, self.log.open("ab") as log:
            ready = Path(folder) / "url"
            command = [sys.executable, "manage.py", "serve", "--port", str(port), "--ready-file", str(ready)]
            environment = os.environ | {"KARPUSHEH_DATA": str(self.data)}
            self._process = subprocess.Popen(command, cwd=self.root, env=environment, stdout=log, stderr=log)
            started = time.monotonic()
            while not ready.exists():
                if self._process.poll() is not None:
                    raise Failed(f"the server did not start: {self._last_words()}")
                if time.monotonic() - started > START_SECONDS:
                    self._process.kill()
                    raise Failed(f"the server was not ready after {START_SECONDS} s: {self._last_words()}")
                time.sleep(0.1)
            self.url = ready.read_text(encoding="ascii").strip()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise Failed("the server did not stop in time") from error

    def kill(self, number: int) -> None:
        """End the server by a signal and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(STOP_SECONDS)

    @property
    def pid(self) -> int:
        """The number of the running process."""
        if self._process is None:
            raise Failed("the server was not started")
        return self._process.pid

    def manage(self, command: str, *arguments: str, last_line: bool = False) -> str:
        """Run another command of the project and return its output; raises Failed with it when it fails."""
        environment = os.environ | {"KARPUSHEH_DATA": str(self.data)}
        run = subprocess.run(
            [sys.executable, "manage.py", command, *arguments],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        output = f"{run.stdout}{run.stderr}".strip()
        if run.returncode != 0:
            raise Failed(f"{command} ended with {run.returncode}:\n{output[-2000:]}")
        return output.splitlines()[-1].strip() if last_line and output else output

    def staff(self, right: str, agency: str) -> dict[str, str]:
        """A person with a right at an agency (any, if empty). Raises Failed where there is none."""
        for person in self._people():
            if person["right"] == right and agency in {"", person["agency"]}:
                return person
        raise Failed(
            f"there is no {right} of the agency {agency or '(any)'} in this system; set `agency` in letter.toml"
        )

    def agencies(self) -> set[str]:
        """National ids of the agencies of this system."""
        return {person["agency"] for person in self._people()}

    def _people(self) -> list[dict[str, str]]:
        answer = httpx.get(f"{self.url}/development/people/", timeout=20)
        people: list[dict[str, str]] = answer.json()["people"]
        return people

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"


class _Form:
    """A form as a browser sees it: where it goes, the names of all its fields and buttons, and what it would send."""

    def __init__(self, action: str, identifier: str) -> None:
        self.action, self.identifier = action, identifier
        self.names: set[str] = set()
        self.values: dict[str, str] = {}


class _Page(HTMLParser):
    """Forms, meta values, links, and what is shown as an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.meta: dict[str, str] = {}
        self.links: list[str] = []
        self.errors: list[str] = []
        self._depth = 0
        self._form = _Form("", "")
        self._select = self._textarea = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(values.get("action", ""), values.get("id", "")))
        elif tag in {"input", "textarea", "select", "button"} and "name" in values:
            self._control(tag, values)
        elif tag == "option" and self._select and ("selected" in values or self._select not in self._form.values):
            self._form.values[self._select] = values.get("value", "")
        elif tag == "meta" and "name" in values:
            self.meta[values["name"]] = values.get("content", "")
        elif tag == "a" and "href" in values:
            self.links.append(values["href"])
        classes = set(values.get("class", "").split())
        if self._depth or classes & {"k-error", "k-alert"} or values.get("role") == "alert":
            self._depth += tag not in {"input", "br", "use", "img", "hr", "path"}

    def form_with(self, field: str) -> _Form:
        """The form that holds a field. Raises Failed."""
        for form in self.forms:
            if field in form.names:
                return form
        raise Failed(f"the page has no form with the field {field}")

    def form_to(self, action: str) -> _Form:
        """The form that goes to an address. Raises Failed."""
        for form in self.forms:
            if form.action == action:
                return form
        raise Failed(f"the page has no button for {action}")

    def _control(self, tag: str, values: dict[str, str]) -> None:
        named = [form for form in self.forms if form.identifier and form.identifier == values.get("form")]
        if not named and not self.forms:
            return
        self._form, name = (named or self.forms)[-1], values["name"]
        self._form.names.add(name)
        self._select, self._textarea = (name if tag == kind else "" for kind in ("select", "textarea"))
        kind = values.get("type", "text")
        ticked = kind not in {"checkbox", "radio"} or "checked" in values
        if tag == "textarea":
            self._form.values[name] = ""
        elif tag == "input" and ticked and kind not in {"submit", "file"}:
            self._form.values[name] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._select, self._textarea = ("" if tag == "select" else self._select), ""
        self._depth = max(0, self._depth - 1)

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # A line feed right after the tag is markup, not text (HTML Living Standard, 4.11.11).
            fresh = not self._form.values[self._textarea]
            self._form.values[self._textarea] += data.removeprefix("\n") if fresh else data
        elif self._depth and data.strip():
            self.errors.append(data.strip())


class Browser:
    """A browser without scripts: cookies, forms with their hidden fields, redirects."""

    def __init__(self, url: str, cookies: str = "", *, transport: httpx.BaseTransport | None = None) -> None:
        """`cookies` as `cookies()` gave them: the same browser again, after the server was restarted. `transport` is
        for those who measure."""
        self.requests = 0
        kept = httpx.Cookies()
        for name, _, value in (pair.partition("=") for pair in cookies.split("; ") if pair):
            kept.set(name, value, domain="127.0.0.1")
        self._client = httpx.Client(
            cookies=kept,
            base_url=url,
            follow_redirects=True,
            timeout=120,
            event_hooks={"request": [self._count]},
            transport=transport,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def sign_in(self, national_code: str) -> None:
        """Through the door: national code, then the code that was sent. Raises Failed."""
        self.submit("/sign-in/", {"national_code": national_code})
        page = self.submit("/sign-in/code/", {"code": self.code_for(national_code)})
        if page.url.path.startswith("/sign-in"):
            raise Failed(f"{national_code} could not sign in: {self.complaints(page)}")

    def code_for(self, national_code: str) -> str:
        """The newest one-time code of a person, from the development page. Raises Failed."""
        answer = self._client.get("/development/codes/", headers={"Accept": "application/json"})
        for entry in answer.json()["codes"]:
            if entry["national_code"] == national_code:
                return str(entry["code"])
        raise Failed(f"no code was sent to {national_code}")

    def get(self, path: str) -> httpx.Response:
        """A page; raises Failed for an error status."""
        answer = self._client.get(path)
        if answer.status_code >= 400:
            raise Failed(f"GET {path} answered {answer.status_code}: {self.complaints(answer)}")
        return answer

    def submit(self, path: str, fields: dict[str, str]) -> httpx.Response:
        """Fill in the form of a page that has these fields, and send it."""
        form = _Page(self.get(path).text).form_with(next(reversed(fields)))
        return self._client.post(form.action or path, data={**form.values, **fields}, headers=self._origin(path))

    def act(self, page: str, action: str) -> httpx.Response:
        """Press the button on `page` that posts to `action`. Raises Failed when the act is refused."""
        form = _Page(self.get(page).text).form_to(action)
        answer = self._client.post(action, data=form.values, headers=self._origin(page))
        if answer.status_code >= 400:
            raise Failed(f"POST {action} answered {answer.status_code}: {self.complaints(answer)}")
        return answer

    def upload(self, page: str, action: str, file: BinaryIO, name: str) -> httpx.Response:
        """Choose a file on `page` and send it to `action`."""
        form = _Page(self.get(page).text).form_to(action)
        return self._client.post(action, data=form.values, files={"file": (name, file)}, headers=self._origin(page))

    def download(self, path: str, to: Path) -> int:
        """Save a file; returns its size in bytes."""
        data = self.get(path).content
        to.write_bytes(data)
        return len(data)

    def download_when_ready(self, path: str, to: Path, *, seconds: float) -> float:
        """Save a file that may answer 503 for a moment; returns the seconds waited."""
        started = time.monotonic()
        while True:
            answer = self._client.get(path)
            waited = time.monotonic() - started
            if answer.status_code == 200:
                to.write_bytes(answer.content)
                return waited
            if answer.status_code != 503 or waited > seconds:
                raise Failed(
                    f"GET {path} answered {answer.status_code} after {waited:.1f} s: {self.complaints(answer)}"
                )
            time.sleep(0.2)

    def wait_until_found(self, word: str, wanted: set[str], *, seconds: float) -> None:
        """Search until one of the wanted ids is among the results. Raises Failed after `seconds`."""
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            answer = self._client.get("/search/", params={"q": word}, headers={"Accept": "application/json"})
            if any(identifier in json.dumps(result) for result in answer.json()["results"] for identifier in wanted):
                return
            time.sleep(0.3)
        raise Failed(f"search does not find the letter by {word!r}")

    def newest_link(self, listing: str, *, seconds: float) -> str:
        """The address of the first entry of a list. Raises Failed while the list stays empty."""
        pattern = re.compile(rf"{re.escape(listing)}[0-9a-f-]{{36}}/")
        started = time.monotonic()
        while time.monotonic() - started < seconds:
            for link in _Page(self.get(listing).text).links:
                if pattern.fullmatch(link):
                    return link
            time.sleep(0.3)
        raise Failed(f"{listing} is empty")

    def live_seq(self, page: str) -> int:
        """The place in the feed at which a page was made, as its own script would use it."""
        return int(_Page(self.get(page).text).meta["live-seq"])

    def cookies(self) -> str:
        """The cookies as one header."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    @staticmethod
    def complaints(page: httpx.Response) -> str:
        """What a page shows as errors, else its first words."""
        errors = " ".join(_Page(page.text).errors)
        return f"{page.status_code} {errors or _first_words(page.text)}"

    def _origin(self, page: str) -> dict[str, str]:
        base = str(self._client.base_url).rstrip("/")
        return {"Origin": base, "Referer": base + page}

    def _count(self, request: httpx.Request) -> None:
        self.requests += 1


class Listening:
    """An open socket of live updates, as a page holds it."""

    def __init__(self, url: str, cookies: str, *, after: int) -> None:
        address = f"{url.replace('http', 'ws', 1)}/ws/?after={after}"
        self._connecting = connect(address, origin=Origin(url), additional_headers={"Cookie": cookies})
        self._socket: ClientConnection

    def __enter__(self) -> Self:
        self._socket = self._connecting.__enter__()
        hello = json.loads(self._socket.recv(10))
        if not hello.get("hello"):
            raise Failed(f"the socket did not greet but said {hello}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connecting.__exit__(kind, error, trace)

    def news(self, topic: str, *, seconds: float) -> Iterator[dict[str, Any]]:
        """News of one topic as they come, in order. Raises as `everything`."""
        return (message for message in self.everything(seconds=seconds) if message["topic"] == topic)

    def everything(self, *, seconds: float) -> Iterator[dict[str, Any]]:
        """All news as they come. Raises Failed when they end for longer than `seconds` from now, or come out of order."""
        last, deadline = -1, time.monotonic() + seconds
        while True:
            try:
                message = json.loads(self._socket.recv(max(0.01, deadline - time.monotonic())))
            except TimeoutError:
                raise Failed(f"the socket did not say what was waited for within {seconds:.0f} s") from None
            if "topic" not in message:
                continue
            if message["seq"] <= last:
                raise Failed(f"the socket said {message['seq']} after {last}")
            last = message["seq"]
            yield message


def _first_words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())[:300]
