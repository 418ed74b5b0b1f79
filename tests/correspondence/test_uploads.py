"""Attached files: what is allowed comes through unchanged, everything else is refused by name before it is kept."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.parse import unquote

import docx
import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from correspondence.extraction import DOCX, PDF, TXT, XLSX
from correspondence.uploads import Upload, UploadRefused, clean_name, content_disposition, inspect_upload

EXAMPLES = Path(__file__).parents[2] / "examples"
ZIP_LINK = 0o120777 << 16


def _inspect(data: bytes, name: str) -> Upload:
    return inspect_upload(io.BytesIO(data), name, "application/octet-stream")


def _refusal(data: bytes, name: str) -> str:
    with pytest.raises(UploadRefused) as refusal:
        _inspect(data, name)
    assert refusal.value.field == "attachment"
    assert clean_name(name) in str(refusal.value)
    return refusal.value.code.removeprefix("upload.")


def _pdf(change: Callable[[PdfWriter], object] = lambda writer: None) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    change(writer)
    writer.write(out)
    return out.getvalue()


def _picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("1" if kind == "TIFF" else "RGB", size).save(out, kind)
    return out.getvalue()


def _docx() -> bytes:
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph("متن")
    document.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def _with_part(data: bytes, name: str, content: bytes, *, attributes: int = 0) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = attributes
        archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "name", "media_type"),
    [
        (_pdf, "a.pdf", PDF),
        (lambda: _picture("PNG"), "a.PNG", "image/png"),
        (lambda: _picture("JPEG"), "a.jpeg", "image/jpeg"),
        (lambda: _picture("TIFF"), "a.tif", "image/tiff"),
        (_docx, "a.docx", DOCX),
        (_xlsx, "a.xlsx", XLSX),
        (lambda: "سلام\n".encode(), "a.txt", TXT),
        (lambda: "سلام\n".encode("utf-16"), "a.txt", TXT),
        (lambda: "سلام\r\n".encode("cp1256"), "a.txt", TXT),
    ],
)
def test_allowed_files_come_through(make: Callable[[], bytes], name: str, media_type: str) -> None:
    data = make()
    upload = _inspect(data, name)
    assert upload == Upload(name, media_type, len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/attachments/*")), ids=lambda path: path.name)
def test_the_examples_are_allowed_under_their_own_names(path: Path) -> None:
    assert _inspect(path.read_bytes(), path.name).name == path.name


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.pdf", "empty"),
        (b"MZ\x90", "مدارک.exe", "program"),
        (b"MZ\x90", "مدارک.pdf", "program"),
        (b"#!/bin/sh\n", "a.txt", "program"),
        (b"\x7fELF", "a.png", "program"),
        (b"x", "ابلاغیه\u202efdp.exe", "program"),
        (b"x", "a.pdf.exe ", "program"),
        (b"x", "a.pdf.exe.", "program"),
        (b"x", "a.docm", "macros"),
        (b"PK\x03\x04", "a.zip", "archive"),
        (b"x", "a.rar", "archive"),
        (b"<svg/>", "a.svg", "web-page"),
        (b"<html>", "a.html", "web-page"),
        (b"\xd0\xcf\x11\xe0", "a.doc", "old-office"),
        (b"{\\rtf", "a.rtf", "old-office"),
        (b"x", "a.mp4", "type"),
        (b"x", "pdf", "type"),
        (b"x", ".pdf", "disguised"),
        (b"x", ".exe", "program"),
        (b"x", "", "type"),
        (b"PK\x03\x04", "a.pdf", "disguised"),
        (b"%PDF-1.7", "a.png", "disguised"),
        (b"\n%PDF-1.7", "a.pdf", "disguised"),
        (b"GIF89a", "a.jpg", "disguised"),
        (b"<html><script>alert(1)</script>", "a.txt", "disguised"),
        (b" \n<!DOCTYPE html>", "a.txt", "disguised"),
        (b"%PDF-1.7 text", "a.txt", "disguised"),
        (b"\x01\x00\x00\x02\x00\x00\x03", "a.txt", "disguised"),
        (b"%PDF-1.7\nnothing", "a.pdf", "damaged"),
        (b"PK\x03\x04nothing", "a.docx", "damaged"),
        (b"\x89PNG\r\n\x1a\nnothing", "a.png", "damaged"),
        (b"\xff\xd8\xffnothing", "a.jpg", "damaged"),
        (b"II*\x00nothing", "a.tif", "damaged"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "a.docx", "encrypted"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(data: bytes, name: str, reason: str) -> None:
    assert _refusal(data, name) == reason


def test_messages_isolate_the_name_and_say_what_to_do() -> None:
    with pytest.raises(UploadRefused) as refusal:
        _inspect(b"x", "مدارک.exe")
    assert "\u2068مدارک.exe\u2069" in str(refusal.value)
    assert "PDF" in str(refusal.value)


def test_a_file_above_the_bound_is_read_no_further() -> None:
    stream = io.BytesIO(b"%PDF-" + bytes(5 * 1024 * 1024))
    with override_settings(MAX_ATTACHMENT_BYTES=1024 * 1024), pytest.raises(UploadRefused) as refusal:
        inspect_upload(stream, "a.pdf", "application/pdf")
    assert refusal.value.code == "upload.too-large"
    assert stream.tell() < 2 * 1024 * 1024


def _action(kind: str) -> Callable[[PdfWriter], None]:
    def change(writer: PdfWriter) -> None:
        action = DictionaryObject({NameObject("/S"): NameObject(kind), NameObject("/F"): TextStringObject("calc")})
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_action("/JavaScript"), "active"),
        (_action("/Launch"), "active"),
        (_action("/SubmitForm"), "active"),
        (_action("/GoToR"), "active"),
        (lambda w: w.add_attachment("مدرک.exe", b"x"), "embedded"),
        (lambda w: w.add_attachment("a.txt", b"MZ\x90\x00"), "embedded"),
        (lambda w: w.add_attachment("a.bin.zip", b"x"), "embedded"),
        (lambda w: w.encrypt("secret"), "encrypted"),
        (lambda w: w.encrypt("", "owner"), "encrypted"),
    ],
)
def test_pdfs_that_act_hide_or_are_locked(change: Callable[[PdfWriter], object], reason: str) -> None:
    assert _refusal(_pdf(change), "a.pdf") == reason


def test_a_pdf_may_carry_its_own_data() -> None:
    assert _inspect(_pdf(lambda w: w.add_attachment("letter.json", b"{}")), "a.pdf").media_type == PDF


def test_actions_in_compressed_objects_are_found() -> None:
    data = _pdf(_action("/Launch")).replace(b"/Launch", b"/La#75nch")
    assert b"/Launch" not in data
    assert _refusal(data, "a.pdf") == "active"


def test_a_pdf_cut_short_is_refused_or_read_whole() -> None:
    data = _pdf()
    for end in range(0, len(data) - 40, 37):
        try:
            _inspect(data[: max(end, 9)], "a.pdf")
        except UploadRefused as refusal:
            assert refusal.code in {"upload.damaged", "upload.active"}
        else:
            assert len(PdfReader(io.BytesIO(data[:end])).pages) == 1
        if end > 200:
            break


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("word/vbaProject.bin", b"x", "macros"),
        ("word/activeX/activeX1.bin", b"x", "macros"),
        ("word/embeddings/oleObject1.bin", b"\xd0\xcf\x11\xe0", "embedded"),
        ("word/embeddings/a.exe", b"MZ", "embedded"),
        ("word/_rels/x.xml.rels", b'<a><R TargetMode="External" Type="x/oleObject" Target="file://x"/></a>', "outside-links"),
        ("word/_rels/x.xml.rels", b'<R Type="x/attachedTemplate" Target="http://x" TargetMode="External"/>', "outside-links"),
        ("word/x.xml", b"<w:instrText>DDEAUTO c:\\cmd.exe</w:instrText>", "outside-links"),
        ("word/x.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "damaged"),
        ("word/x.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16"), "damaged"),
        ("../../etc/passwd", b"x", "damaged"),
        ("/etc/passwd", b"x", "damaged"),
        ("word\\..\\x.txt", b"x", "damaged"),
        ("C:/x.txt", b"x", "damaged"),
        ("WORD/document.xml", b"<x/>", "damaged"),
        ("word/media/zeros.png", bytes(30_000_000), "swollen"),
    ],
)  # fmt: skip
def test_office_files_that_act_hide_or_swell(name: str, content: bytes, reason: str) -> None:
    assert _refusal(_with_part(_docx(), name, content), "a.docx") == reason


def test_links_to_pages_are_allowed() -> None:
    part = b'<a><R Type="http://x/hyperlink" Target="http://x" TargetMode="External"/></a>'
    assert _inspect(_with_part(_docx(), "word/_rels/x.xml.rels", part), "a.docx").media_type == DOCX


def test_a_chart_may_keep_its_workbook_and_no_more() -> None:
    good = _with_part(_docx(), "word/embeddings/numbers.xlsx", _xlsx())
    assert _inspect(good, "a.docx").media_type == DOCX
    nested = _with_part(_xlsx(), "xl/embeddings/deeper.xlsx", _xlsx())
    assert _refusal(_with_part(_docx(), "word/embeddings/numbers.xlsx", nested), "a.docx") == "embedded"


def test_links_and_the_wrong_office_kind_are_refused() -> None:
    assert _refusal(_with_part(_docx(), "word/link", b"/etc/passwd", attributes=ZIP_LINK), "a.docx") == "damaged"
    assert _refusal(_docx(), "a.xlsx") == "damaged"


def test_many_parts_and_overlapping_parts_are_refused() -> None:
    out = io.BytesIO(_docx())
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(2_100):
            archive.writestr(f"word/{number}.txt", b"")
    assert _refusal(out.getvalue(), "a.docx") == "swollen"
    assert _refusal(_overlapping(), "a.docx") == "swollen"


def _overlapping() -> bytes:
    """Two entries of the directory for the bytes of one part."""
    data = _with_part(_docx(), "word/kernel.txt", b"a" * 5000)
    end = data.rindex(b"PK\x05\x06")
    count, size, start = struct.unpack_from("<HLL", data, end + 10)
    last = data.rindex(b"PK\x01\x02", start, end)
    entry = data[last:end].replace(b"kernel", b"shadow")
    tail = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, count + 1, count + 1, size + len(entry), start, 0)
    return data[:end] + entry + tail


def test_pictures_of_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))

    head = struct.pack(">LLBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    assert _refusal(data, "a.png") == "too-many-pixels"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_cut_short_is_damaged(kind: str) -> None:
    out = io.BytesIO()
    Image.effect_noise((200, 200), 90).save(out, kind)
    data = out.getvalue()
    assert _refusal(data[: len(data) // 2], f"a.{kind.lower()}") == "damaged"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("گزارش نهایی.pdf", "گزارش نهایی.pdf"),
        ("آیین\u200cنامه.pdf", "آیین\u200cنامه.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\win.ini", "win.ini"),
        ("C:\\Users\\a\\b.pdf", "b.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "a Set-Cookie_ x=1.pdf"),
        ("a\x00b\x1b.pdf", "ab.pdf"),
        ("ابلاغیه\u202efdp.exe", "ابلاغیهfdp.exe"),
        ("\u2067a\u2069\u200f\u061c\u200b\u2060\ufeff.pdf", "a.pdf"),
        ("a..pdf", "a.pdf"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        (".pdf", "file.pdf"),
        ("\u200c.pdf", "file.pdf"),
        ("a\u200c\u200c\u200cb.pdf", "a\u200cb.pdf"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.pdf", "_com1.tar.pdf"),
        ("console.pdf", "console.pdf"),
        ("a<b>c:d|e?f*g\".pdf", "a_b_c_d_e_f_g_.pdf"),
        ("a.pdf . .", "a.pdf"),
        ("\ud800a.pdf", "a.pdf"),
        ("ا\u0653.pdf", "آ.pdf"),
        ("نامه.۱۲", "نامه.۱۲"),
    ],
)  # fmt: skip
def test_names_are_cleaned(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@pytest.mark.parametrize("letter", ["a", "ی", "😀"])
def test_long_names_keep_their_ending(letter: str) -> None:
    shown = clean_name(letter * 300 + ".docx")
    assert shown.endswith(letter + ".docx")
    assert len(shown) <= 120
    assert len(shown.encode()) <= 240


@given(st.text(max_size=200))
def test_any_name_is_shown_and_offered_safely(name: str) -> None:
    shown = clean_name(name)
    assert shown
    assert clean_name(shown) == shown
    assert len(shown) <= 120
    assert not set(shown) & set('/\\\r\n\0<>:"|?*\u202e\u2066\u200f')
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    plain, _separator, extended = header.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")
    assert '"' not in plain
    assert unquote(extended) == shown


def test_browsers_read_the_offered_name() -> None:
    message = Message()
    message["Content-Disposition"] = content_disposition("آیین\u200cنامه (۲).pdf")
    assert message.get_content_disposition() == "attachment"
    assert message.get_filename() == "file.pdf" or message.get_filename() == "آیین\u200cنامه (۲).pdf"
    assert content_disposition("report 2.pdf", inline=True).startswith('inline; filename="report 2.pdf"')
