"""A sealed PDF (PAdES, ETSI EN 319 142-1) judged as a whole; the steps are in the modules beside it.

Accepted are PDFs with one seal, and after it only validation data and archive time-stamps. The seal of a letter (a PDF
that carries letter.json) must forbid every change; a foreign PDF without such a mark is held to the same rules and the
lack is noted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields

from signing.verify.certificates import Policy
from signing.verify.cms import digest_of
from signing.verify.pdf_attachments import LETTER_FILES, read_attachments
from signing.verify.pdf_changes import check_changes
from signing.verify.pdf_content import check_content
from signing.verify.pdf_layout import Covered, check_coverage, check_end, check_later_bytes
from signing.verify.pdf_objects import look_up
from signing.verify.report import Findings
from signing.verify.seals import Seal, verify_seal
from signing.verify.signers import Surroundings
from signing.verify.tokens import verify_token

MAX_REVISIONS = 20
MAX_LISTS = 20
_SUBFILTERS = {"/ETSI.CAdES.detached", "/adbe.pkcs7.detached"}


@dataclass(frozen=True)
class SealedPdf:
    """What the seal vouches for: who, when, and the files embedded under it."""

    seal: Seal
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class _Signature:
    field: str
    dictionary: Any
    is_archive: bool
    covered: Covered


def verify_pdf(findings: Findings, data: bytes, policy: Policy) -> SealedPdf | None:
    """Check the PDF; None when what the seal covers cannot be told."""
    if not check_end(findings, data):
        return None
    reader = PdfFileReader(BytesIO(data), strict=True)
    if not _check_file(findings, reader):
        return None
    signatures = _signatures(findings, data, reader)
    seal = _only_seal(findings, signatures)
    if seal is None or signatures is None:
        return None
    judged = _judge_seal(findings, data, reader, signatures, policy)
    if judged is None:
        return None
    (embedded,) = reader.embedded_regular_signatures
    intact = check_later_bytes(findings, data, seal.covered, reader) and check_changes(findings, reader, embedded)
    if not intact or not check_content(findings, reader):
        return None
    files = read_attachments(findings, reader)
    if files is None:
        return None
    _check_certification(findings, reader, embedded, is_letter=LETTER_FILES[0] in files)
    return SealedPdf(judged, files)


def _check_file(findings: Findings, reader: Any) -> bool:
    if reader.encrypted:
        return findings.failed("pdf.encrypted")
    if reader.total_revisions > MAX_REVISIONS or reader.xrefs.hybrid_xrefs_present:
        return findings.failed("pdf.structure")
    return True


def _signatures(findings: Findings, data: bytes, reader: Any) -> list[_Signature] | None:
    """All signatures in the order of their ends. None when one of them does not cover what it must."""
    found = []
    for name, value, _ in enumerate_sig_fields(reader, filled_status=True):
        dictionary = value.get_object()
        covered = check_coverage(findings, data, dictionary)
        if covered is None:
            return None
        is_archive = look_up(dictionary, "/Type") == "/DocTimeStamp"
        found.append(_Signature(name, dictionary, is_archive, covered))
    return sorted(found, key=lambda one: one.covered.end)


def _only_seal(findings: Findings, signatures: list[_Signature] | None) -> _Signature | None:
    if signatures is None:
        return None
    seals = [one for one in signatures if not one.is_archive]
    if not seals:
        findings.failed("pdf.unsealed")
        return None
    if len(seals) > 1 or signatures[0].is_archive:
        findings.failed("pdf.one-seal", ", ".join(one.field for one in seals))
        return None
    filters = {str(look_up(one.dictionary, "/SubFilter")) for one in signatures}
    if filters - _SUBFILTERS - {"/ETSI.RFC3161"} or str(look_up(seals[0].dictionary, "/SubFilter")) not in _SUBFILTERS:
        findings.failed("pdf.structure", ", ".join(sorted(filters)))
        return None
    findings.passed("pdf.one-seal")
    return seals[0]


def _check_certification(findings: Findings, reader: Any, embedded: Any, *, is_letter: bool) -> bool:
    perms = look_up(reader.root, "/Perms", {})
    certified = "/DocMDP" in perms and perms["/DocMDP"] == embedded.sig_object
    if certified and embedded.docmdp_level == MDPPerm.NO_CHANGES:
        return findings.passed("pdf.certification")
    return findings.failed("pdf.certification") if is_letter else findings.noted("pdf.not-certified")


def _judge_seal(
    findings: Findings, data: bytes, reader: Any, signatures: list[_Signature], policy: Policy
) -> Seal | None:
    """From the newest archive time-stamp back to the seal: each proves that what it covers existed at its time."""
    proven_until, lists = policy.horizon, _revocation_lists(reader)
    for archive in reversed(signatures[1:]):
        stamped = digest_of(archive.covered.signed_bytes(data))
        around = Surroundings(proven_until, lists)
        token = verify_token(findings, "archive", archive.covered.cms, stamped, policy, around)
        if token is None:
            return None
        proven_until = token.time if token.trusted else proven_until
    seal = signatures[0]
    around = Surroundings(proven_until, lists, _claimed_time(seal.dictionary))
    return verify_seal(findings, seal.covered.cms, digest_of(seal.covered.signed_bytes(data)), policy, around)


def _claimed_time(dictionary: Any) -> datetime | None:
    if "/M" not in dictionary:
        return None
    moment = generic.parse_pdf_date(dictionary["/M"], strict=True)
    return moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None


def _revocation_lists(reader: Any) -> tuple[x509.CertificateRevocationList, ...]:
    """The lists in the document security store. What is unreadable there is passed over: it can only accuse."""
    lists = []
    for entry in list(look_up(look_up(reader.root, "/DSS", {}), "/CRLs", ()))[:MAX_LISTS]:
        try:
            lists.append(x509.load_der_x509_crl(entry.get_object().read_data(DecodePurpose.CRL)))
        except (ValueError, PdfError, KeyError, TypeError):
            continue
    return tuple(lists)
