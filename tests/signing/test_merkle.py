"""The tree of RFC 9162 against published vectors, against its definition, and against forgery."""

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[2] / "../shared/vectors/tlog"
LARGEST = 130
LEAVES = [leaf_hash(f"fact {number}".encode()) for number in range(LARGEST)]
# Roots over the eight leaves of the Certificate Transparency reference implementation (RFC 6962).
REFERENCE_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def vectors(kind: str) -> list[Any]:
    files = sorted((VECTORS / kind).rglob("*.json"))
    return [pytest.param(json.loads(file.read_text()), id=str(file.relative_to(VECTORS))) for file in files]


def definition(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(definition(leaves[:split]), definition(leaves[split:]))


def subtree(level: int, position: int) -> bytes:
    return definition(LEAVES[position << level : (position + 1) << level])


ROOTS = [definition(LEAVES[:size]) for size in range(LARGEST + 1)]


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the published vectors are not here")
def test_the_published_vectors_are_all_there() -> None:
    assert len(vectors("inclusion") + vectors("consistency")) == 196


@pytest.mark.parametrize("vector", vectors("inclusion"))
def test_inclusion_vector(vector: dict[str, Any]) -> None:
    leaf, root = base64.b64decode(vector["leafHash"]), base64.b64decode(vector["root"])
    proof = [base64.b64decode(step) for step in vector["proof"] or []]
    assert verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root) is not vector["wantErr"]


@pytest.mark.parametrize("vector", vectors("consistency"))
def test_consistency_vector(vector: dict[str, Any]) -> None:
    old_root, new_root = base64.b64decode(vector["root1"]), base64.b64decode(vector["root2"])
    proof = [base64.b64decode(step) for step in vector["proof"] or []]
    accepted = verify_consistency(vector["size1"], vector["size2"], old_root, new_root, proof)
    assert accepted is not vector["wantErr"]


def test_root_of_the_reference_leaves() -> None:
    assert root_of([leaf_hash(bytes.fromhex(leaf)) for leaf in REFERENCE_LEAVES]).hex() == REFERENCE_ROOT


def test_frontier_has_the_defined_root_at_every_size_and_survives_storage() -> None:
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for size, leaf in enumerate(LEAVES, 1):
        frontier = Frontier.parse(frontier.size, bytes(frontier))
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, ROOTS[size])


@pytest.mark.parametrize(("size", "data"), [(1, b""), (0, b"x" * 32), (2, b"x" * 33), (3, b"x" * 32), (-1, b"")])
def test_frontier_that_does_not_fit_is_refused(size: int, data: bytes) -> None:
    with pytest.raises(ValueError, match="no frontier"):
        Frontier.parse(size, data)


def test_every_leaf_of_every_tree_is_provable_and_at_no_other_place() -> None:
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, subtree)
            assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index ^ 1, size, proof, ROOTS[size])
            assert not verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size - 1])


def test_every_tree_extends_every_smaller_one_and_no_other() -> None:
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new, subtree)
            assert verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)
            assert not verify_consistency(old, new, ROOTS[old - 1], ROOTS[new], proof)
            assert not verify_consistency(old, new, ROOTS[old], leaf_hash(b"fork"), proof)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not in a tree"):
        inclusion_proof(index, size, subtree)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 1)])
def test_no_proof_that_a_tree_extends_a_larger_or_an_empty_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not extend"):
        consistency_proof(old, new, subtree)


@given(st.data())
def test_a_changed_bit_anywhere_breaks_an_inclusion_proof(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, LARGEST))
    index = data.draw(st.integers(0, size - 1))
    parts = [LEAVES[index], *inclusion_proof(index, size, subtree), ROOTS[size]]
    at = data.draw(st.integers(0, len(parts) - 1))
    changed = bytearray(parts[at])
    changed[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
    parts[at] = bytes(changed)
    assert not verify_inclusion(parts[0], index, size, parts[1:-1], parts[-1])


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_root_is_the_definition_for_any_leaves(leaves: list[bytes]) -> None:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    assert root_of(hashes) == definition(hashes)


@given(
    st.lists(st.binary(min_size=32, max_size=32), max_size=9),
    st.integers(-1, 2**70),
    st.integers(-1, 2**70),
)
def test_random_proofs_are_refused_and_never_fail_otherwise(proof: list[bytes], first: int, second: int) -> None:
    assert not verify_inclusion(LEAVES[0], first, second, proof, leaf_hash(b"some root"))
    assert not verify_consistency(first, second, leaf_hash(b"old"), leaf_hash(b"new"), proof)
