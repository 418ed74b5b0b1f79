"""A public key infrastructure that owes nothing to ours, with knobs for every way in which one can be wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
TIMESTAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
SERVER = (ExtendedKeyUsageOID.SERVER_AUTH,)


@dataclass(frozen=True)
class Holder:
    """A key, its certificate, and the certificates above it (the root last)."""

    key: Key
    certificate: x509.Certificate
    above: tuple["Holder", ...] = ()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def root(self) -> bytes:
        """What a verifier is to trust, PEM."""
        top = self.above[-1] if self.above else self
        return top.certificate.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Wish:
    """What a certificate is to look like."""

    name: str = "Foreign Agency"
    key: str = "p256"
    authority: bool = False
    usages: Sequence[x509.ObjectIdentifier] = ()
    usages_critical: bool = True
    key_usage: str = "signs"
    begins: datetime = NOW - 30 * DAY
    ends: datetime = NOW + 300 * DAY
    hash: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)
    extra: Sequence[tuple[x509.ExtensionType, bool]] = ()


def certify(wish: Wish, issuer: Holder | None = None) -> Holder:
    """A certificate as wished, by `issuer` or self-signed."""
    key = new_key(wish.key)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, wish.name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(wish.begins)
        .not_valid_after(wish.ends)
        .add_extension(x509.BasicConstraints(ca=wish.authority, path_length=None), critical=True)
    )
    if wish.key_usage:
        builder = builder.add_extension(_key_usage(wish), critical=True)
    if wish.usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(wish.usages), critical=wish.usages_critical)
    for extension, critical in wish.extra:
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(issuer.key if issuer else key, wish.hash)  # type: ignore[arg-type]
    return Holder(key, certificate, (issuer, *issuer.above) if issuer else ())


def authority(name: str = "Foreign root", key: str = "p384") -> Holder:
    """A root."""
    return certify(Wish(name, key=key, authority=True, begins=NOW - 3650 * DAY, ends=NOW + 3650 * DAY))


def revocation_list(
    issuer: Holder,
    revoked: Sequence[tuple[Holder, datetime]] = (),
    *,
    issued: datetime = NOW + timedelta(hours=1),
    until: datetime = NOW + 30 * DAY,
    reason: x509.ReasonFlags | None = None,
) -> bytes:
    """A list by `issuer` of certificates and the times since when they are revoked, DER."""
    builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, issued, until)
    for holder, since in revoked:
        entry = x509.RevokedCertificateBuilder(holder.certificate.serial_number, since)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(issuer.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def new_key(kind: str) -> Key:
    """A fresh elliptic key, or the one RSA key of that size: making those takes long."""
    if kind.startswith("rsa"):
        return rsa_key(int(kind.removeprefix("rsa")))
    return ec.generate_private_key(ec.SECP384R1() if kind == "p384" else ec.SECP256R1())


@cache
def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """One key per size and run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _key_usage(wish: Wish) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=wish.key_usage == "signs" and not wish.authority,
        content_commitment=wish.key_usage == "signs" and not wish.authority and not wish.usages,
        key_encipherment=wish.key_usage == "encrypts",
        key_cert_sign=wish.authority,
        crl_sign=wish.authority,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
