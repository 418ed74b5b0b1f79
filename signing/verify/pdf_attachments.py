"""The files attached to a sealed PDF, read so that no other reader finds another letter.json in it.

PDF names an attached file up to three times and may hold it twice (ISO 32000-2 §7.11.3, §7.11.4); notes on a page can
carry files too. Which of them a program shows is its own choice, so for the files of a letter all must agree.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

from signing.verify.pdf_content import dictionaries
from signing.verify.pdf_objects import look_up
from signing.verify.report import Findings

LETTER_FILES = ("letter.json", "dispatch.json")
MAX_NODES = 1_000


def read_attachments(findings: Findings, reader: Any) -> dict[str, bytes] | None:
    """The attached files by name. None when a name occurs twice, or a letter's file is not a plain attachment."""
    found: dict[str, bytes] = {}
    for key, file in _listed(reader):
        name = str(look_up(file, "/UF") or look_up(file, "/F"))
        if name in found or _is_ambiguous(key, file, name):
            findings.failed("pdf.attachments", name)
            return None
        found[name] = bytes(file["/EF"]["/F"].data)
    if set(LETTER_FILES) & found.keys() and sum("/EF" in one for one in dictionaries(reader)) != len(found):
        findings.failed("pdf.attachments")
        return None
    return found


def _listed(reader: Any) -> Iterator[tuple[str, Any]]:
    """The entries of the document's list of files. Raises ValueError when it is too large or malformed."""
    waiting = [look_up(look_up(reader.root, "/Names", {}), "/EmbeddedFiles", {})]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        waiting.extend(kid.get_object() for kid in look_up(node, "/Kids", ()))
        for key, spec in zip(*[iter(look_up(node, "/Names", ()))] * 2, strict=True):
            yield str(key), spec.get_object()
    raise ValueError("too many embedded files")


def _is_ambiguous(key: str, file: Any, name: str) -> bool:
    names = {key, name, *(str(file[entry]) for entry in ("/UF", "/F") if entry in file)}
    if not any(unicodedata.normalize("NFKC", one).casefold().strip() in LETTER_FILES for one in names):
        return False
    embedded = file["/EF"]
    places = {repr(embedded.raw_get(entry)) for entry in embedded}
    return len(names) != 1 or len(places) != 1 or "/F" not in embedded
