"""What a letter's two JSON files say, checked against each other, the PDF around them and the certificate.

Only the formats of this system are judged; a PDF without them is simply a sealed PDF.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from signing.canonical import canonical
from signing.errors import NotCanonical
from signing.verify.report import Findings

MAX_JSON_BYTES = 8 * 1024 * 1024
LETTER, DISPATCH = "letter.json", "dispatch.json"
LETTER_FORMAT, DISPATCH_FORMAT = "karpusheh/letter/1", "karpusheh/dispatch/1"
_ENVIRONMENTS = ("development", "production")


def check_letter(findings: Findings, files: Mapping[str, bytes], sealed_by: x509.Certificate | None) -> bool:
    """Check the JSON files among `files`, and that the agency in them sealed. True if there are none."""
    if LETTER not in files and DISPATCH not in files:
        return True
    if LETTER not in files or DISPATCH not in files:
        return findings.failed("letter.incomplete")
    letter, dispatch = read_canonical(files[LETTER]), read_canonical(files[DISPATCH])
    if letter is None or dispatch is None:
        is_json = None not in (read_object(files[LETTER]), read_object(files[DISPATCH]))
        return findings.failed("letter.canonical" if is_json else "letter.format")
    formats = (letter.get("format"), dispatch.get("format"))
    if formats != (LETTER_FORMAT, DISPATCH_FORMAT) or not isinstance(letter.get("id"), str):
        return findings.failed("letter.format")
    digest = hashlib.sha256(files[LETTER]).hexdigest()
    same = (dispatch.get("letter_sha256"), dispatch.get("letter")) == (digest, letter.get("id"))
    environments = [one.get("environment") for one in (letter, dispatch)]
    if environments[0] not in _ENVIRONMENTS or environments[0] != environments[1]:
        return findings.failed("letter.environment", str(environments))
    if "development" in environments:
        findings.noted("letter.development")
    named = sealed_by is None or _check_agency(findings, letter, sealed_by)
    return findings.require(same, "letter.hash") and named


def check_signatory(findings: Findings, letter_json: bytes, certificate: x509.Certificate) -> bool:
    """Check that a signatory of the letter signed it; of a letter that names none, that its agency did.

    Personal certificates carry the signatory's id as serial number of the subject (X.520).
    """
    letter = read_object(letter_json) or {}
    signatories = letter.get("signatories")
    people = [one for one in signatories if isinstance(one, dict)] if isinstance(signatories, list) else []
    ids = {str(one["id"]) for one in people if "id" in one}
    named = {str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)}
    # An agency's seal is a machine's; where people are named, it cannot stand for them.
    holds = bool(ids & named) if people else _organisations(certificate) == [_organisation_of(letter)]
    return findings.require(holds, "letter.signatory", ", ".join(named))


def read_object(data: bytes) -> dict[str, Any] | None:
    """The JSON object in `data`; None when it is none, or names a key twice, which readers resolve differently."""
    if len(data) > MAX_JSON_BYTES:
        return None
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_canonical(data: bytes) -> dict[str, Any] | None:
    """The object in `data`; None unless these are its RFC 8785 bytes, which no two readers take for different values."""
    value = read_object(data)
    try:
        return value if value is not None and canonical(value) == data else None
    except (NotCanonical, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _check_agency(findings: Findings, letter: Mapping[str, Any], certificate: x509.Certificate) -> bool:
    found = _organisations(certificate)
    return findings.require(found == [_organisation_of(letter)], "letter.agency", ", ".join(found))


def _organisation_of(letter: Mapping[str, Any]) -> str:
    """The agency as ETSI EN 319 412-1 §5.1.4 names it in certificates: NTRIR-<national id>."""
    agency = letter.get("agency")
    number = agency.get("national_id") if isinstance(agency, dict) else None
    # An empty name is nobody's: it must not fit a certificate that has none.
    return f"NTRIR-{number}" if isinstance(number, str) else ""


def _organisations(certificate: x509.Certificate) -> list[str]:
    return [str(one.value) for one in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)]
