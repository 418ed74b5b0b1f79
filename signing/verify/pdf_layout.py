"""The bytes of a sealed PDF: what a signature covers, and that nothing lies outside it but true revisions.

A PDF signature (ISO 32000-2 §12.8.1) names the ranges of bytes that it covers. Files that leave more out than the
signature itself, or carry something behind it, look "valid" in many viewers; here they are refused.
"""

import re
from dataclasses import dataclass
from typing import Any

from asn1crypto import parser

from signing.verify.report import Findings

_END = re.compile(rb"startxref[\r\n ]+(\d+)[\r\n ]+%%EOF(?:\r\n|\r|\n)?\Z")
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
_LOWER, _UPPER = re.compile(rb"[0-9a-f]+"), re.compile(rb"[0-9A-F]+")


@dataclass(frozen=True)
class Covered:
    """The signed bytes: all of `data[:end]` but the hex string of `cms` that begins at `gap_start`."""

    gap_start: int
    gap_end: int
    end: int
    cms: bytes

    def signed_bytes(self, data: bytes) -> bytes:
        """What the message digest is of."""
        return data[: self.gap_start] + data[self.gap_end : self.end]


def check_end(findings: Findings, data: bytes) -> bool:
    """Whether the file ends as a PDF must; else it was cut short, or something was appended."""
    if _END.search(data[-2048:]):
        return True
    ranges = [tuple(map(int, numbers)) for numbers in _RANGE.findall(data)]
    if any(start + length < len(data) for _, _, start, length in ranges):
        return findings.failed("pdf.trailing-bytes")
    return findings.failed("pdf.truncated")


def check_coverage(findings: Findings, data: bytes, signature: Any) -> Covered | None:
    """Check /ByteRange and /Contents of a signature dictionary (of pyHanko) against the raw bytes."""
    numbers = [int(number) for number in signature.raw_get("/ByteRange")]
    if len(numbers) != 4 or numbers[0] != 0:
        findings.failed("pdf.byte-range", str(numbers))
        return None
    _, gap_start, gap_end, length = numbers
    end = gap_end + length
    ordered = 0 < gap_start < gap_end < end <= len(data)
    # The gap holds the hex string and nothing else, and the dictionary's own key stands right before it.
    is_contents = ordered and data[gap_start : gap_start + 1] == b"<" and data[gap_end - 1 : gap_end] == b">"
    is_contents = is_contents and data[:gap_start].rstrip(b" ").endswith(b"/Contents")
    if not is_contents or not _END.search(data[max(0, end - 2048) : end]):
        findings.failed("pdf.byte-range", str(numbers))
        return None
    cms = _decode(data[gap_start + 1 : gap_end - 1])
    if cms is None or cms != _without_padding(signature.raw_get("/Contents").original_bytes):
        findings.failed("pdf.contents")
        return None
    findings.passed("pdf.byte-range")
    return Covered(gap_start, gap_end, end, cms)


def check_later_bytes(findings: Findings, data: bytes, covered: Covered, reader: Any) -> bool:
    """What follows the sealed bytes must be complete revisions; what they change is judged in `pdf_changes`."""
    if covered.end == len(data):
        return findings.passed("pdf.whole-file")
    last = reader.total_revisions - 1
    newest = reader.xrefs.get_xref_container_info(last)
    match = _END.search(data[-2048:])
    starts = [
        offset
        for revision in range(reader.total_revisions)
        for _, offset in reader.xrefs.get_xref_data(revision).standard_xrefs.values()
        if offset >= covered.end
    ]
    tidy = (
        newest.declared_startxref >= covered.end
        and match is not None
        and int(match.group(1)) == newest.declared_startxref
        and bool(starts)
        and not data[covered.end : min(starts)].strip(b"\r\n")
    )
    return tidy or findings.failed("pdf.trailing-bytes")


def _decode(text: bytes) -> bytes | None:
    """The CMS in a hex string that is padded with zeros. One letter case only, so that no byte can vary unseen."""
    if len(text) % 2 or not (_LOWER.fullmatch(text) or _UPPER.fullmatch(text)):
        return None
    return _without_padding(bytes.fromhex(text.decode("ascii")))


def _without_padding(raw: bytes) -> bytes | None:
    if raw[:1] != b"\x30":
        return None
    try:
        length = parser.peek(raw)
    except ValueError:
        return None
    return raw[:length] if not any(raw[length:]) else None
