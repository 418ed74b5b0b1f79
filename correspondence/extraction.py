"""Text out of attached files, for search only: what is sent and signed is the file itself.

A file without readable text never holds a letter up: the answer is then an empty text and the reason. The work is
done in a process of its own (`confined`).
"""

from correspondence.confined.plain import plain_text
from correspondence.confined.process import Answer as Extracted
from correspondence.confined.process import run_confined, searchable

__all__ = ["Extracted", "extract_text"]

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TXT = "text/plain"
_MODULES = {PDF: "pdf", DOCX: "office", XLSX: "sheets"}
_SECONDS = 20


def extract_text(data: bytes, media_type: str) -> Extracted:
    """The text of a file for search, in NFKC, at most 1,000,000 characters, after at most 20 seconds. Never raises.

    `reason` is None, or no-text, cut, encrypted, damaged, timeout, memory, or another code of `confined`.
    """
    if media_type == TXT:
        try:
            return searchable([plain_text(data)])
        except ValueError:
            return Extracted("", "damaged")
    if media_type not in _MODULES:
        return Extracted("", "no-text")
    return run_confined(_MODULES[media_type], "extract", data, seconds=_SECONDS)
