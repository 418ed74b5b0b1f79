"""Who stands behind a key: building a path to a trusted root and judging every certificate on it (RFC 5280 §6).

Stricter than RFC 5280 where that keeps it simple: a certificate with a critical extension that is not listed here, or
with constraints on names or policies, is refused. Each refusal has its own code, prefixed by the role of the
certificate ("seal.expired", "tsa.unknown-root"). Certificates are parsed by `cryptography` only.
Whether they were revoked is in `revocation`.
"""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import ExtensionOID, NameOID

from signing.verify.report import Findings

_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

MAX_PATH = 6
STRONG_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
STRONG_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
MIN_RSA_BITS = 2048

_KNOWN_EXTENSIONS = {
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.CERTIFICATE_POLICIES,
}
_CONSTRAINTS = {ExtensionOID.NAME_CONSTRAINTS, ExtensionOID.POLICY_CONSTRAINTS, ExtensionOID.INHIBIT_ANY_POLICY}
# Document signing: RFC 9336, Adobe, Microsoft. E-mail protection is what many seal certificates carry instead.
_SEAL_USAGES = {
    "1.3.6.1.5.5.7.3.36",
    "1.2.840.113583.1.1.5",
    "1.3.6.1.4.1.311.10.3.12",
    Usage.EMAIL_PROTECTION.dotted_string,
    Usage.ANY_EXTENDED_KEY_USAGE.dotted_string,
}
_NEVER_A_SEAL = {
    Usage.SERVER_AUTH.dotted_string,
    Usage.TIME_STAMPING.dotted_string,
    Usage.OCSP_SIGNING.dotted_string,
    Usage.CODE_SIGNING.dotted_string,
}


class Purpose(enum.Enum):
    """What the key of the first certificate was used for."""

    SEAL = "seal"
    TIMESTAMP = "timestamp"
    LOG = "log"


@dataclass(frozen=True)
class Policy:
    """By what to judge: the only roots that are trusted, certificate revocation lists, the time of judgement (UTC),
    and the name of the evidence log whose checkpoints count.

    `proven_until`: when a time-stamp around the file shows that it existed already, as on the parts of a proof.
    """

    roots: tuple[x509.Certificate, ...]
    crls: tuple[x509.CertificateRevocationList, ...]
    at: datetime
    log_origin: str = ""
    proven_until: datetime | None = None

    @property
    def horizon(self) -> datetime:
        """The latest time until which certificates must have lasted."""
        return self.proven_until or self.at


@dataclass(frozen=True)
class Path:
    """Certificates from the signer's upwards, each signed by the next. `anchored`: the last is a trusted root."""

    certificates: tuple[x509.Certificate, ...]
    anchored: bool


def find_path(leaf: x509.Certificate, pool: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]) -> Path:
    """The shortest path from `leaf` through `pool` to one of `roots`; without one, the longest that signatures support.

    Each certificate is climbed from once: a pool of authorities that all vouch for each other has paths without number.
    """
    waiting: list[tuple[x509.Certificate, ...]] = [(leaf,)]
    seen = {leaf}
    for path in waiting:
        if path[-1] in roots:
            return Path(path, anchored=True)
        for issuer in (*roots, *pool):
            new = issuer not in seen and issuer.subject == path[-1].issuer and len(path) < MAX_PATH
            if new and was_issued_by(path[-1], issuer):
                seen.add(issuer)
                waiting.append((*path, issuer))
    return Path(waiting[-1], anchored=False)


def judge_path(findings: Findings, role: str, path: Path, *, moment: datetime, purpose: Purpose) -> bool:
    """Check trust, validity at `moment`, purpose and strength of the whole path. Says whether nothing was refused."""
    leaf = path.certificates[0]
    results = [
        _judge_strength(findings, role, path),
        _judge_extensions(findings, role, path),
        _judge_validity(findings, role, path, moment),
        _judge_authorities(findings, role, path),
        _judge_purpose(findings, role, leaf, purpose),
    ]
    return all(results)


def judge_trust(findings: Findings, role: str, path: Path, pool: Iterable[x509.Certificate], policy: Policy) -> bool:
    """Check that the path ends at a trusted root, and say why when it does not."""
    top = path.certificates[-1]
    if path.anchored:
        return findings.passed(f"{role}.chain", name_of(top))
    if _has_forged_issuer(path, pool, policy.roots):
        return findings.failed(f"{role}.rogue-issuer", name_of(top))
    if not policy.roots:
        return findings.left_open(f"{role}.not-anchored", name_of(top))
    return findings.failed(f"{role}.unknown-root", name_of(top))


def name_of(certificate: x509.Certificate) -> str:
    """The holder as a person knows it: the common name, else the whole subject."""
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else certificate.subject.rfc4514_string()


def was_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether names match and the issuer's key made the signature."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _has_forged_issuer(path: Path, pool: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]) -> bool:
    """Whether the path leans on a name that a root, or a certificate under a root, bears with another key.

    Without roots: whether the issuer of the topmost certificate is there, but did not sign it.
    """
    top = path.certificates[-1]
    if not roots:
        return any(one.subject == top.issuer and one not in path.certificates for one in pool)
    genuine = [*roots, *(one for one in pool if any(was_issued_by(one, root) for root in roots))]
    claimed = {certificate.issuer for certificate in path.certificates}
    return any(one.subject in claimed and one not in path.certificates for one in genuine)


def _judge_strength(findings: Findings, role: str, path: Path) -> bool:
    below_root = path.certificates[:-1] if path.anchored and len(path.certificates) > 1 else path.certificates
    for certificate in below_root:
        if not isinstance(certificate.signature_hash_algorithm, STRONG_HASHES):
            return findings.failed(f"{role}.weak-hash", name_of(certificate))
    for certificate in path.certificates:
        if not has_strong_key(certificate):
            return findings.failed(f"{role}.weak-key", name_of(certificate))
    return findings.passed(f"{role}.strength")


def has_strong_key(certificate: x509.Certificate) -> bool:
    """RSA from 2,048 bits, the NIST curves from P-256, Ed25519."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, STRONG_CURVES)
    return isinstance(key, ed25519.Ed25519PublicKey)


def _judge_extensions(findings: Findings, role: str, path: Path) -> bool:
    for certificate in path.certificates:
        for extension in certificate.extensions:
            unknown = extension.critical and extension.oid not in _KNOWN_EXTENSIONS
            if unknown or extension.oid in _CONSTRAINTS:
                return findings.failed(f"{role}.extension", f"{name_of(certificate)}: {extension.oid.dotted_string}")
    return True


def _judge_validity(findings: Findings, role: str, path: Path, moment: datetime) -> bool:
    # A trust anchor is trusted by the reader's choice, not by its dates (RFC 5280 §6.1.1 d).
    judged = path.certificates[:-1] if path.anchored and len(path.certificates) > 1 else path.certificates
    for certificate in judged:
        begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if moment < begin:
            return findings.failed(f"{role}.not-yet-valid", f"{name_of(certificate)}: {begin}")
        if moment > end:
            return findings.failed(f"{role}.expired", f"{name_of(certificate)}: {end}")
    return findings.passed(f"{role}.validity", str(moment.replace(microsecond=0)))


def _judge_authorities(findings: Findings, role: str, path: Path) -> bool:
    for depth, certificate in enumerate(path.certificates[1:]):
        constraints = extension_of(certificate, x509.BasicConstraints)
        usage = extension_of(certificate, x509.KeyUsage)
        too_deep = constraints is not None and constraints.path_length is not None and depth > constraints.path_length
        if constraints is None or not constraints.ca or too_deep or (usage is not None and not usage.key_cert_sign):
            return findings.failed(f"{role}.authority", name_of(certificate))
    return True


def _judge_purpose(findings: Findings, role: str, leaf: x509.Certificate, purpose: Purpose) -> bool:
    if not _has_right_key_usage(leaf):
        return findings.failed(f"{role}.key-usage", name_of(leaf))
    if not _has_right_extended_usage(leaf, purpose):
        return findings.failed(f"{role}.extended-key-usage", name_of(leaf))
    return findings.passed(f"{role}.purpose")


def _has_right_key_usage(leaf: x509.Certificate) -> bool:
    constraints = extension_of(leaf, x509.BasicConstraints)
    usage = extension_of(leaf, x509.KeyUsage)
    if constraints is not None and constraints.ca:
        return False
    if usage is None:  # RFC 5280 §4.2.1.3: no extension, no restriction
        return True
    signs = usage.digital_signature or usage.content_commitment
    return signs and not usage.key_cert_sign and not usage.crl_sign


def _has_right_extended_usage(leaf: x509.Certificate, purpose: Purpose) -> bool:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return purpose is not Purpose.TIMESTAMP
    usages = {usage.dotted_string for usage in extension.value}
    if purpose is Purpose.TIMESTAMP:  # RFC 3161 §2.3: this one usage, and critical
        return extension.critical and usages == {Usage.TIME_STAMPING.dotted_string}
    return bool(usages & _SEAL_USAGES) and not usages & _NEVER_A_SEAL


def extension_of(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    """The value of one extension, or None."""
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
