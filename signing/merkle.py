"""Merkle trees of RFC 9162 §2.1: `Frontier` builds, `inclusion_proof` and `consistency_proof` prove, `verify_…` checks.

Pure functions over SHA-256 hashes of 32 bytes; storage is elsewhere. A proof is only as good as its (size, root): take
both from one signed checkpoint, and hash the leaf data yourself: a leaf hash that somebody hands you may be an inner
node.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

# Root of the complete subtree at (level, position): it covers the leaves position·2^level … (position+1)·2^level - 1.
Subtree = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: roots of its complete subtrees, largest first, one per bit set in `size`."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count() or any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError(f"{len(self.peaks)} hashes are no frontier of a tree of {size}")

    @classmethod
    def parse(cls, size: int, data: bytes) -> "Frontier":
        """From the hashes side by side, as `bytes()` gives them. Raises ValueError when they do not fit the size."""
        return cls(size, [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)])

    def __bytes__(self) -> bytes:
        return b"".join(self.peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at index `size`."""
        carried, size = leaf, self.size
        while size & 1:
            carried, size = node_hash(self.peaks.pop(), carried), size >> 1
        self.peaks.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree so far; SHA-256 of nothing when it is empty."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over the given leaf (or node) hashes."""
    frontier = Frontier()
    for each in hashes:
        frontier.append(each)
    return frontier.root()


def inclusion_proof(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of RFC 9162 §2.1.3.1 of leaf `index` in the tree of the first `size` leaves, leaf side first.

    Raises ValueError unless 0 ≤ index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(start, middle, subtree))
            start = middle
    return path[::-1]


def consistency_proof(old_size: int, new_size: int, subtree: Subtree) -> list[bytes]:
    """The proof of RFC 9162 §2.1.4.1 that the tree of `new_size` leaves extends the one of `old_size`.

    Raises ValueError unless 1 ≤ old_size ≤ new_size.
    """
    if not 1 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} does not extend one of {old_size}")
    path, start, end = [], 0, new_size
    while end > old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_range_root(middle, end, subtree))
            end = middle
        else:
            path.append(_range_root(start, middle, subtree))
            start = middle
    # The old tree as a whole is known to whoever asks; any other subtree has to be named.
    return path[::-1] if start == 0 else [_range_root(start, end, subtree), *path[::-1]]


def verify_inclusion(leaf: bytes, index: int, tree_size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash `leaf` is number `index` of the tree (`tree_size`, `root`), by RFC 9162 §2.1.3.2."""
    if not 0 <= index < tree_size or not _are_hashes([leaf, root, *proof]):
        return False
    position, last, reached = index, tree_size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            reached = node_hash(step, reached)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        position, last = position >> 1, last >> 1
    return last == 0 and reached == root


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether (`new_size`, `new_root`) extends (`old_size`, `old_root`), by RFC 9162 §2.1.4.2.

    An empty old tree proves nothing and gives False.
    """
    if not 1 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not proof or not _are_hashes([old_root, new_root, *path]):
        return False
    old_reached, new_reached, complete = _climb(old_size, new_size, path)
    return complete and old_reached == old_root and new_reached == new_root


def _climb(old_size: int, new_size: int, path: list[bytes]) -> tuple[bytes, bytes, bool]:
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_reached = new_reached = path[0]
    for step in path[1:]:
        if last == 0:
            return old_reached, new_reached, False
        if position & 1 or position == last:
            old_reached, new_reached = node_hash(step, old_reached), node_hash(step, new_reached)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_reached = node_hash(new_reached, step)
        position, last = position >> 1, last >> 1
    return old_reached, new_reached, last == 0


def _split(width: int) -> int:
    # The largest power of two below the width.
    return 1 << (width - 1).bit_length() - 1


def _range_root(start: int, end: int, subtree: Subtree) -> bytes:
    # Ranges of proofs begin at a multiple of their largest power of two, so they fall into complete subtrees.
    peaks = []
    while start < end:
        level = (end - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    return _fold(peaks)


def _fold(peaks: Sequence[bytes]) -> bytes:
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
