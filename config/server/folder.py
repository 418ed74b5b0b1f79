"""The data folder of the embedded server: who holds it, its secret, whether it was prepared, starting anew.

Only Unix systems have `flock`; it is freed by the kernel even when the process is killed, which a file with a process
number is not.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE = "karpusheh.sqlite3"
LOCK = "lock"
PREPARED = "prepared"
SECRET = "secret.key"  # noqa: S105 - a file's name


class FolderInUse(Exception):
    """Another server works on this folder."""


class FolderUnusable(Exception):
    """The folder can be neither made nor written."""


class NotOurFolder(Exception):
    """The folder holds files, but none of them is Karpusheh's: nothing is deleted there."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Create the folder if need be and be its only server inside the block. Raises FolderInUse, FolderUnusable."""
    try:
        # Letters, database and keys are nobody else's on this machine.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a")
    except OSError as error:
        raise FolderUnusable(str(error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(str(folder)) from error
        yield


def secret_key(folder: Path) -> str:
    """The folder's own key for sessions and codes, made on first use and readable by its owner alone."""
    path = folder / SECRET
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
        unfinished.replace(path)
    return path.read_text(encoding="ascii")


def is_prepared(folder: Path) -> bool:
    """Whether the demonstration data was loaded to its end."""
    return (folder / PREPARED).exists()


def mark_prepared(folder: Path) -> None:
    """Remember that the first start is complete: before this file exists, the next start does it again."""
    (folder / PREPARED).touch()


def empty(folder: Path) -> None:
    """Delete all that the folder holds but its lock, which the caller holds. Raises NotOurFolder."""
    entries = [entry for entry in folder.iterdir() if entry.name != LOCK]
    if entries and not any(entry.name in {DATABASE, SECRET} for entry in entries):
        raise NotOurFolder(str(folder))
    for entry in entries:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
