"""Signed notes: a published example, our own, and what must be refused."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signing.notes import (
    Head,
    InvalidNote,
    NoteKey,
    format_checkpoint,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    sign_note,
)

ORIGIN = "karpusheh.example/log"
ROOT = bytes(range(32))
SECRET = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
KEY = NoteKey(ORIGIN, SECRET.public_key().public_bytes_raw())
WITNESS_SECRET = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
WITNESS = NoteKey("witness.example", WITNESS_SECRET.public_key().public_bytes_raw())
NOTE = sign_note(format_checkpoint(ORIGIN, 17, ROOT), KEY, SECRET.sign)
# The example in the documentation of Go's golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_signed_by_another_program_opens() -> None:
    key = NoteKey.parse(GO_KEY)
    assert open_note(GO_NOTE, key).startswith("If you think cryptography")
    assert str(key) == GO_KEY


def test_a_checkpoint_says_what_was_signed() -> None:
    assert open_checkpoint(NOTE, KEY) == Head(ORIGIN, 17, ROOT)
    assert NOTE.split("\n")[:4] == [ORIGIN, "17", base64.b64encode(ROOT).decode(), ""]


def test_verifier_key_survives_its_text() -> None:
    assert NoteKey.parse(str(KEY)) == KEY


def test_a_witness_beside_us_changes_nothing() -> None:
    text = open_note(NOTE, KEY)
    cosigned = NOTE + sign_note(text, WITNESS, WITNESS_SECRET.sign).rpartition("\n\n")[2]
    assert open_checkpoint(cosigned, KEY) == Head(ORIGIN, 17, ROOT)
    assert open_note(cosigned, WITNESS) == text


@pytest.mark.parametrize(
    "damage",
    [
        lambda note: note.replace("\n17\n", "\n18\n"),
        lambda note: note.replace("\n17\n", "\n017\n"),
        lambda note: note[:-1],
        lambda note: note.replace("— ", "- "),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("— karpusheh", "— other"),
        lambda note: note + "\n",
        lambda note: note + "rubbish\n",
        lambda note: note.replace("=\n", "\n"),
        lambda note: "",
    ],
)
def test_damaged_note_is_refused(damage: Callable[[str], str]) -> None:
    with pytest.raises(InvalidNote):
        open_checkpoint(damage(NOTE), KEY)


def test_a_second_false_signature_in_our_name_is_refused() -> None:
    false_line = sign_note("another text\n", KEY, SECRET.sign).rpartition("\n\n")[2]
    with pytest.raises(InvalidNote, match="false"):
        open_note(NOTE + false_line, KEY)


def test_the_checkpoint_of_another_log_is_refused_even_when_our_key_signed_it() -> None:
    note = sign_note(format_checkpoint("other.example/log", 17, ROOT), KEY, SECRET.sign)
    with pytest.raises(InvalidNote, match=r"other\.example"):
        open_checkpoint(note, KEY)


def test_the_key_of_somebody_else_does_not_open_it() -> None:
    stranger = NoteKey(ORIGIN, WITNESS.public_key)
    with pytest.raises(InvalidNote, match="did not sign"):
        open_checkpoint(NOTE, stranger)


@pytest.mark.parametrize("vkey", ["", "a+b", GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-4], "x+00000000+AAAA"])
def test_malformed_verifier_key_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidNote):
        NoteKey.parse(vkey)


@pytest.mark.parametrize(
    ("origin", "size", "root"), [("two words", 1, ROOT), ("", 1, ROOT), (ORIGIN, -1, ROOT), (ORIGIN, 1, b"")]
)
def test_values_that_no_checkpoint_carries(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(ValueError, match="no checkpoint"):
        format_checkpoint(origin, size, root)


@pytest.mark.parametrize("text", ["no newline", "a\rb\n", "\x00\n"])
def test_text_that_no_note_carries(text: str) -> None:
    with pytest.raises(ValueError, match="ends in a newline"):
        sign_note(text, KEY, SECRET.sign)


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_checkpoint_texts_survive(size: int, root: bytes) -> None:
    assert parse_checkpoint(format_checkpoint(ORIGIN, size, root)) == Head(ORIGIN, size, root)


@given(st.text())
def test_any_text_is_either_a_checkpoint_or_an_invalid_note(text: str) -> None:
    with pytest.raises(InvalidNote):
        open_checkpoint(text, KEY)
