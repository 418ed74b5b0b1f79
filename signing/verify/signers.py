"""The holder of a key judged as a whole: path, trust, purpose, strength, validity and revocation, under one role."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from signing.verify.certificates import (
    Path,
    Policy,
    Purpose,
    find_path,
    judge_path,
    judge_trust,
    name_of,
    was_issued_by,
)
from signing.verify.report import Findings
from signing.verify.revocation import Use, judge_revocation


@dataclass(frozen=True)
class Signer:
    """A certificate, those that came with it, and what its key was used for, at which time."""

    certificate: x509.Certificate
    pool: tuple[x509.Certificate, ...]
    purpose: Purpose
    use: Use


@dataclass(frozen=True)
class Surroundings:
    """What the file says around a signature.

    `proven_until`: when an archive time-stamp shows that it existed; without one, the time of judgement.
    `embedded`: revocation lists that came with it. `claimed`: a time outside the CMS (a PDF's /M).
    """

    proven_until: datetime
    embedded: Sequence[x509.CertificateRevocationList] = ()
    claimed: datetime | None = None


def judge_signer(findings: Findings, role: str, signer: Signer, policy: Policy, around: Surroundings) -> bool:
    """Whether nothing about the signer was refused.

    No certificate of the path may have ended before `around.proven_until`: a signature that nothing proves to be older than
    that could have been made with a stolen old key.
    """
    path = find_path(signer.certificate, signer.pool, policy.roots)
    results = [
        # First what a certificate says of itself: a broken hash also breaks its path, and is the better reason.
        judge_path(findings, role, path, moment=signer.use.moment, purpose=signer.purpose),
        judge_trust(findings, role, path, signer.pool, policy),
        _judge_pool(findings, role, path, signer, policy),
        _judge_age(findings, role, path, signer.use.moment, around.proven_until),
        judge_revocation(findings, role, path, policy=policy, use=signer.use, embedded=around.embedded),
    ]
    return all(results)


def _judge_pool(findings: Findings, role: str, path: Path, signer: Signer, policy: Policy) -> bool:
    """Nobody signs the list of certificates, so each must be of use or be vouched for by another or by a root."""
    issuers = (*policy.roots, *signer.pool)
    for certificate in signer.pool:
        if certificate not in path.certificates and not any(was_issued_by(certificate, one) for one in issuers):
            return findings.failed(f"{role}.stray-certificate", name_of(certificate))
    return True


def _judge_age(findings: Findings, role: str, path: Path, moment: datetime, proven_until: datetime) -> bool:
    below_root = path.certificates[:-1] if path.anchored and len(path.certificates) > 1 else path.certificates
    end = min(certificate.not_valid_after_utc for certificate in below_root)
    return not moment <= end < proven_until or findings.failed(f"{role}.expired-since", str(end))
