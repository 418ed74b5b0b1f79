"""RFC 3161 time-stamp tokens: what they were issued for, by whom, and when.

Strict as signing demands: the imprint with SHA-256 or better, the certificate for time-stamping only (RFC 3161 §2.3),
its path to a trusted root valid both when the token was issued and now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import tsp

from signing.verify.certificates import Policy, Purpose
from signing.verify.cms import STRONG_DIGESTS, UNREADABLE, Expected, verify_message
from signing.verify.report import Findings
from signing.verify.revocation import Use
from signing.verify.signers import Signer, Surroundings, judge_signer

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Token:
    """Time (UTC) of a token; `trusted` only if nothing about the token and its issuer was refused or left open."""

    time: datetime
    trusted: bool


@dataclass(frozen=True)
class _Info:
    time: datetime
    algorithm: str
    digest: bytes


def verify_token(
    findings: Findings,
    role: str,
    der: bytes,
    stamped: Callable[[str], bytes],
    policy: Policy,
    around: Surroundings,
) -> Token | None:
    """Check a token over the bytes whose digests `stamped` gives. None when it cannot be read or is not genuine."""
    message = verify_message(findings, role, der, Expected(content_type="tst_info", ess_v1_allowed=True))
    if message is None or message.enclosed is None:
        return None
    info = _read(findings, role, message.enclosed)
    if info is None or not _check_imprint(findings, role, info, stamped):
        return None
    if info.time > around.proven_until + CLOCK_SKEW:
        findings.failed(f"{role}.future", str(info.time))
        return None
    use = Use(moment=info.time, is_proven=True, is_token=True)
    signer = Signer(message.signer, message.pool, Purpose.TIMESTAMP, use)
    trusted = judge_signer(findings, role, signer, policy, around)
    if trusted:
        findings.passed(f"{role}.time", str(info.time))
    return Token(info.time, trusted)


def _read(findings: Findings, role: str, enclosed: bytes) -> _Info | None:
    try:
        info = tsp.TSTInfo.load(enclosed, strict=True)
        imprint = info["message_imprint"]
        if any(extension["critical"].native for extension in info["extensions"] or ()):
            raise ValueError("critical extension")
        return _Info(
            time=info["gen_time"].native.astimezone(UTC),
            algorithm=imprint["hash_algorithm"]["algorithm"].native,
            digest=imprint["hashed_message"].native,
        )
    except UNREADABLE as error:
        findings.failed(f"{role}.structure", str(error))
        return None


def _check_imprint(findings: Findings, role: str, info: _Info, stamped: Callable[[str], bytes]) -> bool:
    if info.algorithm not in STRONG_DIGESTS:
        return findings.failed(f"{role}.weak-imprint", info.algorithm)
    return findings.require(stamped(info.algorithm) == info.digest, f"{role}.imprint")
