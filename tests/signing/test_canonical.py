"""Canonical JSON: one value, one sequence of bytes; what has no such form is refused by its place."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signing.canonical import JSON, MAX_INTEGER, Frame, canonical, digest
from signing.errors import DomainError, NotCanonical

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_reading_the_bytes_gives_the_value_and_the_same_bytes_again(value: Any) -> None:
    data = canonical(value)
    assert json.loads(data) == value
    assert canonical(json.loads(data)) == data


@given(st.dictionaries(TEXT, st.integers(0, 9), min_size=2, max_size=6))
def test_the_order_of_insertion_does_not_matter(value: dict[str, int]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical(value) == canonical(backwards)


@given(st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1), TEXT, max_size=6))
def test_ascii_keys_agree_with_the_compact_form_of_the_standard_library(value: dict[str, str]) -> None:
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(value) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    )
    | VALUES
)
def test_the_bytes_are_those_of_the_reference_implementation(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_every_character_of_the_basic_plane_is_written_as_the_reference_implementation_does() -> None:
    text = "".join(map(chr, [*range(0xD800), *range(0xE000, 0x10000)])) + "\U0001f600"
    assert canonical({"text": text}) == rfc8785.dumps({"text": text})


def test_keys_are_ordered_by_utf16_units() -> None:
    # RFC 8785 section 3.2.3: U+1F600 begins with the surrogate D83D, so it comes before U+FB33.
    assert canonical({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


def test_persian_text_keeps_its_bytes() -> None:
    composed, decomposed = "\u0622", "\u0627\u0653"
    assert canonical("نامه\u200cها") == '"نامه\u200cها"'.encode()
    assert canonical(composed) != canonical(decomposed)


@pytest.mark.parametrize(
    ("value", "code", "path"),
    [
        ({"a": [1, 1.5]}, "canonical.type", "$.a[1]"),
        ({"a": float("nan")}, "canonical.type", "$.a"),
        ({"amount": 2**53}, "canonical.integer", "$.amount"),
        ([-(2**53)], "canonical.integer", "$[0]"),
        ({"to": [{"name": "\ud800"}]}, "canonical.surrogate", "$.to[0].name"),
        ({"\udc00": 1}, "canonical.surrogate", "$.'\\udc00'"),
        ({1: 2}, "canonical.key", "$.1"),
        ({"a": b"x"}, "canonical.type", "$.a"),
        ({"a": {1, 2}}, "canonical.type", "$.a"),
    ],
)
def test_values_without_a_canonical_form_are_refused_by_place(value: Any, code: str, path: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        canonical(value)
    assert (caught.value.code, caught.value.path) == (code, path)
    assert path in str(caught.value)


def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack() -> None:
    value: Any = None
    for _ in range(10_000):
        value = [value]
    with pytest.raises(DomainError) as caught:
        canonical(value)
    assert caught.value.code == "canonical.depth"


def test_digest_is_lower_case_hexadecimal_sha256() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


NAMES = st.from_regex(r"[a-zA-Z_]{1,12}", fullmatch=True)


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.dictionaries(NAMES, VALUES, max_size=8))
def test_a_filled_frame_is_the_canonical_object(common: dict[str, JSON], own: dict[str, JSON]) -> None:
    frame = Frame(common, own)
    assert frame.fill(own) == canonical({**common, **own})


def test_a_frame_takes_plain_names_and_just_its_own_members() -> None:
    for common, own in (({"نام": 1}, ["a"]), ({"a": 1}, ["نام"]), ({'"': 1}, ["a"])):
        with pytest.raises(ValueError, match="ASCII"):
            Frame(common, own)
    frame = Frame({"a": 1}, ["b", "c"])
    for members in ({"b": 1}, {"b": 1, "c": 2, "d": 3}):
        with pytest.raises(ValueError, match="members"):
            frame.fill(members)
    with pytest.raises(NotCanonical):
        frame.fill({"b": 1, "c": "\ud800"})
