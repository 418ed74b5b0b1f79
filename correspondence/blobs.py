"""The documents' store: bytes under their SHA-256, written once, never changed and never deleted by a request.

A store (`BlobStore`) has five methods; the embedded one keeps files in folders, another may keep them elsewhere.
The setting STORAGES["documents"] names the class and its options; `documents()` is the way to it.
"""

import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from django.core.files.storage import storages
from django.utils.translation import gettext_lazy as _

from signing.errors import DomainError

_CHUNK = 1024 * 1024


class BlobMissing(DomainError):
    """No blob of this name: a row names bytes that the store does not hold."""

    def __init__(self, sha256: str) -> None:
        super().__init__("blob.missing", _("This file is missing from the store. The operators have to be told."))
        self.sha256 = sha256


class BlobDamaged(DomainError):
    """The bytes found are not the bytes that were put: they must not be shown or sent."""

    def __init__(self, sha256: str) -> None:
        super().__init__("blob.damaged", _("This file differs from the original and is not given out."))
        self.sha256 = sha256


class BlobStore(Protocol):
    """Obligations of a store. It is trusted with secrecy, not with integrity: the name proves the content.

    Durable before named: when `put` returns, the bytes survive a power cut, so the row that names them may be written
    after it and never before. Idempotent: putting the same bytes again, also at the same time from two processes,
    leaves one blob. Nothing is deleted through this port. Failures of the medium are OSError.
    """

    def put(self, source: bytes | BinaryIO) -> str:
        """Store bytes, or a stream from where it stands, and return their SHA-256 in hex."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes as a stream for large files, not verified. Raises BlobMissing."""

    def read_verified(self, sha256: str) -> bytes:
        """All bytes, after their hash was checked. Raises BlobMissing, BlobDamaged."""

    def exists(self, sha256: str) -> bool:
        """Whether there is a blob of this name."""

    def check(self) -> list[str]:
        """What keeps this store from working, in plain English; empty when it works."""


class FolderBlobs:
    """Blobs as files `ab/cd/abcd…` below `location`, on a local file system. Good for one machine."""

    def __init__(self, location: str | os.PathLike[str]) -> None:
        self.location = Path(location)

    def put(self, source: bytes | BinaryIO) -> str:
        """See BlobStore. A crash before the rename leaves only a file in `incoming`, which nothing names."""
        incoming = self.location / "incoming"
        _make_folder(incoming)
        handle, temporary = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                digest = hashlib.sha256()
                for chunk in _chunks(source):
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            sha256 = digest.hexdigest()
            target = self._path(sha256)
            _make_folder(target.parent)
            # Also when the blob is there: another process may have renamed it and crashed before its folder was
            # durable, and a damaged one is healed by it.
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return sha256

    def open(self, sha256: str) -> BinaryIO:
        """See BlobStore."""
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(sha256) from error

    def read_verified(self, sha256: str) -> bytes:
        """See BlobStore."""
        with self.open(sha256) as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(sha256)
        return content

    def exists(self, sha256: str) -> bool:
        """See BlobStore."""
        return self._path(sha256).is_file()

    def check(self) -> list[str]:
        """See BlobStore."""
        try:
            _make_folder(self.location)
            with tempfile.TemporaryFile(dir=self.location) as probe:
                probe.write(b"probe")
        except OSError as error:
            return [f"The documents' folder {self.location} cannot be written: {error.strerror}."]
        return []

    def _path(self, sha256: str) -> Path:
        # The name comes out of a row, but a store never builds a path from what it has not looked at.
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise BlobMissing(sha256)
        return self.location / sha256[:2] / sha256[2:4] / sha256


def documents() -> BlobStore:
    """The store of attachments and sealed documents."""
    return cast(BlobStore, storages["documents"])


def _chunks(source: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    while chunk := source.read(_CHUNK):
        yield chunk


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems cannot sync folders; the file itself is durable there.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(handle)
