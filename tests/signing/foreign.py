"""Runs verifiers that we did not write; where one is not installed, the test is skipped and says so."""

import shutil
import subprocess
from pathlib import Path

import pytest


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The finished program, its output as text; a program that is not installed skips the test."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def accepts(*command: str | Path, cwd: Path) -> bool:
    """Whether the program ends with success."""
    return run(*command, cwd=cwd).returncode == 0
