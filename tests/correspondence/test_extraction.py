"""Text of attached files for search: in the order it is read, bound in time and size, and never in the letter's way."""

import io
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pypdf import PdfWriter

from correspondence.confined.process import Answer, run_confined
from correspondence.extraction import DOCX, PDF, TXT, XLSX, Extracted, extract_text

ROOT = Path(__file__).parents[2]
JOURNEY = ROOT / "examples" / "journey" / "attachments"


def _docx(*paragraphs: str) -> bytes:
    document, out = docx.Document(), io.BytesIO()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.sections[0].header.paragraphs[0].text = "سربرگ"
    document.save(out)
    return out.getvalue()


def test_persian_pdf_is_read_in_its_order() -> None:
    found = extract_text((JOURNEY / "راهنمای پرداخت.pdf").read_bytes(), PDF)
    assert found.reason is None
    text = " ".join(found.text.split())
    assert "این راهنما پیوست برگ اعلام بدهی مالیات سال ۱۴۰۴ است" in text
    assert "شناسهٔ قبض و شناسهٔ پرداخت همین نامه پذیرفته می\u200cشود" in text
    assert "در دفتر زرنگارستان، طبقهٔ دوم" in text


def test_word_file_is_read_with_its_tables_and_headers() -> None:
    found = extract_text((JOURNEY / "فرم درخواست تقسیط.docx").read_bytes(), DOCX)
    assert "پیشخوان کاژیرآباد" in found.text
    assert "شناسهٔ قبض" in found.text
    assert extract_text(_docx("آیین\u200cنامه"), DOCX).text.split() == ["آیین\u200cنامه", "سربرگ"]


def test_workbook_is_read_sheet_by_sheet() -> None:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["شرح", 12, 1.5, None])  # type: ignore[union-attr]
    book.create_sheet("برگ دو").append(["واژهٔ نایاب"])
    book.save(out)
    text = extract_text(out.getvalue(), XLSX).text
    assert "شرح 12 1.5" in text
    assert "برگ دو\nواژهٔ نایاب" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1256"])
def test_plain_text_is_read(encoding: str) -> None:
    assert extract_text("سلام دنيا\n".encode(encoding), TXT) == Extracted("سلام دنيا\n", None)


def test_presentation_forms_become_letters() -> None:
    assert extract_text("ﺳﻼﻡ".encode(), TXT).text == "سلام"


def _locked() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(10, 10)
    writer.encrypt("secret")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type", "reason"),
    [
        (b"", PDF, "damaged"),
        (b"%PDF-1.7 nothing", PDF, "damaged"),
        (_locked(), PDF, "encrypted"),
        (b"PK\x03\x04nothing", DOCX, "damaged"),
        (b"nothing", XLSX, "damaged"),
        (b"\xff\x01\x00", TXT, "damaged"),
        (b"", TXT, "no-text"),
        (b"\x89PNG", "image/png", "no-text"),
        (b"x", "application/x-unknown", "no-text"),
    ],
)
def test_what_cannot_be_read_is_empty_with_its_reason(data: bytes, media_type: str, reason: str) -> None:
    assert extract_text(data, media_type) == Extracted("", reason)


def test_text_is_cut_at_a_million() -> None:
    chance = random.Random(1405)
    words = ["".join(chance.choices("ابپتثجچحخدذرزس", k=5)) for _ in range(200_000)]
    found = extract_text(_docx(" ".join(words)), DOCX)
    assert found.reason == "cut"
    assert len(found.text) == 1_000_000


def test_a_word_file_that_swells_is_not_read() -> None:
    out = io.BytesIO(_docx("متن"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/header9.xml", b"<x>" + b"a" * 150_000_000 + b"</x>")
    assert extract_text(out.getvalue(), DOCX) == Extracted("", "swollen")


def test_the_process_ends_at_its_time() -> None:
    start = time.monotonic()
    assert run_confined("pdf", "inspect", _locked(), seconds=0) == Answer("", "timeout")
    assert time.monotonic() - start < 5


def test_the_process_has_bounds_and_no_secrets() -> None:
    probe = (
        "import os, resource, sys; sys.argv[1:] = ['probe', '5']\n"
        "from correspondence.confined.process import Answer, serve\n"
        "bounds = [resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE]\n"
        "serve(probe=lambda data: Answer(str([resource.getrlimit(kind)[0] for kind in bounds]), None))\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], input=b"", capture_output=True, check=True, cwd=ROOT)
    assert b"[805306368, 5, 0]" in done.stdout


def test_an_unknown_task_is_damage_not_an_exception() -> None:
    assert run_confined("pdf", "no-such-task", b"") == Answer("", "damaged")


@pytest.mark.parametrize("module", ["pdf", "office", "sheets", "pictures"])
def test_confined_modules_know_no_django(module: str) -> None:
    probe = f"import sys, correspondence.confined.{module}; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout == b"False\n"


@settings(max_examples=15, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([PDF, DOCX, TXT]))
def test_any_bytes_have_a_text_or_a_reason(data: bytes, media_type: str) -> None:
    head = {PDF: b"%PDF-1.7\n", DOCX: b"PK\x03\x04"}.get(media_type, b"")
    found = extract_text(head + data, media_type)
    assert found.text or found.reason
