"""PDF files: refused where they act, hide or are locked (pypdf); read page by page for search (PDFium).

PDFium knows the order of lines from right to left, which pypdf loses.
"""

import io
from collections.abc import Iterator
from typing import Any
from unicodedata import bidirectional, category

import pypdfium2 as pdfium  # type: ignore[import-untyped] # ships no types
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject
from pypdfium2 import raw

from correspondence.confined.endings import ARCHIVE_HEADS, ARCHIVES, MACRO_DOCUMENTS, PROGRAM_HEADS, PROGRAMS, ending
from correspondence.confined.process import Answer, ContentRefused, searchable, serve

_MAX_OBJECTS = 300_000
_MAX_DEPTH = 60
_ACTIONS = frozenset("/JavaScript /Launch /ImportData /SubmitForm /RichMediaExecute /GoToR /GoToE".split())
_KEYS = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent"})
_FORBIDDEN_INSIDE = PROGRAMS | MACRO_DOCUMENTS | ARCHIVES | {"html", "htm", "svg"}
_DAMAGE = (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, AssertionError)


def inspect(data: bytes) -> Answer:
    """Raises ContentRefused: active, embedded, encrypted, damaged, too-complex."""
    # Looked for in the plain bytes too, so that what our reader cannot follow is not what another reader runs.
    if b"/JavaScript" in data or b"/Launch" in data:
        raise ContentRefused("active")
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise ContentRefused("encrypted")
        if not len(reader.pages):
            raise ContentRefused("damaged")
        for thing in _objects(reader):
            _check(thing)
    except _DAMAGE as error:
        raise ContentRefused("damaged") from error
    return Answer("", None)


def extract(data: bytes) -> Answer:
    """The text of all pages in reading order; a page that cannot be read is passed over."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise ContentRefused("encrypted" if "password" in str(error).lower() else "damaged") from error
    return searchable(_page_texts(document))


def _page_texts(document: Any) -> Iterator[str]:
    for number in range(len(document)):
        try:
            page = document[number]
            yield "".join(_in_order(page.get_textpage())) + "\n"
            page.close()
        except pdfium.PdfiumError:
            continue


def _in_order(text: Any) -> Iterator[str]:
    """The characters of a page, glyph by glyph.

    PDFium turns lines from right to left around character by character, which also turns around the characters that
    one glyph stands for (لا, هٔ, \u200cش): these have one and the same box and are turned back.
    """
    group, box = "", None
    for place in range(text.count_chars()):
        sign, own_box = chr(raw.FPDFText_GetUnicode(text, place)), text.get_charbox(place)
        if own_box != box:
            yield _turned(group)
            group, box = "", own_box
        group += sign
    yield _turned(group)


def _turned(group: str) -> str:
    if len(group) > 1 and any(bidirectional(sign) == "AL" for sign in group):
        group = group[::-1]
    return "".join(sign for sign in group if sign in "\n\t" or category(sign) != "Cc")


def _objects(reader: PdfReader) -> Iterator[Any]:
    references = {(number, generation) for generation, row in reader.xref.items() for number in row}
    references |= {(number, 0) for number in reader.xref_objStm}
    if len(references) > _MAX_OBJECTS:
        raise ContentRefused("too-complex")
    yield reader.trailer
    for number, generation in sorted(references):
        if number:
            yield reader.get_object(IndirectObject(number, generation, reader))


def _check(thing: Any, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        raise ContentRefused("too-complex")
    if isinstance(thing, DictionaryObject):
        if thing.get("/S") in _ACTIONS or not _KEYS.isdisjoint(thing):
            raise ContentRefused("active")
        if "/EF" in thing:
            _check_embedded(thing)
    parts = thing.values() if isinstance(thing, DictionaryObject) else thing if isinstance(thing, ArrayObject) else ()
    for part in parts:
        # What is referred to is an object of its own and has its turn.
        if isinstance(part, DictionaryObject | ArrayObject):
            _check(part, depth + 1)


def _check_embedded(specification: DictionaryObject) -> None:
    if any(ending(str(specification.get(key, ""))) in _FORBIDDEN_INSIDE for key in ("/UF", "/F")):
        raise ContentRefused("embedded")
    files = specification["/EF"].get_object()
    if not isinstance(files, DictionaryObject):
        raise ContentRefused("damaged")
    for stream in (files[key].get_object() for key in files):
        head = stream.get_data()[:16] if isinstance(stream, StreamObject) else b""
        if head.startswith(PROGRAM_HEADS + ARCHIVE_HEADS):
            raise ContentRefused("embedded")


if __name__ == "__main__":
    serve(inspect=inspect, extract=extract)
