"""Seals in PDF: foreign readers trust them, the letter's own bytes stay, and no second seal goes on top."""

import hashlib
import re
import warnings
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, append_signature_field
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from signing.backends.local import LocalTimestamps
from signing.cms import CadesSigner
from signing.errors import SigningError
from signing.pdf import seal_pdf
from tests.signing.foreign import run

AT = datetime(2026, 11, 22, 8, 30, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def sealed(typeset_pdf: bytes, signer: CadesSigner, timestamps: LocalTimestamps) -> bytes:
    return seal(typeset_pdf, signer, timestamps)


def seal(pdf: bytes, signer: CadesSigner, timestamps: LocalTimestamps) -> bytes:
    return seal_pdf(pdf, signer, timestamp=timestamps.timestamp, at=AT, reason="صدور نامه", name="سازمان ثبت نمونه")


def pdfsig(pdf: bytes, root: Path, folder: Path) -> str:
    """What poppler says of the signatures when the root is trusted."""
    (folder / "letter.pdf").write_bytes(pdf)
    (folder / "nss").mkdir()
    run("certutil", "-N", "-d", "sql:nss", "--empty-password", cwd=folder)
    run("certutil", "-A", "-d", "sql:nss", "-n", "root", "-t", "CT,C,C", "-a", "-i", root, cwd=folder)
    return run("pdfsig", "-nssdir", "sql:nss", "letter.pdf", cwd=folder).stdout


@pytest.mark.foreign
def test_pdfsig_finds_the_seal_valid_trusted_and_whole(sealed: bytes, pki_folder: Path, tmp_path: Path) -> None:
    said = pdfsig(sealed, pki_folder / "root.pem", tmp_path)
    for line in (
        "Signature Type: ETSI.CAdES.detached",
        "Total document signed",
        "Signature Validation: Signature is Valid.",
        "Certificate Validation: Certificate is Trusted.",
    ):
        assert line in said


@pytest.mark.foreign
def test_pdfsig_sees_one_changed_byte(sealed: bytes, pki_folder: Path, tmp_path: Path) -> None:
    changed = bytearray(sealed)
    changed[200] ^= 1
    assert "Digest Mismatch" in pdfsig(bytes(changed), pki_folder / "root.pem", tmp_path)


@pytest.mark.foreign
def test_pyhanko_trusts_the_seal_its_time_and_that_nothing_may_change(sealed: bytes, pki_folder: Path) -> None:
    root = asn1_x509.Certificate.load(pem.unarmor((pki_folder / "root.pem").read_bytes())[2])
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    with warnings.catch_warnings():
        # pyHanko reads names through a call that its own dependency has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ValidationContext(trust_roots=[root])
        status = validate_pdf_signature(signature, context, ts_validation_context=context)
    assert status.bottom_line and status.docmdp_ok and status.intact and status.trusted
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert status.timestamp_validity is not None and status.timestamp_validity.trusted
    assert abs((status.timestamp_validity.timestamp - datetime.now(UTC)).total_seconds()) < 60


def test_the_seal_is_an_update_behind_the_untouched_letter(sealed: bytes, typeset_pdf: bytes) -> None:
    assert sealed.startswith(typeset_pdf)
    reader = PdfReader(BytesIO(sealed))
    assert reader.attachments["letter.json"] == [b"{}"]
    assert "1404/12" in reader.pages[0].extract_text()
    assert reader.metadata == PdfReader(BytesIO(typeset_pdf)).metadata
    assert b"ModDate" not in sealed[len(typeset_pdf) :]


def test_the_update_keeps_the_rules_of_pdf_a_and_of_pdf_ua(sealed: bytes, typeset_pdf: bytes) -> None:
    """Every object begins on its own line (ISO 19005-3 §6.1.9); a page with a field has an order (ISO 14289-1 §7.18.3)."""
    begins = [match.start() for match in re.finditer(rb"\d+ 0 obj\b", sealed)]
    assert begins and all(sealed[start - 1 : start] in {b"\n", b"\r"} for start in begins)
    assert str(PdfReader(BytesIO(sealed)).pages[0]["/Tabs"]) == "/S"
    assert "/Tabs" not in PdfReader(BytesIO(typeset_pdf)).pages[0]


def test_time_is_in_the_dictionary_and_not_in_the_signature(sealed: bytes) -> None:
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    assert signature.sig_object["/M"] == "D:20261122083015Z"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_field["/Rect"] == [0, 0, 0, 0]
    (info,) = cms.ContentInfo.load(signature.pkcs7_content)["content"]["signer_infos"]
    kinds = {attribute["type"].native for attribute in info["signed_attrs"]}
    assert "signing_time" not in kinds and "message_digest" in kinds


def test_the_digest_covers_all_but_the_signature(sealed: bytes) -> None:
    (signature,) = PdfFileReader(BytesIO(sealed)).embedded_signatures
    start, length, resume, rest = signature.byte_range
    assert (start, resume + rest) == (0, len(sealed))
    assert sealed[length : length + 1] == b"<" and sealed[resume - 1 : resume] == b">"
    (info,) = cms.ContentInfo.load(signature.pkcs7_content)["content"]["signer_infos"]
    (digest,) = (item["values"][0].native for item in info["signed_attrs"] if item["type"].native == "message_digest")
    assert digest == hashlib.sha256(sealed[:length] + sealed[resume:]).digest()


def test_a_sealed_pdf_is_not_sealed_again(sealed: bytes, signer: CadesSigner, timestamps: LocalTimestamps) -> None:
    with pytest.raises(SigningError) as caught:
        seal(sealed, signer, timestamps)
    assert caught.value.code == "signing.pdf-foreign"


def test_a_pdf_with_a_form_or_an_update_is_foreign(
    typeset_pdf: bytes, signer: CadesSigner, timestamps: LocalTimestamps
) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(typeset_pdf))
    append_signature_field(writer, SigFieldSpec("Other"))
    output = BytesIO()
    writer.write(output)
    with pytest.raises(SigningError) as caught:
        seal(output.getvalue(), signer, timestamps)
    assert caught.value.code == "signing.pdf-foreign"


@pytest.mark.parametrize("cut", [0, 100, -200])
def test_a_broken_pdf_is_refused(
    typeset_pdf: bytes, signer: CadesSigner, timestamps: LocalTimestamps, cut: int
) -> None:
    with pytest.raises(SigningError) as caught:
        seal(typeset_pdf[:cut], signer, timestamps)
    assert caught.value.code == "signing.pdf-unreadable"
