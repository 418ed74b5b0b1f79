"""`manage.py verify` as a stranger runs it: in a process of its own, with no database and no network."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.signing.verify.conftest import Foreign
from tests.signing.verify.foreign_pki import NOW, revocation_list
from tests.signing.verify.sealing import sign_detached

REPOSITORY = Path(__file__).resolve().parents[3]
# Any socket is an error; any database too, because the data folder does not exist.
NO_NETWORK = """
import socket
def refuse(*a, **k): raise RuntimeError("network")
socket.socket.connect = socket.getaddrinfo = refuse
"""


@pytest.fixture
def folder(foreign: Foreign, sealed_pdf: bytes, tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(foreign.root.root)
    (tmp_path / "letter.pdf").write_bytes(sealed_pdf)
    (tmp_path / "forged.pdf").write_bytes(sealed_pdf + b"!")
    (tmp_path / "note.txt").write_bytes(b"hello")
    (tmp_path / "note.txt.p7s").write_bytes(sign_detached(b"hello", foreign.seal, foreign.tsa))
    (tmp_path / "crl.der").write_bytes(revocation_list(foreign.issuing))
    return tmp_path


def verify(folder: Path, *arguments: str, language: str = "C") -> subprocess.CompletedProcess[str]:
    (folder / "sitecustomize.py").write_text(NO_NETWORK, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{folder}:{REPOSITORY}",
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "KARPUSHEH_DATA": str(folder / "absent"),
        "LANG": language,
    }
    if "PYTHONPATH" in os.environ:
        environment["PYTHONPATH"] += ":" + os.environ["PYTHONPATH"]
    command = [sys.executable, "-m", "django", "verify", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_valid_file(folder: Path) -> None:
    done = verify(folder, "letter.pdf", "--trust", "root.pem")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "✓ The seal covers every byte but itself  [pdf.byte-range]" in done.stdout
    assert "! Seal: revocation not checked" in done.stdout
    assert "→ VALID" in done.stdout and not (folder / "absent").exists()


def test_one_bad_file_among_good_ones(folder: Path) -> None:
    done = verify(folder, "letter.pdf", "forged.pdf", "absent.pdf", "--trust", "root.pem", "--crl", "crl.der")
    assert done.returncode == 1
    assert "✗ Something was appended after the sealed bytes  [pdf.trailing-bytes]" in done.stdout
    assert "[file.readable]" in done.stdout and "Not all files are valid" in done.stdout
    assert "revocation not checked" not in done.stdout


def test_without_a_root(folder: Path) -> None:
    done = verify(folder, "letter.pdf")
    assert done.returncode == 1
    assert "→ INTACT, BUT ISSUER NOT VERIFIED" in done.stdout


def test_detached_signature_finds_its_content(folder: Path) -> None:
    assert verify(folder, "note.txt.p7s", "--trust", "root.pem").returncode == 0
    wrong = verify(folder, "note.txt.p7s", "--trust", "root.pem", "--data", "letter.pdf")
    assert wrong.returncode == 1 and "[seal.digest]" in wrong.stdout


def test_json_in_persian_and_another_time(folder: Path) -> None:
    at = NOW.replace(year=NOW.year - 1).isoformat()
    done = verify(folder, "letter.pdf", "--trust", "root.pem", "--json", "--at", at, language="fa_IR.UTF-8")
    assert done.returncode == 1
    (report,) = json.loads(done.stdout)["files"]
    failed = [check for check in report["checks"] if check["status"] == "fail"]
    assert report["verdict"] == "invalid" and failed[0]["code"] == "tsa.future"
    assert "زمان" in failed[0]["text"]


@pytest.mark.parametrize("arguments", [["--trust", "note.txt"], ["--crl", "absent"], ["--at", "yesterday"]])
def test_wrong_arguments(folder: Path, arguments: list[str]) -> None:
    assert verify(folder, "letter.pdf", *arguments).returncode == 2
