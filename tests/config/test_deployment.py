"""A production environment passes every check; each embedded backend in it is refused under its own number."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.production import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]


def check(tmp_path: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """`manage.py check --deploy` in a process of its own: settings are read once."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=clean | {"KARPUSHEH_DATA": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
    )


def refused(run: "subprocess.CompletedProcess[str]") -> set[str]:
    return set(re.findall(r"\((karpusheh\.E\d+)\)", run.stderr))


def test_a_production_environment_is_clean(tmp_path: Path) -> None:
    run = check(tmp_path, ENVIRONMENT)
    assert run.returncode == 0, run.stderr


def test_the_embedded_defaults_are_refused_in_production(tmp_path: Path) -> None:
    run = check(tmp_path, {"ENVIRONMENT": "production"})
    assert run.returncode != 0
    assert refused(run) == {f"karpusheh.E{number:03}" for number in (*range(1, 10), 11, 12, 13)}
    assert "Set DATABASE_HOST." in run.stderr


@pytest.mark.parametrize(
    ("variable", "value", "number"),
    [
        ("DATABASE_HOST", "", "E001"),
        ("SIGNING_SEAL_BACKEND", "signing.backends.local.LocalSigning", "E003"),
        ("SIGNING_TIMESTAMP_BACKEND", "", "E003"),
        ("SMS_BACKEND", "", "E006"),
        ("PUBLIC_URL", "http://inbox.example.gov", "E011"),
        ("ALLOWED_HOSTS", "*", "E012"),
    ],
)
def test_one_embedded_value_is_enough_to_be_refused(tmp_path: Path, variable: str, value: str, number: str) -> None:
    run = check(tmp_path, ENVIRONMENT | {variable: value})
    assert run.returncode != 0
    assert refused(run) == {f"karpusheh.{number}"}


@pytest.mark.parametrize(("variable", "value"), [("ENVIRONMENT", "staging"), ("DEBUG", "perhaps"), ("PORT", "x")])
def test_nonsense_in_the_environment_is_named(tmp_path: Path, variable: str, value: str) -> None:
    clean = {"PATH": os.environ["PATH"], "KARPUSHEH_DATA": str(tmp_path), variable: value}
    command = [sys.executable, "manage.py", "serve", "--help"]
    run = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True)
    assert run.returncode != 0
    assert variable in run.stderr.splitlines()[-1]


def test_development_needs_no_service_and_no_secret(tmp_path: Path) -> None:
    clean = {"PATH": os.environ["PATH"], "KARPUSHEH_DATA": str(tmp_path)}
    run = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=clean, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert list(tmp_path.iterdir()) == []
