"""Office Open XML (DOCX, XLSX): the archive is looked through before a part is trusted; DOCX text for search."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from defusedxml.ElementTree import iterparse

from correspondence.confined.endings import OLE_HEAD, ending
from correspondence.confined.process import Answer, ContentRefused, searchable, serve

_MAX_PARTS = 2_000
_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_RATIO = 100
_SMALL_PART = 1024 * 1024
_ROOTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
_EXTERNAL = re.compile(r"<[^<>]*TargetMode\s*=\s*[\"']External[\"'][^<>]*>", re.IGNORECASE)
_DYNAMIC_DATA = re.compile(r"<(?:\w+:)?ddeLink\b|instrText[^<>]*>[^<]*\bDDE(?:AUTO)?\b")
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WORD_TEXTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")


def check_office(kind: str, data: bytes, *, depth: int = 0) -> None:
    """Look through an archive of `kind` (docx, xlsx, pptx): the central directory first, then the parts that can act.

    Raises ContentRefused: swollen, encrypted, macros, embedded, outside-links, damaged.
    """
    if data.startswith(OLE_HEAD):
        # A DOCX or XLSX with a password is an OLE container.
        raise ContentRefused("encrypted")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_directory(archive, len(data))
            if not {"[Content_Types].xml", _ROOTS[kind]} <= set(archive.namelist()):
                raise ContentRefused("damaged")
            for part in archive.infolist():
                _check_part(archive, part, depth)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error) as error:
        raise ContentRefused("damaged") from error


def _check_directory(archive: zipfile.ZipFile, size: int) -> None:
    parts = archive.infolist()
    total = sum(part.file_size for part in parts)
    swollen = any(p.file_size > _SMALL_PART and p.file_size > _MAX_RATIO * max(p.compress_size, 1) for p in parts)
    if len(parts) > _MAX_PARTS or total > _MAX_UNPACKED or total > _MAX_RATIO * size or swollen or _overlap(archive):
        raise ContentRefused("swollen")
    if any(part.flag_bits & 0x1 for part in parts):
        raise ContentRefused("encrypted")
    names = [part.filename for part in parts]
    is_link = [part.external_attr >> 28 == 0o12 for part in parts]  # Unix mode 0o120000
    if any(is_link) or len(set(map(str.casefold, names))) != len(names) or not all(map(_is_plain_name, names)):
        raise ContentRefused("damaged")


def _overlap(archive: zipfile.ZipFile) -> bool:
    """Whether parts share bytes, and so unpack to far more than the archive holds."""
    end = 0
    for part in sorted(archive.infolist(), key=lambda part: part.header_offset):
        if part.header_offset < end:
            return True
        end = part.header_offset + 30 + part.compress_size
    return end > archive.start_dir


def _is_plain_name(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, depth: int) -> None:
    name = part.filename.lower()
    if name.endswith("vbaproject.bin") or "/activex/" in name or "/macrosheets/" in name:
        raise ContentRefused("macros")
    if name.endswith((".xml", ".rels", ".vml")):
        _check_markup(archive.read(part))
    elif "/embeddings/" in name and not part.is_dir():
        # A chart keeps its numbers in a small workbook; anything else that is embedded cannot be looked through.
        if ending(name) not in _ROOTS or depth > 0:
            raise ContentRefused("embedded")
        check_office(ending(name), archive.read(part), depth=depth + 1)


def _check_markup(raw: bytes) -> None:
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ContentRefused("damaged")
    if "macroEnabled" in text and "/package/2006/content-types" in text:
        raise ContentRefused("macros")
    if any("/hyperlink" not in link for link in _EXTERNAL.findall(text)) or _DYNAMIC_DATA.search(text):
        raise ContentRefused("outside-links")


def inspect_docx(data: bytes) -> Answer:
    """Raises ContentRefused, see check_office."""
    check_office("docx", data)
    return Answer("", None)


def inspect_xlsx(data: bytes) -> Answer:
    """Raises ContentRefused, see check_office."""
    check_office("xlsx", data)
    return Answer("", None)


def extract(data: bytes) -> Answer:
    """The text of a DOCX with its headers, footers and notes."""
    check_office("docx", data)
    return searchable(_word_texts(data))


def _word_texts(data: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(filter(_WORD_TEXTS.fullmatch, archive.namelist())):
            with archive.open(name) as part:
                for _event, element in iterparse(part):
                    yield _word_text(str(element.tag), element.text)
                    element.clear()


def _word_text(tag: str, text: str | None) -> str:
    if tag == f"{_WORD}t":
        return text or ""
    if tag in {f"{_WORD}p", f"{_WORD}br", f"{_WORD}cr"}:
        return "\n"
    return " " if tag in {f"{_WORD}tab", f"{_WORD}tc"} else ""


if __name__ == "__main__":
    serve(inspect_docx=inspect_docx, inspect_xlsx=inspect_xlsx, extract=extract)
