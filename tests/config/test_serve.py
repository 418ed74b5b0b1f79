"""The embedded server as a process: first start, second start, what keeps it from starting, how it ends."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A started server and where it answers."""

    process: "subprocess.Popen[str]"
    url: str
    seconds: float

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, float, str]:
        """Exit code, seconds it took, and all that it printed."""
        started = time.monotonic()
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=10)
        return self.process.returncode, time.monotonic() - started, output


def command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "serve", *arguments]


def environment(folder: Path) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if name not in {"HOST", "PORT", "SECRET_KEY"}}
    return clean | {"KARPUSHEH_DATA": str(folder)}


def start(folder: Path, *arguments: str) -> Server:
    ready = folder.parent / f"ready-{time.monotonic_ns()}"
    started = time.monotonic()
    process = subprocess.Popen(
        command("--port", "0", "--ready-file", str(ready), *arguments),
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A background job of a shell ignores SIGINT and would hand that down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while not ready.exists() and process.poll() is None and time.monotonic() - started < 90:
        time.sleep(0.02)
    if not ready.exists():
        process.kill()
        pytest.fail(f"the server did not start: {process.communicate()[0]}")
    return Server(process, ready.read_text().strip(), time.monotonic() - started)


def refused(folder: Path, *arguments: str) -> str:
    """The one line by which the server says why it does not start."""
    run = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(folder), capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert run.returncode == 1
    (line,) = run.stderr.strip().splitlines()
    return line


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for the whole story: a first start takes seconds."""
    return tmp_path_factory.mktemp("serve") / "data"


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    running = start(folder)
    yield running
    running.process.kill()
    running.process.communicate()


def test_a_first_start_serves_pages_and_static_files(server: Server) -> None:
    assert httpx.get(f"{server.url}/", follow_redirects=True).status_code == 200
    style = httpx.get(f"{server.url}/static/npm/bootstrap/dist/css/bootstrap.rtl.min.css")
    assert style.headers["content-type"].startswith("text/css")
    assert httpx.get(f"{server.url}/static/npm/bootstrap/package.json").status_code == 404


def test_requests_for_a_foreign_host_are_refused(server: Server) -> None:
    assert httpx.get(f"{server.url}/", headers={"Host": "evil.example"}).status_code == 400


def test_the_secret_belongs_to_its_owner_alone(server: Server, folder: Path) -> None:
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert len((folder / "secret.key").read_text()) >= 50


def test_a_second_server_on_the_same_data_says_so(server: Server, folder: Path) -> None:
    assert "another server already works on" in refused(folder, "--port", "0")


def test_a_port_in_use_says_so(server: Server, tmp_path: Path) -> None:
    assert f"127.0.0.1:{server.port} is in use" in refused(tmp_path / "other", "--port", str(server.port))


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--host", "host.invalid", "--port", "0")])
def test_an_impossible_address_says_so(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert "cannot listen on" in refused(tmp_path, *arguments)


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "the data folder cannot be used" in refused(tmp_path / "file" / "data", "--port", "0")


def test_it_ends_within_three_seconds_with_open_connections_and_starts_again_with_everything(
    server: Server, folder: Path
) -> None:
    secret = (folder / "secret.key").read_text()
    with socket.create_connection(("127.0.0.1", server.port)) as idle, httpx.Client() as kept_alive:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        kept_alive.get(f"{server.url}/")
        code, seconds, output = server.stop()
    assert (code, seconds < 3) == (0, True), output
    assert "Traceback" not in output, output
    for told in (server.url, str(folder), "/development/codes/", "Clerk", "Approver", "Citizen"):
        assert told in output

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    again = start(folder)
    code, seconds, output = again.stop(signal.SIGTERM)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (code, seconds < 3) == (0, True), output
    # Its own work, not the time that other tests on this machine took meanwhile.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5
    assert "Loading" not in output
    assert (folder / "secret.key").read_text() == secret


def test_starting_anew_asks_first(folder: Path, server: Server) -> None:
    if server.process.poll() is None:
        server.stop()
    secret = (folder / "secret.key").read_text()
    assert "nothing was deleted" in refused(folder, "--port", "0", "--reset")
    assert (folder / "secret.key").read_text() == secret

    anew = start(folder, "--reset", "--yes", "--no-demo")
    _, _, output = anew.stop()
    assert "Deleted everything" in output
    assert (folder / "secret.key").read_text() != secret


def test_a_foreign_folder_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").touch()
    assert "does not look like a data folder" in refused(tmp_path, "--port", "0", "--reset", "--yes")
    assert (tmp_path / "holiday.jpg").exists()
