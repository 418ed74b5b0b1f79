"""Forged PDFs: each is refused, and for its own reason."""

import random
from collections.abc import Callable
from functools import partial

import pytest

from signing.verify import Verdict
from tests.signing.verify import pdf_attacks as attack
from tests.signing.verify.conftest import Foreign, Typeset
from tests.signing.verify.foreign_pki import Wish, certify
from tests.signing.verify.sealing import How, seal_pdf

Forge = Callable[[bytes], bytes]
# Name in the list, the file's two names, its two contents.
ATTACHED = ("letter.json", "letter.json", "letter.json", b"{}", b"{}")


def _with_a_letter_and_a_note(pdf: bytes) -> bytes:
    return attack.attach_in_note(attack.attach_letters(pdf, entries=[ATTACHED]), "letter.json", b"{ }")


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (lambda pdf: attack.flip_byte(pdf, attack.sealed_text_position(pdf)), "seal.digest"),
        (lambda pdf: pdf[: len(pdf) // 2], "pdf.truncated"),
        (lambda pdf: pdf[:-7], "pdf.truncated"),
        (lambda pdf: pdf + b"one more word", "pdf.trailing-bytes"),
        (lambda pdf: pdf + b"\n\n", "pdf.trailing-bytes"),
        (attack.append_empty_revision, "pdf.trailing-bytes"),
        (attack.replace_page, "pdf.page-changed"),
        (attack.overwrite_page_content, "pdf.page-changed"),
        (attack.cover_with_annotation, "pdf.annotation-added"),
        (attack.attach_file, "pdf.attachment-added"),
        (attack.rename_document, "pdf.metadata-changed"),
        (attack.add_orphan, "pdf.changed-after-seal"),
        (partial(attack.widen_gap, by=40), "pdf.byte-range"),
        (partial(attack.shorten_range, by=40), "pdf.byte-range"),
        (attack.smuggle_into_gap, "pdf.contents"),
        (partial(attack.replace_contents, filling=b"0"), "pdf.contents"),
        (partial(attack.replace_contents, filling=b"5a"), "pdf.contents"),
        (partial(attack.replace_contents, filling=b"xy"), "file.readable"),
        (attack.one_hex_letter_in_the_other_case, "pdf.contents"),
        (lambda pdf: attack.flip_byte(pdf, attack.end_of_padding(pdf)), "pdf.contents"),
    ],
)
def test_changes_after_the_seal(foreign: Foreign, sealed_pdf: bytes, forge: Forge, reason: str) -> None:
    forged = forge(sealed_pdf)
    assert forged != sealed_pdf
    report = foreign.judge(forged)
    assert report.verdict is Verdict.INVALID
    assert report.failures[0] == reason, report.checks


def test_signature_of_another_document(foreign: Foreign, sealed_pdf: bytes, typeset: Typeset) -> None:
    donor = seal_pdf(typeset("The amount is 9,000,000 rials."), foreign.seal, foreign.tsa)
    assert foreign.judge(attack.transplant(sealed_pdf, donor)).failures == ("seal.digest",)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (attack.with_layer, "pdf.optional-content"),
        (partial(attack.with_action, kind="/JavaScript"), "pdf.active-content"),
        (partial(attack.with_action, kind="/Launch"), "pdf.active-content"),
        (attack.with_form_field, "pdf.form-fields"),
        (attack.with_external_stream, "pdf.external-content"),
        (attack.with_hidden_signature, "pdf.one-seal"),
        (attack.with_xfa, "pdf.active-content"),
        (partial(attack.attach_letters, entries=[ATTACHED, ATTACHED]), "pdf.attachments"),
        (partial(attack.attach_letters, entries=[("annex.txt", *ATTACHED[1:])]), "pdf.attachments"),
        (partial(attack.attach_letters, entries=[("letter.json", "annex.txt", *ATTACHED[2:])]), "pdf.attachments"),
        (partial(attack.attach_letters, entries=[(*ATTACHED[:2], "LETTER.JSON", b"{}", b"{}")]), "pdf.attachments"),
        (partial(attack.attach_letters, entries=[(*ATTACHED[:4], b"{} ")]), "pdf.attachments"),
        (_with_a_letter_and_a_note, "pdf.attachments"),
    ],
)
def test_deceptions_prepared_before_the_seal(foreign: Foreign, base_pdf: bytes, prepare: Forge, reason: str) -> None:
    report = foreign.judge(seal_pdf(prepare(base_pdf), foreign.seal, foreign.tsa))
    assert report.failures[0] == reason, report.checks


def test_second_signature_of_another_agency(foreign: Foreign, base_pdf: bytes) -> None:
    other = certify(Wish("Other agency"), foreign.issuing)
    first = seal_pdf(base_pdf, foreign.seal, foreign.tsa, How(certify=False))
    second = seal_pdf(first, other, foreign.tsa, How(certify=False, field="Second"))
    assert foreign.judge(first).verdict is Verdict.VALID
    assert foreign.judge(second).failures == ("pdf.one-seal",)


def test_pdf_without_a_seal(foreign: Foreign, base_pdf: bytes) -> None:
    assert foreign.judge(base_pdf).failures == ("pdf.unsealed",)


def test_no_single_byte_can_be_changed(foreign: Foreign, sealed_pdf: bytes) -> None:
    start, end = attack.gap(sealed_pdf)
    used = start + len(sealed_pdf[start:end].rstrip(b"0>"))
    chance = random.Random(20260922)
    everywhere = chance.sample(range(len(sealed_pdf)), 40)
    in_signature = chance.sample(range(start, used), 80)
    accepted = [
        position
        for position in everywhere + in_signature
        if foreign.judge(attack.flip_byte(sealed_pdf, position)).verdict is not Verdict.INVALID
    ]
    assert accepted == []


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-", b"%PDF-1.7\n%%EOF", b"0\x80", b"PK\x03\x04", b"hello", b"\x30\x03\x02\x01\x01"]
)
def test_garbage_is_a_refusal_not_a_crash(foreign: Foreign, data: bytes) -> None:
    report = foreign.judge(data, content=b"")
    assert report.verdict is Verdict.INVALID and report.failures


def test_deeply_nested_objects_are_a_refusal(foreign: Foreign) -> None:
    bomb = b"%PDF-1.7\n1 0 obj\n" + b"[" * 100_000 + b"\nendobj\nstartxref\n9\n%%EOF\n"
    assert foreign.judge(bomb).verdict is Verdict.INVALID


@pytest.mark.parametrize("root", [b"/Pages 2 0 R", b"/Pages 2 0 R/AcroForm<</Fields[2 0 R]>>"])
@pytest.mark.parametrize("loop", [True, False])
def test_structures_that_turn_in_circles_end(foreign: Foreign, root: bytes, *, loop: bool) -> None:
    first = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog" + root + b">>\nendobj\n"
    body = first + b"2 0 obj\n<</Type/Pages/T(a)/Kids[2 0 R 2 0 R]/Count 1>>\nendobj\n"
    table = b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n%010d 00000 n \n" % len(first)
    previous = b"/Prev %d" % len(body) if loop else b""
    trailer = b"trailer\n<</Size 3/Root 1 0 R" + previous + b">>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    assert foreign.judge(body + table + trailer).failures[0] in {"file.readable", "pdf.unsealed"}
