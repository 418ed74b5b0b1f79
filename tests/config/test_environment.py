"""What `./run` says on machines that lack something, and that it does nothing twice."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import environment
import pytest

ROOT = Path(__file__).resolve().parents[2]


def program(folder: Path, name: str, script: str) -> None:
    """An executable that stands in for one of the machine's."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("name", ["run", "test"])
def test_a_too_old_python_gives_one_line(tmp_path: Path, name: str) -> None:
    program(tmp_path, "python3", '[ "$1" = --version ] && echo Python 3.9.2 && exit 0; exit 1')
    for tool in ("bash", "dirname", "env"):
        found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        (tmp_path / tool).symlink_to(found)
    run = subprocess.run([str(ROOT / name)], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr == "Karpusheh needs Python 3.11 or newer; found: Python 3.9.2. Install one and start again.\n"


def test_a_python_without_venv_gives_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "python", "exit 1")
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(environment.Unusable, match="apt install python3-venv"):
        environment.prepare("base")
    assert not (tmp_path / ".venv").exists()


def test_a_sqlite_without_full_text_search_gives_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bare(sqlite3.Connection):
        """Answers as a library that was built without the module."""

        def execute(self, *_: object) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("no such module: fts5")

    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda name: real(name, factory=Bare))
    with pytest.raises(environment.Unusable, match="lacks FTS5"):
        environment.prepare("base")


def test_what_is_in_place_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the stamps of the locks in place nothing is started, so nothing is said."""
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "node_modules").mkdir()
    for name, text in (("package-lock.json", "{}"), ("base.txt", "a"), ("dev.txt", "a b")):
        (tmp_path / name).write_text(text)
    for name, value in (
        ("ROOT", tmp_path),
        ("VENV", venv),
        ("PYTHON", venv / "bin" / "python"),
        ("REQUIREMENTS", tmp_path),
    ):
        monkeypatch.setattr(environment, name, value)
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "uv", f'echo "$@" >> {tmp_path}/uv.log')
    program(tmp_path, "npm", f'echo "$@" >> {tmp_path}/npm.log')
    program(tmp_path, "node", "echo v22.1.0")

    environment.prepare("dev")
    assert "--require-hashes" in (tmp_path / "uv.log").read_text()
    assert (tmp_path / "npm.log").read_text() == "ci --ignore-scripts --silent\n"
    capsys.readouterr()
    environment.prepare("dev")
    environment.prepare("base")
    assert capsys.readouterr().err == ""
    assert len((tmp_path / "uv.log").read_text().splitlines()) == 1

    (tmp_path / "base.txt").write_text("another version")
    environment.prepare("base")
    assert "requirements/base.txt" in capsys.readouterr().err


def test_help_needs_nothing_installed() -> None:
    run = subprocess.run(
        [str(ROOT / "run"), "--help"], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    assert "journey [FOLDER]" in run.stdout
