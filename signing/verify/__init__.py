"""Checking what others hand in: sealed PDFs, detached signatures, and proofs (ASiC-E). No database, no network.

`verify_file` judges one file and never raises. The rules are strict and each refusal has a stable code; see
`messages` for the list. Nothing in the file is trusted but what leads to the given roots.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509

from signing.verify.certificates import Policy
from signing.verify.cms import digest_of
from signing.verify.container import verify_container
from signing.verify.letters import check_letter
from signing.verify.pdf import verify_pdf
from signing.verify.report import Check, Findings, Report, Status, Verdict
from signing.verify.seals import verify_seal
from signing.verify.signers import Surroundings

__all__ = ["Check", "Policy", "Report", "Status", "Verdict", "read_policy", "verify_file"]

MAX_FILE_BYTES = 256 * 1024 * 1024


def read_policy(
    roots: Sequence[bytes] = (), crls: Sequence[bytes] = (), *, at: datetime | None = None, log_origin: str = ""
) -> Policy:
    """The terms of a verification from files: roots (PEM, several may be in one file, or DER) and revocation lists
    (PEM or DER). `at` is the time of judgement (now). Raises ValueError for a file that is neither."""
    found = tuple(certificate for data in roots for certificate in _certificates(data))
    return Policy(found, tuple(_crl(data) for data in crls), (at or datetime.now(UTC)).astimezone(UTC), log_origin)


def verify_file(data: bytes, name: str, policy: Policy, *, content: bytes | None = None) -> Report:
    """Judge one file by its content, whatever its name. `content` is what a detached signature is of. Never raises."""
    findings = Findings()
    kind = _kind(data)
    try:
        _dispatch(findings, kind, data, policy, content)
    except TimeoutError as error:
        findings.failed("file.time", str(error))
    except Exception as error:  # noqa: BLE001 -- hostile files break parsers in unforeseen ways; all are refusals
        findings.failed("file.readable", f"{type(error).__name__}: {error}")
    return findings.report(name, kind, hashlib.sha256(data).hexdigest())


def _kind(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "asice"
    return "p7s" if data.startswith(b"\x30") else "unknown"


def _dispatch(findings: Findings, kind: str, data: bytes, policy: Policy, content: bytes | None) -> None:
    if len(data) > MAX_FILE_BYTES:
        findings.failed("file.size")
    elif kind == "pdf":
        sealed = verify_pdf(findings, data, policy)
        if sealed is not None:
            check_letter(findings, sealed.files, sealed.seal.certificate)
    elif kind == "asice":
        verify_container(findings, data, policy)
    elif kind == "p7s" and content is None:
        findings.failed("file.content-missing")
    elif kind == "p7s" and content is not None:
        verify_seal(findings, data, digest_of(content), policy, Surroundings(policy.horizon))
    else:
        findings.failed("file.kind")


def _certificates(data: bytes) -> list[x509.Certificate]:
    if b"-----BEGIN" in data:
        return x509.load_pem_x509_certificates(data)
    return [x509.load_der_x509_certificate(data)]


def _crl(data: bytes) -> x509.CertificateRevocationList:
    return x509.load_pem_x509_crl(data) if b"-----BEGIN" in data else x509.load_der_x509_crl(data)
