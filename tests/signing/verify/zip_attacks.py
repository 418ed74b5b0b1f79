"""ZIP files that some programs read differently from others, made byte by byte."""

import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


@dataclass(frozen=True)
class Entry:
    """One file in a ZIP and all that its two headers say of it."""

    name: bytes
    packed: bytes
    size: int
    crc: int
    method: int
    flags: int = 0
    made_by: int = 3 << 8 | 20
    attributes: int = 0o600 << 16
    extra: bytes = b""


def taken_apart(container: bytes) -> list[Entry]:
    """The entries of a well-formed container."""
    with zipfile.ZipFile(BytesIO(container)) as archive:
        return [_entry(archive.read(one), one) for one in archive.infolist()]


def put_together(entries: list[Entry], *, comment: bytes = b"", prefix: bytes = b"") -> bytes:
    """A ZIP of these entries exactly as they are."""
    body, directory = prefix, b""
    for one in entries:
        common = (20, one.flags, one.method, 0, 33, one.crc, len(one.packed), one.size, len(one.name), len(one.extra))
        central = (b"PK\x01\x02", one.made_by, *common, 0, 0, 0, one.attributes, len(body))
        directory += _CENTRAL.pack(*central) + one.name + one.extra
        body += _LOCAL.pack(b"PK\x03\x04", *common) + one.name + one.extra + one.packed
    count = len(entries)
    end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), len(comment))
    return body + directory + end + comment


def changed(container: bytes, name: str, change: Callable[[Entry], Entry]) -> bytes:
    """The container with one entry changed, or all of them for the name "*"."""
    return put_together([change(one) if name in {"*", one.name.decode()} else one for one in taken_apart(container)])


def with_hidden_tail(entry: Entry) -> Entry:
    """Bytes behind the end of the packed stream: unpackers stop before them."""
    return replace(entry, packed=entry.packed + b"hidden words")


def with_longer_place(entry: Entry) -> Entry:
    """Unpacked, with more bytes than its size says."""
    data = zlib.decompress(entry.packed, -15) if entry.method else entry.packed
    return replace(entry, packed=data + b"hidden words", method=zipfile.ZIP_STORED)


def _entry(data: bytes, info: zipfile.ZipInfo) -> Entry:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = data if info.compress_type == zipfile.ZIP_STORED else deflate.compress(data) + deflate.flush()
    return Entry(info.filename.encode(), packed, len(data), info.CRC, info.compress_type)
