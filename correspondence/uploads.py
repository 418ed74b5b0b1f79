"""Files that people attach: what is allowed, under which name they are shown and downloaded, and why one is refused.

A file is taken for what its ending and its first bytes agree on, never for what its sender declares. What is inside is
looked through in a process of its own (`confined`).
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from correspondence.confined.endings import (
    ARCHIVES,
    MACRO_DOCUMENTS,
    OLD_OFFICE,
    OLE_HEAD,
    PROGRAM_HEADS,
    PROGRAMS,
    WEB_PAGES,
    ending,
)
from correspondence.confined.plain import plain_text
from correspondence.confined.process import run_confined
from correspondence.directory.numerals import numeral
from correspondence.extraction import DOCX, PDF, TXT, XLSX
from signing.errors import DomainError

MAX_NAME = 120
_MAX_NAME_BYTES = 240
_CHUNK = 256 * 1024
_ZWNJ = "\u200c"
# Letters by their category, yet nothing is seen of them.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])$")


class UploadRefused(DomainError):
    """A file that cannot be attached; `code` is `upload.<reason>` and the message says what to do instead."""

    def __init__(self, reason: str, name: str) -> None:
        # The name stands between isolates, so that its direction does not turn the sentence around.
        message = format_lazy(_REASONS[reason], name=f"\u2068{name}\u2069", limit=numeral(_megabytes()))
        super().__init__(f"upload.{reason}", message, field="attachment")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that may be attached; `size` in bytes, `sha256` in hex over all of them."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Kind:
    media_type: str
    heads: tuple[bytes, ...]
    inspection: tuple[str, str] | None


_PNG = _Kind("image/png", (b"\x89PNG\r\n\x1a\n",), ("pictures", "png"))
_JPEG = _Kind("image/jpeg", (b"\xff\xd8\xff",), ("pictures", "jpeg"))
_TIFF = _Kind("image/tiff", (b"II*\0", b"MM\0*"), ("pictures", "tiff"))
_KINDS = {
    "pdf": _Kind(PDF, (b"%PDF-",), ("pdf", "inspect")),
    "png": _PNG,
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "tif": _TIFF,
    "tiff": _TIFF,
    "docx": _Kind(DOCX, (b"PK\x03\x04", OLE_HEAD), ("office", "inspect_docx")),
    "xlsx": _Kind(XLSX, (b"PK\x03\x04", OLE_HEAD), ("office", "inspect_xlsx")),
    "txt": _Kind(TXT, (), None),
}
_REFUSED_ENDINGS = (
    (PROGRAMS, "program"),
    (MACRO_DOCUMENTS, "macros"),
    (ARCHIVES, "archive"),
    (WEB_PAGES, "web-page"),
    (OLD_OFFICE, "old-office"),
)
_MARKUP = re.compile(r"\s*<(?:!doctype|html|head|body|script|svg|\?xml|\?php|!--)", re.IGNORECASE)

_REASONS = {
    "empty": _("“{name}” is empty; look at it on your own device and attach it again."),
    "too-large": _("“{name}” is larger than {limit} MB; make it smaller or split it."),
    "program": _("“{name}” is a program; attach a PDF or a picture."),
    "macros": _("“{name}” holds macros; save it as a PDF and attach that."),
    "archive": _("“{name}” is a package of files; unpack it and attach the files one by one."),
    "web-page": _("“{name}” is a web page; print it to a PDF and attach that."),
    "old-office": _("“{name}” is of an old or other Office format; save it as a PDF, DOCX or XLSX."),
    "type": _("“{name}” is of a type that is not accepted; attach a PDF, picture, DOCX, XLSX or text file."),
    "disguised": _("What is inside “{name}” does not fit its ending; save it anew from its own program."),
    "encrypted": _("“{name}” is locked with a password; attach it without one."),
    "damaged": _("“{name}” cannot be read; save it anew and attach it again."),
    "active": _("“{name}” holds a script or an action that runs by itself; print it to a new PDF and attach that."),
    "embedded": _("Another file is hidden in “{name}”; take it out and attach it by itself."),
    "outside-links": _("“{name}” draws on files that lie elsewhere; break the links or save it as a PDF."),
    "swollen": _("“{name}” swells far beyond its size when it is opened; save it anew and attach it again."),
    "too-many-pixels": _("The picture “{name}” has too many pixels; scan or save it at a lower resolution."),
    "too-complex": _("“{name}” takes too long to look through; print it to a new PDF and attach that."),
}
# What the confined process says of itself.
_FAILURES = {"timeout": "too-complex", "memory": "too-complex"}


def inspect_upload(stream: BinaryIO, name: str, declared_type: str) -> Upload:
    """Read a file to its end and check it; the stream is left there. `declared_type` decides nothing.

    Raises UploadRefused: empty, too-large (read no further than the bound), a forbidden ending, an ending that the
    content contradicts, and whatever `confined` finds inside.
    """
    shown = clean_name(name)
    kind = _kind_of(shown)
    data, sha256 = _read(stream, shown)
    if not data:
        raise UploadRefused("empty", shown)
    if data.startswith(PROGRAM_HEADS):
        raise UploadRefused("program", shown)
    if kind.heads and not data.startswith(kind.heads):
        raise UploadRefused("disguised", shown)
    reason = _reason_inside(kind, data)
    if reason is not None:
        raise UploadRefused(reason, shown)
    return Upload(shown, kind.media_type, len(data), sha256)


def clean_name(name: str) -> str:
    """A file's name as it is shown and downloaded: no folders, controls, bidi marks or unseen signs; ZWNJ is kept.

    In NFC, at most 120 characters with its ending, never empty, no name of a Windows device.
    """
    bare = unicodedata.normalize("NFC", name.encode("utf-8", "ignore").decode("utf-8"))
    bare = "".join(filter(None, map(_seen, re.split(r"[/\\]", bare)[-1])))
    bare = re.sub(rf"{_ZWNJ}+", _ZWNJ, re.sub(r"\s+", " ", bare)).rstrip(f" .{_ZWNJ}")
    bare = re.sub(r"\.{2,}", ".", re.sub(r'[<>:"|?*]', "_", bare))
    stem, dot, last = bare.rpartition(".")
    if not dot or not re.fullmatch("[A-Za-z0-9]{1,10}", last):
        stem, dot, last = bare, "", ""
    stem = stem.strip(f" .{_ZWNJ}") or "file"
    if _DEVICES.match(stem.partition(".")[0].strip()):
        stem = f"_{stem}"
    return _shortened(stem, dot + last)


def content_disposition(name: str, *, inline: bool = False) -> str:
    """The header that offers a file for download under its own name (RFC 6266, RFC 8187), safe for any name."""
    cleaned = clean_name(name)
    stem, dot, last = cleaned.rpartition(".")
    plain = cleaned if re.fullmatch(r"[A-Za-z0-9 ._()-]+", cleaned) else f"file{dot}{last}" if dot and stem else "file"
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain)
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(cleaned, safe='')}"


def _kind_of(name: str) -> _Kind:
    last = ending(name)
    for endings, reason in _REFUSED_ENDINGS:
        if last in endings:
            raise UploadRefused(reason, name)
    if last not in _KINDS:
        raise UploadRefused("type", name)
    return _KINDS[last]


def _read(stream: BinaryIO, name: str) -> tuple[bytes, str]:
    digest, pieces, size = hashlib.sha256(), [], 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > settings.MAX_ATTACHMENT_BYTES:
            raise UploadRefused("too-large", name)
        digest.update(chunk)
        pieces.append(chunk)
    return b"".join(pieces), digest.hexdigest()


def _reason_inside(kind: _Kind, data: bytes) -> str | None:
    if kind.inspection is None:
        return _reason_in_text(data)
    module, task = kind.inspection
    reason = run_confined(module, task, data).reason
    return _FAILURES.get(reason, reason) if reason else None


def _reason_in_text(data: bytes) -> str | None:
    try:
        text = plain_text(data)
    except ValueError:
        return "disguised"
    of_other_kind = any(data.startswith(kind.heads) for kind in _KINDS.values() if kind.heads)
    return "disguised" if of_other_kind or _MARKUP.match(text) else None


def _seen(sign: str) -> str | None:
    if sign == _ZWNJ:
        return sign
    if sign in _UNSEEN or unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"}:
        return " " if sign in "\t\n\r\v\f\u2028\u2029\x85" else None
    return " " if sign.isspace() else sign


def _shortened(stem: str, last: str) -> str:
    room = _MAX_NAME_BYTES - len(last)
    stem = stem[: MAX_NAME - len(last)]
    # A sign may take four bytes, and file systems count bytes.
    stem = stem.encode("utf-8")[:room].decode("utf-8", "ignore")
    return stem.rstrip(f" .{_ZWNJ}") + last


def _megabytes() -> int:
    return int(settings.MAX_ATTACHMENT_BYTES) // (1024 * 1024)
