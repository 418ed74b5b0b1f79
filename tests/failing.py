"""Backends that fail a number of times, before they did their work or after it, and then work as the embedded ones."""

from typing import Any, BinaryIO

import pytest
from pytest_django import Settings

from correspondence.blobs import FolderBlobs
from signing.backends.local import LocalTimestamps
from signing.errors import TimestampUnavailable

NEVER = 1_000


class FailingTimestamps(LocalTimestamps):
    """A time-stamp authority that is out of reach, or whose answers get lost (`late`)."""

    def __init__(self, failures: int, *, late: bool, folder: str) -> None:
        super().__init__(folder)
        self.failures, self.late = failures, late

    def timestamp(self, sha256: bytes) -> bytes:
        token = super().timestamp(sha256) if self.late or not self.failures else b""
        if self.failures:
            self.failures -= 1
            raise TimestampUnavailable("no answer")
        return token


class FailingBlobs(FolderBlobs):
    """A store that is full, or that is cut off before it can say that it has stored (`late`)."""

    def __init__(self, failures: int, *, late: bool, location: str) -> None:
        super().__init__(location)
        self.failures, self.late = failures, late

    def put(self, source: bytes | BinaryIO) -> str:
        name = super().put(source) if self.late or not self.failures else ""
        if self.failures:
            self.failures -= 1
            raise OSError("no space left on device")
        return name


def fail_timestamps(settings: Settings, failures: int, *, late: bool = False) -> None:
    """Let the next `failures` time-stamps fail."""
    folder = settings.SIGNING["timestamp"]["OPTIONS"]["folder"]
    options = {"failures": failures, "late": late, "folder": folder}
    entry = {"BACKEND": "tests.failing.FailingTimestamps", "OPTIONS": options}
    settings.SIGNING = settings.SIGNING | {"timestamp": entry}


def fail_blobs(settings: Settings, failures: int, *, late: bool = False) -> None:
    """Let the next `failures` documents fail to be stored."""
    location = settings.STORAGES["documents"]["OPTIONS"]["location"]
    options: dict[str, Any] = {"failures": failures, "late": late, "location": location}
    settings.STORAGES = settings.STORAGES | {"documents": {"BACKEND": "tests.failing.FailingBlobs", "OPTIONS": options}}


both_ways = pytest.mark.parametrize("late", [False, True], ids=["failed", "failed-but-done"])
