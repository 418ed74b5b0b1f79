"""What the rest of the system asks of signing: seals, signatures, time-stamps, and the log's key.

Who may sign is decided by the caller; here a key id is taken at its word. Times are aware datetimes.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from config.backends import BackendHandler
from signing.asic import build_container
from signing.backends.base import SigningBackend, TimestampBackend
from signing.cms import CadesSigner
from signing.errors import KeyUnavailable
from signing.pdf import seal_pdf

PLATFORM = "seal:platform"
LOG = "log"

_backends = BackendHandler("SIGNING")
_aliases = {"seal": "seal", "person": "personal", "log": "log"}
_signers: dict[str, CadesSigner] = {}


def ensure_key(key_id: str, *, name: str, organisation: str = "", title: str = "") -> None:
    """See that an agency (`seal:<national id>`, its name) or a person (`person:<uuid>`, name, title, organisation) can
    sign; a key that exists stays as it is. Raises KeyUnavailable where keys are issued elsewhere, but not this one."""
    _backend(key_id).ensure(key_id, name=name, organisation=organisation, title=title)


def cades_signer(key_id: str) -> CadesSigner:
    """The signer of `key_id`, kept until its certificate changes. Raises KeyUnavailable."""
    backend = _backend(key_id)
    chain = tuple(backend.chain(key_id))
    signer = _signers.get(key_id)
    if signer is None or signer.chain != chain:
        signer = _signers[key_id] = CadesSigner(chain, partial(_sign, key_id))
    return signer


def sign_detached(data: bytes, key_id: str, *, at: datetime, timestamp: bool = True) -> bytes:
    """Detached CAdES (ETSI EN 319 122-1) over `data`, DER: B-T with a token, else B-B claiming `at`.

    Raises KeyUnavailable or TimestampUnavailable; then nothing was signed that anyone could use.
    """
    return cades_signer(key_id).sign(data, at, timestamp=_timestamper().timestamp if timestamp else None)


def seal_letter(pdf: bytes, key_id: str, *, at: datetime, reason: str, name: str) -> bytes:
    """The PDF with an invisible PAdES B-T seal that certifies it and forbids every change (ETSI EN 319 142-1).

    `name` is the sealing organisation, `reason` why it seals, for readers of PDF. Raises KeyUnavailable,
    TimestampUnavailable, and SigningError for a PDF that we cannot have made.
    """
    timestamp = _timestamper().timestamp
    return seal_pdf(pdf, cades_signer(key_id), timestamp=timestamp, at=at, reason=reason, name=name)


def seal_container(files: Mapping[str, bytes], *, at: datetime) -> bytes:
    """An ASiC-E container (ETSI EN 319 162-1) of `files`, all of them under the platform's seal (CAdES B-T)."""
    return build_container(files, cades_signer(PLATFORM), timestamp=_timestamper().timestamp, at=at)


def timestamp(data: bytes) -> bytes:
    """Time-stamp token (RFC 3161, DER) over the SHA-256 of `data`. Raises TimestampUnavailable."""
    return _timestamper().timestamp(hashlib.sha256(data).digest())


def sign_log(data: bytes) -> bytes:
    """The evidence log's Ed25519 signature of `data`, 64 bytes. Raises KeyUnavailable."""
    return _sign(LOG, data)


def log_certificate() -> bytes:
    """The certificate of the evidence log's key, DER. Raises KeyUnavailable."""
    return _backend(LOG).chain(LOG)[0]


def development_pki_files() -> dict[str, bytes]:
    """Root, issuing certificate and revocation lists of the development keys, by file name (`root.pem`, `issuing.pem`,
    `crl.der`, `root-crl.der`); empty in production, where the authority publishes its own."""
    return dict(_backend(PLATFORM).public_files())


def check() -> None:
    """Raise SigningError when one of the configured backends could not do its work now."""
    for alias in sorted(set(_aliases.values())):
        _backends[alias].check()
    _timestamper().check()


def _backend(key_id: str) -> SigningBackend:
    alias = _aliases.get(key_id.partition(":")[0])
    if alias is None:
        raise KeyUnavailable(key_id)
    backend: SigningBackend = _backends[alias]
    return backend


def _timestamper() -> TimestampBackend:
    backend: TimestampBackend = _backends["timestamp"]
    return backend


def _sign(key_id: str, data: bytes) -> bytes:
    # Looked up for every signature: a revoked key must stop at once, whoever holds its signer.
    return _backend(key_id).sign(key_id, data)
