"""Canonical JSON (RFC 8785): the one byte form of a value that is signed, hashed or kept as evidence.

Text is never normalised here: two spellings that look alike are two different letters.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import rfc8785
from django.utils.translation import gettext_lazy as _

from signing.errors import NotCanonical

JSON: TypeAlias = "bool | int | str | Sequence[JSON] | Mapping[str, JSON] | None"

# RFC 7493 section 2.2: beyond this a reader that keeps numbers as IEEE 754 doubles sees another number.
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 64

# Of what `_check` lets pass, RFC 8785 leaves nothing to choose but the order of names; by code points and by UTF-16 units
# it is the same for all names within Unicode's first plane.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode


def canonical(value: JSON) -> bytes:
    """The RFC 8785 bytes of `value` (None, bool, int, str, and lists, tuples and dicts of them).

    Raises NotCanonical, whose `path` names the place, for floats, integers beyond ±(2^53-1), lone surrogates, keys that
    are not text, nesting deeper than 64, and every other type. Amounts of money are therefore written as text.
    """
    if _check(value, "$", MAX_DEPTH):
        return _encode(value).encode()
    return rfc8785.dumps(value)


class Frame:
    """Canonical objects that differ in a few members; the others are serialised once. All names are ASCII."""

    def __init__(self, common: Mapping[str, JSON], own: Iterable[str]) -> None:
        """`own` names the members that `fill` gives. Raises as `canonical`, and ValueError for another name."""
        self._names = frozenset(own)
        members = {name: canonical(value) for name, value in common.items()} | dict.fromkeys(self._names)
        if not all(name.isascii() and name.isidentifier() for name in members):
            raise ValueError("only plain ASCII names have a place in a frame")
        self._own: list[str] = []
        self._before: list[bytes] = []
        text = b"{"
        # ASCII names sort alike as text and as UTF-16 (RFC 8785 section 3.2.3).
        for name in sorted(members):
            text += b'%b"%b":' % (b"" if text == b"{" else b",", name.encode())
            value = members[name]
            if value is None:
                self._own.append(name)
                self._before.append(text)
                text = b""
            else:
                text += value
        self._after = text + b"}"

    def fill(self, own: Mapping[str, JSON]) -> bytes:
        """The RFC 8785 bytes of the whole object. Raises as `canonical`, and ValueError for other members than named."""
        if own.keys() != self._names:
            raise ValueError("other members than the frame has places for")
        parts = [before + canonical(own[name]) for before, name in zip(self._before, self._own, strict=True)]
        return b"".join(parts) + self._after


def digest(data: bytes) -> str:
    """SHA-256 of `data` in lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _check(value: object, path: str, depth: int) -> bool:
    """Raise NotCanonical for what has no canonical form; whether all names in the value are of the first plane."""
    if isinstance(value, str):
        _check_text(value, path)
    elif value is None or isinstance(value, bool):
        return True
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonical("canonical.integer", _("A number is too large; write it as text."), path=path)
    elif not isinstance(value, dict | list | tuple):
        raise NotCanonical("canonical.type", _("A value is neither text, whole number, list nor object."), path=path)
    elif depth == 0:
        raise NotCanonical("canonical.depth", _("The data is nested too deeply."), path=path)
    elif isinstance(value, dict):
        return _check_object(value, path, depth)
    else:
        # A list, since `all` would leave what follows the first "no" unchecked.
        plain = [_check(item, f"{path}[{index}]", depth - 1) for index, item in enumerate(value)]
        return all(plain)
    return True


def _check_object(value: Mapping[object, object], path: str, depth: int) -> bool:
    plain = True
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotCanonical("canonical.key", _("A name in the data is not text."), path=f"{path}.{key!r}")
        _check_text(key, f"{path}.{key!r}")
        plain &= (key.isascii() or max(key) <= "\uffff") & _check(item, f"{path}.{key}", depth - 1)
    return plain


def _check_text(text: str, path: str) -> None:
    # ASCII and most text passes without the copy that encoding makes.
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        message = _("The text holds a broken character; type or paste it again.")
        raise NotCanonical("canonical.surrogate", message, path=path) from None
