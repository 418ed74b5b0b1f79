"""PDF files: refused where they act, hide or are locked; read page by page for search."""

import io
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

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
        reader = _open(data)
        if not len(reader.pages):
            raise ContentRefused("damaged")
        for thing in _objects(reader):
            _check(thing)
    except _DAMAGE as error:
        raise ContentRefused("damaged") from error
    return Answer("", None)


def extract(data: bytes) -> Answer:
    """The text of all pages; a page that cannot be read is passed over."""
    return searchable(_pages(_open(data)))


def _open(data: bytes) -> PdfReader:
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise ContentRefused("encrypted")
    return reader


def _pages(reader: PdfReader) -> Iterator[str]:
    for page in reader.pages:
        try:
            yield page.extract_text() + "\n"
        except _DAMAGE:
            continue


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
