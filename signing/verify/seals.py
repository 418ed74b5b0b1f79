"""A seal or personal signature as a whole: CMS, time-stamp, signer. The same for PDF files and detached signatures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

from signing.verify.certificates import Policy, Purpose, name_of
from signing.verify.cms import Expected, Message, digest_of, verify_message
from signing.verify.report import Findings, clean
from signing.verify.revocation import Use
from signing.verify.signers import Signer, Surroundings, judge_signer
from signing.verify.tokens import CLOCK_SKEW, verify_token


@dataclass(frozen=True)
class Seal:
    """Who signed and when (UTC). `time_is_proven`: by a trusted time-stamp, not only claimed. `pool`: the certificates
    that came with the signature."""

    certificate: x509.Certificate
    pool: tuple[x509.Certificate, ...]
    time: datetime
    time_is_proven: bool


def verify_seal(
    findings: Findings, der: bytes, digest: Callable[[str], bytes], policy: Policy, around: Surroundings
) -> Seal | None:
    """Check a detached CMS signature over the content with this digest. None when it is not genuine."""
    message = verify_message(findings, "seal", der, Expected(digest=digest))
    if message is None:
        return None
    use = _time_of(findings, message, policy, around)
    signer = Signer(message.signer, message.pool, Purpose.SEAL, use)
    judge_signer(findings, "seal", signer, policy, around)
    findings.signer = clean(name_of(message.signer))
    findings.signed_at, findings.time_is_proven = use.moment, use.is_proven
    return Seal(message.signer, message.pool, use.moment, use.is_proven)


def _time_of(findings: Findings, message: Message, policy: Policy, around: Surroundings) -> Use:
    if message.token is not None:
        token = verify_token(findings, "tsa", message.token, digest_of(message.signature), policy, around)
        if token is not None:
            return Use(token.time, is_proven=token.trusted)
        return Use(around.proven_until, is_proven=False)
    # Before the time of judgement only where a time-stamp around this signature proves it.
    existed_by = around.proven_until if around.proven_until < policy.at else None
    claimed = message.claimed_time or around.claimed
    if claimed is None or claimed.tzinfo is None:
        findings.noted("time.unknown")
        return Use(around.proven_until, is_proven=False, existed_by=existed_by)
    if claimed > around.proven_until + CLOCK_SKEW:
        findings.failed("time.future", str(claimed))
    findings.noted("time.claimed", str(claimed.astimezone(UTC)))
    return Use(claimed.astimezone(UTC), is_proven=False, existed_by=existed_by)
