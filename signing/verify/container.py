"""A proof: an ASiC-E container (ETSI EN 319 162-1) of a letter, its seal, and the evidence of its delivery.

Stricter than the standard: one manifest under one signature, and every file in the container named by it. A manifest
that covers only some files lets the others pass for signed (ETSI leaves that to a warning).
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError  # only the types; parsing is defusedxml's

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from signing.verify.archive import read_archive
from signing.verify.certificates import Policy
from signing.verify.cms import digest_of
from signing.verify.evidence import FILES as EVIDENCE_FILES
from signing.verify.evidence import check_evidence
from signing.verify.letters import DISPATCH, LETTER, check_letter, check_signatory
from signing.verify.pdf import verify_pdf
from signing.verify.report import Findings
from signing.verify.runs import RUN, RUN_SIGNATURE, check_run, is_of_run
from signing.verify.seals import Seal, verify_seal
from signing.verify.signers import Surroundings

MANIFEST, SIGNATURE = "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"
LETTER_SIGNATURE, PDF = "letter.json.p7s", "letter.pdf"

_ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


def verify_container(findings: Findings, data: bytes, policy: Policy) -> None:
    """Check the container, and what is in it as far as it is a proof of this system."""
    files = read_archive(findings, data)
    if files is None:
        return
    if MANIFEST not in files or SIGNATURE not in files:
        findings.failed("container.unsigned")
        return
    manifest, signature = files.pop(MANIFEST), files.pop(SIGNATURE)
    outer = findings.within(SIGNATURE)
    seal = verify_seal(outer, signature, digest_of(manifest), policy, Surroundings(policy.at))
    findings.signer, findings.signed_at, findings.time_is_proven = outer.signer, outer.signed_at, outer.time_is_proven
    if seal is None or not _check_manifest(findings, manifest, files):
        return
    if {LETTER, LETTER_SIGNATURE, DISPATCH, PDF, RUN, RUN_SIGNATURE, *EVIDENCE_FILES} & files.keys():
        _check_proof(findings, files, seal, policy)


def _check_manifest(findings: Findings, manifest: bytes, files: Mapping[str, bytes]) -> bool:
    """Every file in the manifest is there with this hash, and every file that is there is in the manifest."""
    try:
        root = fromstring(manifest, forbid_dtd=True)
        references = [_reference(element) for element in root if element.tag == f"{_ASIC}DataObjectReference"]
        targets = [element.get("URI") for element in root if element.tag == f"{_ASIC}SigReference"]
    except (ParseError, DefusedXmlException, ValueError, binascii.Error) as error:
        return findings.failed("container.manifest", str(error))
    names = [name for name, _, _ in references]
    known = {f"{_ASIC}DataObjectReference", f"{_ASIC}SigReference"}
    if root.tag != f"{_ASIC}ASiCManifest" or len(set(names)) != len(names) or {one.tag for one in root} - known:
        return findings.failed("container.manifest")
    if targets != [SIGNATURE]:
        return findings.failed("container.manifest-target", str(targets))
    missing, unsigned = set(names) - files.keys(), files.keys() - set(names)
    if missing:
        return findings.failed("container.missing", ", ".join(sorted(missing)))
    if unsigned:
        return findings.failed("container.unsigned-file", ", ".join(sorted(unsigned)))
    for name, algorithm, digest in references:
        if hashlib.new(algorithm, files[name]).digest() != digest:
            return findings.failed("container.digest", name)
    return findings.passed("container.manifest")


def _reference(element: Element) -> tuple[str, str, bytes]:
    method, value = element.find(f"{_DS}DigestMethod"), element.find(f"{_DS}DigestValue")
    algorithm = _DIGESTS.get(method.get("Algorithm", "")) if method is not None else None
    name = unquote(element.get("URI", ""), errors="strict")
    if algorithm is None or value is None or not name or len(element) != 2:
        raise ValueError(f"no hash for {name}")
    return name, algorithm, base64.b64decode((value.text or "").strip(), validate=True)


def _check_proof(findings: Findings, files: Mapping[str, bytes], outer: Seal, policy: Policy) -> None:
    missing = {LETTER, LETTER_SIGNATURE, DISPATCH, PDF, *EVIDENCE_FILES} - files.keys()
    of_run = LETTER in files and is_of_run(files)
    missing |= {RUN, RUN_SIGNATURE} - files.keys() if of_run else set()
    if missing:
        findings.failed("proof.incomplete", ", ".join(sorted(missing)))
        return
    if not of_run and {RUN, RUN_SIGNATURE} & files.keys():
        findings.failed("proof.foreign-run")
        return
    # The platform's time-stamp covers every part, and so proves that each existed by then.
    policy = replace(policy, proven_until=outer.time if outer.time_is_proven else policy.at)
    personal, around = findings.within(LETTER_SIGNATURE), Surroundings(policy.horizon)
    signature = verify_seal(personal, files[LETTER_SIGNATURE], digest_of(files[LETTER]), policy, around)
    if signature is not None:
        check_signatory(personal, files[LETTER], signature.certificate)
    if of_run:
        check_run(findings, files, signature, policy)
    pdf = findings.within(PDF)
    sealed = verify_pdf(pdf, files[PDF], policy)
    if sealed is not None:
        same = all(sealed.files.get(name) == files[name] for name in (LETTER, DISPATCH))
        pdf.require(same, "letter.embedded")
    by = sealed.seal.certificate if sealed is not None else None
    check_letter(findings.within(LETTER), files, by)
    check_evidence(findings, files, outer, policy)
