"""Whether a certificate was revoked, by revocation lists at hand (RFC 5280 §6.3). Nothing is fetched.

A list that was given by the caller must still be current at the time of judgement: a stale one is refused, because
whoever brings a list wants an answer. A list that was current when the signature was made but older than it is only
noted: it says more than no list at all. Lists found inside the file can accuse, but their age is not held against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import CRLEntryExtensionOID, ExtensionOID

from signing.verify.certificates import STRONG_HASHES, Path, Policy, extension_of, name_of
from signing.verify.report import Findings

# RFC 3161 §4: only for these reasons do tokens from before the revocation remain trustworthy.
_HARMLESS_FOR_TOKENS = {
    x509.ReasonFlags.unspecified,
    x509.ReasonFlags.affiliation_changed,
    x509.ReasonFlags.superseded,
    x509.ReasonFlags.cessation_of_operation,
}


@dataclass(frozen=True)
class Use:
    """When a signature was made (UTC), whether that is proven, and whether it is a time-stamp.

    `existed_by`: when a time-stamp around a signature without one of its own shows that it was there already.
    """

    moment: datetime
    is_proven: bool
    is_token: bool = False
    existed_by: datetime | None = None

    @property
    def proven_by(self) -> datetime | None:
        """The earliest time at which the signature is known to have existed."""
        return self.moment if self.is_proven else self.existed_by


def judge_revocation(
    findings: Findings,
    role: str,
    path: Path,
    *,
    policy: Policy,
    use: Use,
    embedded: Sequence[x509.CertificateRevocationList] = (),
) -> bool:
    """Look up every certificate of the path below its root. Says whether nothing was refused."""
    checked = False
    for certificate, issuer in zip(path.certificates, path.certificates[1:], strict=False):
        for crl in _lists_of(issuer, embedded):
            if _signed_by(crl, issuer) and _accuses(findings, role, certificate, crl, use):
                return False
        given = _lists_of(issuer, policy.crls)
        if not given:
            continue
        newest = max(given, key=lambda crl: crl.last_update_utc)
        usable = _is_usable(findings, role, newest, issuer, policy.at)
        if not usable or _accuses(findings, role, certificate, newest, use):
            return False
        if newest.last_update_utc < use.moment:
            findings.noted(f"{role}.crl-older", f"{newest.last_update_utc} < {use.moment}")
        checked = checked or certificate is path.certificates[0]
    if not checked:
        return findings.noted(f"{role}.revocation-not-checked", name_of(path.certificates[0]))
    return findings.passed(f"{role}.revocation")


def _lists_of(
    issuer: x509.Certificate, crls: Sequence[x509.CertificateRevocationList]
) -> list[x509.CertificateRevocationList]:
    return [crl for crl in crls if crl.issuer == issuer.subject]


def _is_usable(
    findings: Findings, role: str, crl: x509.CertificateRevocationList, issuer: x509.Certificate, at: datetime
) -> bool:
    if not _signed_by(crl, issuer):
        return findings.failed(f"{role}.crl-signature", name_of(issuer))
    # Delta, indirect and partial lists answer another question than the one that is asked here.
    if any(extension.critical for extension in crl.extensions) or _is_delta(crl):
        return findings.failed(f"{role}.crl-kind", name_of(issuer))
    if crl.next_update_utc is None or crl.next_update_utc < at:
        return findings.failed(f"{role}.crl-stale", str(crl.next_update_utc))
    return True


def _is_delta(crl: x509.CertificateRevocationList) -> bool:
    return any(extension.oid == ExtensionOID.DELTA_CRL_INDICATOR for extension in crl.extensions)


def _signed_by(crl: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    key, usage = issuer.public_key(), extension_of(issuer, x509.KeyUsage)
    if usage is not None and not usage.crl_sign:
        return False
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return False
    if not isinstance(crl.signature_hash_algorithm, STRONG_HASHES):
        return False
    try:
        return crl.is_signature_valid(key)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False


def _accuses(
    findings: Findings, role: str, certificate: x509.Certificate, crl: x509.CertificateRevocationList, use: Use
) -> bool:
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    if entry is None or _reason(entry) is x509.ReasonFlags.remove_from_crl:
        return False
    since = _bad_since(entry)
    void = use.is_token and _reason(entry) not in _HARMLESS_FOR_TOKENS
    if void or use.proven_by is None or since <= use.proven_by:
        findings.failed(f"{role}.revoked", f"{name_of(certificate)}: {since}")
        return True
    findings.noted(f"{role}.revoked-later", f"{name_of(certificate)}: {since}")
    return False


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags | None:
    try:
        value = entry.extensions.get_extension_for_oid(CRLEntryExtensionOID.CRL_REASON).value
    except x509.ExtensionNotFound:
        return None
    return value.reason if isinstance(value, x509.CRLReason) else None


def _bad_since(entry: x509.RevokedCertificate) -> datetime:
    """The revocation, or the earlier moment since which the key is thought to be in foreign hands (RFC 5280 §5.3.2)."""
    try:
        value = entry.extensions.get_extension_for_oid(CRLEntryExtensionOID.INVALIDITY_DATE).value
    except x509.ExtensionNotFound:
        return entry.revocation_date_utc
    known = value.invalidity_date_utc if isinstance(value, x509.InvalidityDate) else entry.revocation_date_utc
    return min(known, entry.revocation_date_utc)
