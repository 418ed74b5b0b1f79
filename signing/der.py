"""A writer for the little DER (X.690) that signatures and time-stamps need. It reads nothing: what strangers send is
parsed by libraries."""

from collections.abc import Iterable
from datetime import UTC, datetime

NULL = b"\x05\x00"


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE of encoded parts."""
    return tlv(0x30, b"".join(parts))


def set_of(parts: Iterable[bytes]) -> bytes:
    """SET OF encoded parts in the order that DER demands (X.690 section 11.6); strict readers refuse any other."""
    return tlv(0x31, b"".join(sorted(parts)))


def context(number: int, *parts: bytes) -> bytes:
    """Constructed context tag `[number]`, for EXPLICIT tags and for IMPLICIT ones of constructed types."""
    return tlv(0xA0 | number, b"".join(parts))


def integer(value: int) -> bytes:
    """INTEGER of a value that is not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, value)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER from its dotted form."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(0x06, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def time(at: datetime) -> bytes:
    """The CMS choice of Time (RFC 5652 section 11.3): UTCTime in whole seconds until 2049, GeneralizedTime after."""
    at = at.astimezone(UTC)
    if 1950 <= at.year < 2050:
        return tlv(0x17, at.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, at.strftime("%Y%m%d%H%M%SZ").encode())


def generalized_time(at: datetime) -> bytes:
    """GeneralizedTime with the fraction of a second that `at` has, without trailing zeros (RFC 3161 section 2.4.2)."""
    at = at.astimezone(UTC)
    fraction = f".{at.microsecond:06d}".rstrip("0").rstrip(".")
    return tlv(0x18, f"{at:%Y%m%d%H%M%S}{fraction}Z".encode())


def tlv(tag: int, value: bytes) -> bytes:
    """Tag, definite length in its shortest form, value."""
    length = len(value)
    if length < 0x80:
        return bytes((tag, length)) + value
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + value


def _base128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))
