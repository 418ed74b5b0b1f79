"""Keys and time from a folder of this machine, for development: no legal effect, no service, no secret to configure.

The folder is made at the first use of a key, never by an import or a check.
"""

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.utils.translation import gettext_lazy as _

from signing import pki
from signing.backends.base import SigningBackend, TimestampBackend
from signing.cms import CadesSigner
from signing.errors import KeyUnavailable, SigningError, TimestampUnavailable
from signing.tsp import TokenWriter

# Under the enterprise number that RFC 5612 reserves for documentation.
TIMESTAMP_POLICY = "1.3.6.1.4.1.32473.1.1"
_ECDSA = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True)
class _Loaded:
    key: pki.PrivateKey
    chain: tuple[bytes, ...]


class LocalSigning(SigningBackend):
    """Signs with keys of the development infrastructure in `folder`, kept in memory once read."""

    development = True

    def __init__(self, folder: Path | str, *, log_origin: str = pki.LOG_ORIGIN) -> None:
        """`log_origin` is the name of the evidence log, which goes into the certificate of its key."""
        self.folder = Path(folder)
        self.log_origin = log_origin
        self._lock = threading.Lock()
        self._keys: dict[str, _Loaded] = {}
        self._crl_seen = (0, 0)

    def chain(self, key_id: str) -> list[bytes]:
        return list(self._loaded(key_id).chain)

    def sign(self, key_id: str, data: bytes) -> bytes:
        key = self._loaded(key_id).key
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(data)
        return key.sign(data, _ECDSA)

    def ensure(self, key_id: str, *, name: str, organisation: str = "", title: str = "") -> None:
        pki.create(self.folder)
        kind, _, identifier = key_id.partition(":")
        if kind == "person":
            pki.issue_personal(self.folder, identifier, name=name, title=title, organisation=organisation)
        elif kind == "seal":
            pki.issue_seal(self.folder, key_id, organisation=name, national_id=identifier)
        self._loaded(key_id)

    def public_files(self) -> dict[str, bytes]:
        pki.create(self.folder)
        pki.refresh_crl(self.folder)
        names = ("root.pem", "issuing.pem", "crl.der", "root-crl.der")
        return {name: (self.folder / name).read_bytes() for name in names}

    def check(self) -> None:
        _check_folder(self.folder)

    def _loaded(self, key_id: str) -> _Loaded:
        with self._lock:
            self._forget_after_revocation()
            if key_id not in self._keys:
                if key_id == pki.LOG:
                    pki.issue_log(self.folder, self.log_origin)
                credential = pki.load(self.folder, key_id)
                self._keys[key_id] = _Loaded(credential.key, tuple(pki.chain(self.folder, credential)))
            return self._keys[key_id]

    def _forget_after_revocation(self) -> None:
        # Another process may revoke a key; that the list is another file is the only word of it. The number of the file
        # goes in because the times of two writes may fall into one tick of the clock.
        try:
            status = os.stat(self.folder / "crl.der")
            seen = (status.st_ino, status.st_mtime_ns)
        except FileNotFoundError:
            pki.create(self.folder)
            seen = (0, 0)
        if seen != self._crl_seen:
            self._keys.clear()
            self._crl_seen = seen


class LocalTimestamps(TimestampBackend):
    """Tokens by the clock of this machine, signed with the `tsa` key of the development infrastructure in `folder`."""

    development = True

    def __init__(self, folder: Path | str) -> None:
        self._keys = LocalSigning(folder)
        self._lock = threading.Lock()
        self._writer: TokenWriter | None = None

    def timestamp(self, sha256: bytes) -> bytes:
        try:
            return self._ready().token(sha256, datetime.now(UTC))
        except KeyUnavailable as error:
            raise TimestampUnavailable("the key of the time-stamping authority is not available") from error

    def check(self) -> None:
        self._keys.check()

    def _ready(self) -> TokenWriter:
        with self._lock:
            if self._writer is None:
                signer = CadesSigner(self._keys.chain(pki.TSA), lambda data: self._keys.sign(pki.TSA, data))
                self._writer = TokenWriter(signer, TIMESTAMP_POLICY)
            return self._writer


def _check_folder(folder: Path) -> None:
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir() or not os.access(place, os.R_OK | os.W_OK):
        message = _("The folder of the development keys cannot be written: %(folder)s") % {"folder": folder}
        raise SigningError("signing.folder", message)
