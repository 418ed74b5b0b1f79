"""A ZIP file read so that every reader sees the same files: no tricks with names, places, sizes or double entries.

Bounds: entries, total size, and how far an entry may expand. What the files mean is judged in `container`.
"""

import struct
import unicodedata
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from signing.verify.report import Findings

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
MAX_ENTRIES = 200
MAX_TOTAL_BYTES = 256 * 1024 * 1024
# Deflate reaches about 1,030:1; text of letters stays far below this, and small entries are let be.
MAX_RATIO = 200
RATIO_FLOOR = 1024 * 1024

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_END = struct.Struct("<4s4H2IH")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_UTF8_NAME = 0x800
_FILE_TYPES, _REGULAR_FILE = 0o170000, 0o100000


def read_archive(findings: Findings, data: bytes) -> dict[str, bytes] | None:
    """The files by name, `mimetype` left out. None when the archive is refused."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if not _check(findings, data, archive, entries):
                return None
            files = {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, struct.error, zlib.error, OSError, EOFError, ValueError) as error:
        findings.failed("container.readable", str(error))
        return None
    if files.pop("mimetype") != MIMETYPE:
        findings.failed("container.mimetype")
        return None
    findings.passed("container.readable")
    return files


def _check(findings: Findings, data: bytes, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bool:
    return (
        _check_size(findings, entries)
        and _check_names(findings, entries)
        and _check_first(findings, entries)
        and _check_layout(findings, data, archive, entries)
    )


def _check_size(findings: Findings, entries: list[zipfile.ZipInfo]) -> bool:
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or total > MAX_TOTAL_BYTES:
        return findings.failed("container.size", f"{len(entries)}: {total}")
    for entry in entries:
        if entry.file_size > RATIO_FLOOR and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            return findings.failed("container.size", entry.filename)
    return True


def _check_names(findings: Findings, entries: list[zipfile.ZipInfo]) -> bool:
    seen = set()
    for entry in entries:
        # zipfile cuts names at NUL and turns backslashes; the original name is what other readers see.
        name = entry.orig_filename
        path = PurePosixPath(name)
        plain = str(path) == name and not path.is_absolute() and ".." not in path.parts and name.isprintable()
        if not plain or "\\" in name or ":" in name or entry.is_dir():
            return findings.failed("container.path", name)
        # Some file systems know no case, some no difference between composed and decomposed letters.
        folded = unicodedata.normalize("NFKC", name.casefold())
        if folded in seen:
            return findings.failed("container.duplicate", name)
        seen.add(folded)
    return True


def _check_first(findings: Findings, entries: list[zipfile.ZipInfo]) -> bool:
    first = entries[0] if entries else None
    plain = (
        first is not None
        and first.filename == "mimetype"
        and first.compress_type == zipfile.ZIP_STORED
        and first.header_offset == 0
        and not first.extra
    )
    return plain or findings.failed("container.mimetype")


def _check_layout(findings: Findings, data: bytes, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bool:
    """Entries side by side, the directory right behind them, nothing after it: no bytes that only some readers see.

    What nobody signs about an entry (its date, its attributes) must at least be the same for all.
    """
    position, alike = 0, _unsigned(entries[0])
    for entry in entries:
        signature, *header, name, extra = _LOCAL_HEADER.unpack_from(data, entry.header_offset)
        fits = (
            entry.header_offset == position
            and signature == b"PK\x03\x04"
            and header == _header(entry)
            and _unsigned(entry) == alike
            and not (extra or entry.extra or entry.comment or entry.volume or entry.internal_attr or entry.reserved)
            # No encryption, no sizes behind the data, and the one way to write each name.
            and entry.flag_bits == (0 if entry.filename.isascii() else _UTF8_NAME)
            and entry.external_attr >> 16 & _FILE_TYPES in {0, _REGULAR_FILE}
            and _is_filled(entry, data[position + _LOCAL_HEADER.size + name + extra :][: entry.compress_size])
        )
        if not fits:
            return findings.failed("container.layout", entry.filename)
        position += _LOCAL_HEADER.size + name + extra + entry.compress_size
    count, size = len(entries), len(data) - _END.size - position
    end = (b"PK\x05\x06", 0, 0, count, count, size, position, 0)
    fits = archive.start_dir == position and size >= 0 and _END.unpack_from(data, len(data) - _END.size) == end
    return fits or findings.failed("container.layout")


def _is_filled(entry: zipfile.ZipInfo, packed: bytes) -> bool:
    """Whether the file takes all of its place: unpackers stop at the end of the stream and show nothing of the rest."""
    if entry.compress_type not in _METHODS or len(packed) != entry.compress_size:
        return False
    if entry.compress_type == zipfile.ZIP_STORED:
        return entry.file_size == entry.compress_size
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    size = len(stream.decompress(packed, entry.file_size + 1))
    return stream.eof and not stream.unused_data and size == entry.file_size


def _header(entry: zipfile.ZipInfo) -> list[int]:
    year, month, day, hour, minute, second = entry.date_time
    time, date = hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
    sizes = [entry.CRC, entry.compress_size, entry.file_size]
    return [entry.extract_version, entry.flag_bits, entry.compress_type, time, date, *sizes]


def _unsigned(entry: zipfile.ZipInfo) -> tuple[object, ...]:
    return entry.date_time, entry.create_system, entry.create_version, entry.extract_version, entry.external_attr
