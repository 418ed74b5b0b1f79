"""What a sealed PDF must not contain, because it could show one thing today and another tomorrow.

Layers that can be switched, scripts, actions that start something, form fields, and content that lies in other files:
a seal covers their bytes, but not what a viewer makes of them.
"""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic

from signing.verify.pdf_objects import look_up
from signing.verify.report import Findings

MAX_OBJECTS = 200_000
_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/ResetForm",
    "/Hide",
    "/SetOCGState",
    "/Rendition",
    "/Movie",
    "/Sound",
    "/GoToR",
    "/GoToE",
    "/GoTo3DView",
    "/RichMediaExecute",
    "/Trans",
}
_ACTIVE_ANNOTATIONS = {"/Screen", "/Movie", "/Sound", "/RichMedia", "/3D", "/PS"}


def check_content(findings: Findings, reader: Any) -> bool:
    """Walk every object that the newest revision reaches."""
    kinds: set[str] = set()
    signatures = 0
    for entry in dictionaries(reader):
        signatures += "/ByteRange" in entry and "/Contents" in entry
        kinds |= _problems(entry)
    for code in sorted(kinds):
        findings.failed(code)
    # Signatures that no field lists would escape every check of fields.
    if signatures != len(reader.embedded_signatures):
        return findings.failed("pdf.one-seal")
    return not kinds and findings.passed("pdf.content")


def _problems(entry: Any) -> set[str]:
    found: set[str] = set()
    kind = _name(entry, "/Type")
    if "/OCProperties" in entry or "/OC" in entry or kind in {"/OCG", "/OCMD"}:
        found.add("pdf.optional-content")
    subtype, action = _name(entry, "/Subtype"), _name(entry, "/S")
    if action in _ACTIONS or subtype in _ACTIVE_ANNOTATIONS or {"/JS", "/AA", "/XFA", "/JavaScript"} & entry.keys():
        found.add("pdf.active-content")
    if isinstance(entry, generic.StreamObject) and {"/F", "/FFilter"} & entry.keys():
        found.add("pdf.external-content")
    if _name(entry, "/FT") in {"/Tx", "/Btn", "/Ch"}:
        found.add("pdf.form-fields")
    return found


def _name(entry: Any, key: str) -> str:
    value = look_up(entry, key)
    return str(value) if isinstance(value, generic.NameObject) else ""


def dictionaries(reader: Any) -> Iterator[Any]:
    """Every dictionary that the newest revision reaches, once. Raises ValueError beyond MAX_OBJECTS."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer_view]
    visited = 0
    while waiting:
        current: Any = waiting.pop()
        visited += 1
        if visited > MAX_OBJECTS:
            raise ValueError("too many objects")
        if isinstance(current, generic.IndirectObject):
            if (current.idnum, current.generation) in seen:
                continue
            seen.add((current.idnum, current.generation))
            current = reader.get_object(current.reference)
        if isinstance(current, generic.DictionaryObject):
            yield current
            waiting.extend(current.raw_get(key) for key in current)
        elif isinstance(current, generic.ArrayObject):
            waiting.extend(current.raw_get(index) for index in range(len(current)))
