"""A public key infrastructure for development, in one folder: root, issuing authority, and the keys beneath it.

Its names say that it has no legal effect. A key and its certificate share one file `<name>.key` (mode 0600), so that
they can never belong to different keys; `root.pem`, `issuing.pem`, `crl.der` and `root-crl.der` are for everyone.
Certificates name no addresses for revocation lists: nothing made here is looked up over a network.
"""

import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing.errors import KeyUnavailable

NOTICE = "DEVELOPMENT – no legal effect"
PLATFORM = "seal:platform"
TSA = "tsa"
LOG = "log"
LOG_ORIGIN = "karpusheh.example/log"
CRL_LIFE = timedelta(days=7)

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicKey: TypeAlias = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey

# A clock that is a little behind must not find the certificates "not yet valid".
_BACKDATE = timedelta(days=1)
_YEAR = timedelta(days=365)
_KEY_ID = re.compile(r"(?:tsa|log|(?:seal|person):[0-9A-Za-z-]{1,64})")


@dataclass(frozen=True)
class Credential:
    """A private key and its certificate."""

    key: PrivateKey
    certificate: x509.Certificate


def create(folder: Path, *, at: datetime | None = None) -> None:
    """Make the whole infrastructure unless it is there: both authorities, the keys of the time-stamping authority and
    of the platform's seal, and both revocation lists, valid from `at` (now).

    The folder appears complete or not at all; of two processes that race, one wins and both go on with the same keys.
    """
    if (folder / "root.pem").exists():
        return
    at = at or datetime.now(UTC)
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _fill(draft, at)
        draft.rename(folder)
    except OSError:
        # The folder is there and not empty: somebody else's is the one that counts.
        if not (folder / "root.pem").exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _sync_folder(folder.parent)


def issue_seal(folder: Path, key_id: str, *, organisation: str, national_id: str, at: datetime | None = None) -> None:
    """A key for an organisation's seal (`seal:…`), unless it has one; ETSI EN 319 412-3 asks for these names."""
    _issue(folder, key_id, _seal_name(organisation, national_id), at)


def issue_personal(
    folder: Path, person: str, *, name: str, title: str, organisation: str, at: datetime | None = None
) -> None:
    """A key for the signature of the person with the uuid `person`, unless there is one. No national code goes in."""
    extra = {NameOID.TITLE: title, NameOID.SERIAL_NUMBER: person}
    _issue(folder, f"person:{person}", _name(name, organisation, extra), at)


def issue_log(folder: Path, origin: str, *, at: datetime | None = None) -> None:
    """A key for the evidence log of this name, unless there is one. The certificate names the log, so that no other key
    under the same root can speak for it: the origin (C2SP: a URL without its scheme) is an alternative name as URI."""
    _issue(folder, LOG, _name("Karpusheh development evidence log", "Karpusheh"), at, years=10, origin=origin)


def load(folder: Path, key_id: str) -> Credential:
    """The key `key_id`. Raises KeyUnavailable when it does not exist or its certificate is revoked."""
    try:
        credential = _read(_path(folder, key_id))
    except FileNotFoundError as error:
        raise KeyUnavailable(key_id) from error
    if _crl(folder / "crl.der").get_revoked_certificate_by_serial_number(credential.certificate.serial_number):
        raise KeyUnavailable(key_id)
    return credential


def chain(folder: Path, credential: Credential) -> list[bytes]:
    """The credential's certificate and the issuing authority's, in DER; whoever verifies has the root."""
    issuing = x509.load_pem_x509_certificate((folder / "issuing.pem").read_bytes())
    return [certificate.public_bytes(serialization.Encoding.DER) for certificate in (credential.certificate, issuing)]


def revoke(folder: Path, key_id: str, at: datetime, reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise) -> None:
    """Put the certificate of `key_id` on the revocation list as revoked at `at`, which may lie in the past.

    Raises KeyUnavailable when there is no such key or it is revoked already.
    """
    with _one_writer(folder):
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(load(folder, key_id).certificate.serial_number)
            .revocation_date(at)
            .add_extension(x509.CRLReason(reason), critical=False)
            .build()
        )
        _write_crl(folder, "issuing", [*_crl(folder / "crl.der"), entry], datetime.now(UTC))


def refresh_crl(folder: Path, *, at: datetime | None = None) -> None:
    """Issue both revocation lists anew when half of their life is over, so that they are never found stale."""
    at = at or datetime.now(UTC)
    with _one_writer(folder):
        for authority, name in _CRLS.items():
            crl = _crl(folder / name)
            if at - crl.last_update_utc > CRL_LIFE / 2:
                _write_crl(folder, authority, list(crl), at)


@contextmanager
def _one_writer(folder: Path) -> Iterator[None]:
    """Lists are read, extended and written back; of two processes that do so at once, one would forget a revocation."""
    descriptor = os.open(folder / "crl.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _fill(folder: Path, at: datetime) -> None:
    root_key, issuing_key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
    root_name = _name("Karpusheh development root", "Karpusheh")
    root = _authority(root_name, root_key.public_key(), root_name, root_key, at=at, years=20)
    issuing_name = _name("Karpusheh development issuing authority", "Karpusheh")
    issuing = _authority(issuing_name, issuing_key.public_key(), root_name, root_key, at=at, years=15)
    for name, key, certificate in (("root", root_key, root), ("issuing", issuing_key, issuing)):
        _write(folder / f"{name}.key", _pair(key, certificate), mode=0o600)
        _write(folder / f"{name}.pem", certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
        _write_crl(folder, name, [], at)
    _issue(folder, TSA, _name("Karpusheh development time stamps", "Karpusheh"), at, years=10)
    _issue(folder, PLATFORM, _seal_name("Karpusheh", ""), at, years=10)


def _seal_name(organisation: str, national_id: str) -> x509.Name:
    # ETSI EN 319 412-1 section 5.1.4: national trade register, country, identifier.
    extra = {NameOID.ORGANIZATION_IDENTIFIER: f"NTRIR-{national_id}"} if national_id else {}
    return _name(organisation, organisation, extra)


def _name(common: str, organisation: str, extra: dict[x509.ObjectIdentifier, str] | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "IR")]
    texts = {NameOID.ORGANIZATION_NAME: organisation, NameOID.ORGANIZATIONAL_UNIT_NAME: NOTICE, **(extra or {})}
    for kind, text in {**texts, NameOID.COMMON_NAME: common}.items():
        if text:
            attributes.append(x509.NameAttribute(kind, _cut(text, in_bytes=kind == NameOID.COMMON_NAME)))
    return x509.Name(attributes)


def _cut(text: str, *, in_bytes: bool) -> str:
    """X.520 allows names of 64 characters; the library counts the bytes of common names. Identifiers are shorter."""
    if len(text.encode() if in_bytes else text) <= 64:
        return text
    head = text.encode()[:61].decode(errors="ignore") if in_bytes else text[:63]
    return f"{head}…"


def _issue(
    folder: Path, key_id: str, subject: x509.Name, at: datetime | None, *, years: int = 3, origin: str = ""
) -> None:
    path = _path(folder, key_id)
    if path.exists():
        return
    authority = _read(folder / "issuing.key")
    key: PrivateKey = ed25519.Ed25519PrivateKey.generate() if key_id == LOG else ec.generate_private_key(ec.SECP256R1())
    builder = _certificate(subject, key.public_key(), authority.certificate.subject, at or datetime.now(UTC), years)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    # Seals and personal signatures declare an intent (nonRepudiation); the two machines only sign data.
    builder = builder.add_extension(_usage("digital_signature" if key_id in {TSA, LOG} else "content_commitment"), True)
    builder = builder.add_extension(_authority_key(authority.key), critical=False)
    if key_id == TSA:
        # RFC 3161 section 2.3: this usage alone, and critical.
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    if origin:
        name = x509.UniformResourceIdentifier(f"https://{origin}")
        builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
    certificate = builder.sign(_ec(authority.key), hashes.SHA384())
    path.parent.mkdir(mode=0o700, exist_ok=True)
    _write_first(path, _pair(key, certificate))


def _authority(
    subject: x509.Name,
    public: PublicKey,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    at: datetime,
    years: int,
) -> x509.Certificate:
    builder = _certificate(subject, public, issuer, at, years)
    path_length = 1 if subject == issuer else 0
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage("authority"), critical=True)
    return builder.add_extension(_authority_key(key), critical=False).sign(key, hashes.SHA384())


def _certificate(
    subject: x509.Name, public: PublicKey, issuer: x509.Name, at: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _BACKDATE)
        .not_valid_after(at + years * _YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(purpose: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=purpose == "digital_signature",
        content_commitment=purpose == "content_commitment",
        key_cert_sign=purpose == "authority",
        crl_sign=purpose == "authority",
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key(key: PrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


_CRLS = {"issuing": "crl.der", "root": "root-crl.der"}


def _crl(path: Path) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(path.read_bytes())


def _crl_number(path: Path) -> int:
    return _crl(path).extensions.get_extension_for_class(x509.CRLNumber).value.crl_number if path.exists() else 0


def _write_crl(folder: Path, authority: str, entries: Sequence[x509.RevokedCertificate], at: datetime) -> None:
    credential = _read(folder / f"{authority}.key")
    builder = x509.CertificateRevocationListBuilder(
        issuer_name=credential.certificate.subject,
        last_update=at,
        next_update=at + CRL_LIFE,
        revoked_certificates=list(entries),
    )
    # Numbers must only grow (RFC 5280 section 5.2.3), also when the clock goes back.
    number = max(int(at.timestamp() * 1_000_000), _crl_number(folder / _CRLS[authority]) + 1)
    builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    crl = builder.add_extension(_authority_key(credential.key), critical=False)
    signed = crl.sign(_ec(credential.key), hashes.SHA384())
    _write(folder / _CRLS[authority], signed.public_bytes(serialization.Encoding.DER), mode=0o644)


def _ec(key: PrivateKey) -> ec.EllipticCurvePrivateKey:
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("authorities sign with ECDSA")
    return key


def _path(folder: Path, key_id: str) -> Path:
    # The pattern also keeps every path inside the folder.
    if not _KEY_ID.fullmatch(key_id):
        raise KeyUnavailable(key_id)
    return folder.joinpath(*f"{key_id}.key".split(":"))


def _pair(key: PrivateKey, certificate: x509.Certificate) -> bytes:
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def _read(path: Path) -> Credential:
    data = path.read_bytes()
    key = serialization.load_pem_private_key(data, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
        raise TypeError(f"{path.name} holds a key of another kind")
    return Credential(key, x509.load_pem_x509_certificate(data))


def _write(path: Path, data: bytes, *, mode: int) -> None:
    draft = _draft(path, data, mode)
    draft.replace(path)
    _sync_folder(path.parent)


def _write_first(path: Path, data: bytes) -> None:
    """Like _write for a secret file, but a file that is there already stays: its key may have signed."""
    draft = _draft(path, data, 0o600)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    _sync_folder(path.parent)


def _draft(path: Path, data: bytes, mode: int) -> Path:
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(folder: Path) -> None:
    # Windows cannot open folders; there the rename itself has to do.
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
