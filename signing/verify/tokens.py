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
    time = info["gen_time"].native.astimezone(UTC)
    if time > around.proven_until + CLOCK_SKEW:
        findings.failed(f"{role}.future", str(time))
        return None
    use = Use(moment=time, is_proven=True, is_token=True)
    signer = Signer(message.signer, message.pool, Purpose.TIMESTAMP, use)
    trusted = judge_signer(findings, role, signer, policy, around)
    if trusted:
        findings.passed(f"{role}.time", str(time))
    return Token(time, trusted)


def _read(findings: Findings, role: str, enclosed: bytes) -> tsp.TSTInfo | None:
    try:
        info = tsp.TSTInfo.load(enclosed, strict=True)
        info.native  # noqa: B018 -- asn1crypto is lazy: this makes it parse everything now
    except UNREADABLE as error:
        findings.failed(f"{role}.structure", str(error))
        return None
    if info["extensions"] and any(extension["critical"].native for extension in info["extensions"]):
        findings.failed(f"{role}.structure", "critical extension")
        return None
    return info


def _check_imprint(findings: Findings, role: str, info: tsp.TSTInfo, stamped: Callable[[str], bytes]) -> bool:
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    if algorithm not in STRONG_DIGESTS:
        return findings.failed(f"{role}.weak-imprint", algorithm)
    return findings.require(stamped(algorithm) == imprint["hashed_message"].native, f"{role}.imprint")
