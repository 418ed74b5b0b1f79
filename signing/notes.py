"""Signed notes and checkpoints of C2SP (signed-note, tlog-checkpoint) with Ed25519 keys.

A note is text that ends in a newline, an empty line, and one line "— <key name> <base64(key hash || signature)>" per
signer. A checkpoint is a note whose text is the log's origin, the tree's size and its root.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\x01"
_KEY_HASH_BYTES = 4
_KEY_BYTES = 32
_ROOT_BYTES = 32
_NAME = re.compile(r"[^\s+]+")
# Beyond this, readers that keep sizes in 64 bits with a sign see another tree.
MAX_SIZE = 2**63 - 1
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class InvalidNote(ValueError):
    """The note is malformed, or not signed by the expected key."""


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A verifier's key: its name (for a log: the origin) and 32 bytes of Ed25519. Raises ValueError for others."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_key) != _KEY_BYTES:
            raise ValueError(f"no key for notes: {self.name!r}")

    @property
    def key_hash(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:_KEY_HASH_BYTES]

    def __str__(self) -> str:
        """The verifier key text ("vkey"): <name>+<key hash in hex>+<base64(type || key)>."""
        return f"{self.name}+{self.key_hash.hex()}+{_base64(_ED25519 + self.public_key)}"

    @classmethod
    def parse(cls, vkey: str) -> "NoteKey":
        """The inverse of `str`. Raises InvalidNote for another algorithm or a hash that does not fit."""
        name, _, rest = vkey.partition("+")
        key_hash, _, encoded = rest.partition("+")
        data = _from_base64(encoded)
        if data[:1] != _ED25519 or len(data) != 1 + _KEY_BYTES or not _NAME.fullmatch(name):
            raise InvalidNote("this is no Ed25519 verifier key")
        key = cls(name, data[1:])
        if key.key_hash.hex() != key_hash:
            raise InvalidNote("the key hash does not fit the verifier key")
        return key


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says: the log `origin` had `size` entries and this root (32 bytes)."""

    origin: str
    size: int
    root: bytes


def format_checkpoint(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint, not yet signed. Raises ValueError for values that no checkpoint can carry."""
    if not _NAME.fullmatch(origin) or size < 0 or len(root) != _ROOT_BYTES:
        raise ValueError("these values make no checkpoint")
    return f"{origin}\n{size}\n{_base64(root)}\n"


def sign_note(text: str, key: NoteKey, sign: Callable[[bytes], bytes]) -> str:
    """The note with one signature, by `sign`, which gives the 64 bytes of Ed25519 over the data it is handed."""
    if not text.endswith("\n") or any(ord(character) < 0x20 and character != "\n" for character in text):
        raise ValueError("the text of a note ends in a newline and has no control characters")
    return f"{text}\n— {key.name} {_base64(key.key_hash + sign(text.encode()))}\n"


def open_note(note: str, key: NoteKey) -> str:
    """The text of a note that `key` signed; lines of signers that we do not know (witnesses) are passed over.

    Raises InvalidNote when the form is wrong, the key's line is missing, or its signature is false.
    """
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise InvalidNote("this is no signed note")
    text += "\n"
    signatures = [_parse_signature(line) for line in lines[:-1].split("\n")]
    ours = [value for name, key_hash, value in signatures if (name, key_hash) == (key.name, key.key_hash)]
    if not ours:
        raise InvalidNote(f"{key.name} did not sign this note")
    try:
        for value in ours:
            Ed25519PublicKey.from_public_bytes(key.public_key).verify(value, text.encode())
    except InvalidSignature:
        raise InvalidNote(f"the signature of {key.name} is false") from None
    return text


def open_checkpoint(note: str, key: NoteKey) -> Head:
    """The head that a checkpoint signed by `key` states; its origin must be the key's name. Raises InvalidNote."""
    head = parse_checkpoint(open_note(note, key))
    if head.origin != key.name:
        raise InvalidNote(f"this checkpoint is of the log {head.origin!r}")
    return head


def parse_checkpoint(text: str) -> Head:
    """The head in a checkpoint's text; extension lines are passed over. Checks no signature. Raises InvalidNote."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0] or not _SIZE.fullmatch(lines[1]) or int(lines[1]) > MAX_SIZE:
        raise InvalidNote("this is no checkpoint")
    root = _from_base64(lines[2])
    if len(root) != _ROOT_BYTES:
        raise InvalidNote("the root of a checkpoint has 32 bytes")
    return Head(lines[0], int(lines[1]), root)


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    data = _from_base64(encoded)
    if dash != "—" or not _NAME.fullmatch(name) or len(data) <= _KEY_HASH_BYTES:
        raise InvalidNote("a signature line of the note is malformed")
    return name, data[:_KEY_HASH_BYTES], data[_KEY_HASH_BYTES:]


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidNote("a part of the note is not base64") from None
    if _base64(data) != text:
        raise InvalidNote("a part of the note is not the one base64 form of its bytes")
    return data
