"""The hashes of the tree in rows of 256 (C2SP tlog-tiles), from which any proof is made with a few reads."""

from collections.abc import Sequence

from signing.evidence.errors import LogBroken
from signing.evidence.models import Tile
from signing.merkle import HASH_BYTES, root_of

_LEVELS_PER_TILE = 8


class TileReader:
    """Roots of complete subtrees (`merkle.Subtree`) from the stored tiles; keeps what it read, so use one per task."""

    def __init__(self) -> None:
        self._tiles: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, position: int) -> bytes:
        """The root at (level, position). Raises LogBroken when the tiles do not reach that far."""
        tile_level, inner = divmod(level, _LEVELS_PER_TILE)
        index, offset = divmod(position << inner, Tile.WIDTH)
        hashes = self._tile(tile_level, index)[offset * HASH_BYTES : (offset + (1 << inner)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << inner:
            raise LogBroken(f"tile {tile_level}/{index} has no hashes at {offset}")
        return root_of(split_hashes(hashes))

    def _tile(self, level: int, index: int) -> bytes:
        if (level, index) not in self._tiles:
            tile = Tile.objects.filter(level=level, index=index).first()
            self._tiles[level, index] = bytes(tile.hashes) if tile else b""
        return self._tiles[level, index]


def grown_tiles(size: int, leaves: Sequence[bytes]) -> list[Tile]:
    """The tiles, not yet saved, that change when leaf hashes are added to a tree of `size`. Raises LogBroken."""
    changed, level, start, hashes = [], 0, size, list(leaves)
    while hashes:
        tiles = _append(level, start, hashes)
        full = [tile for tile in tiles if tile.width == Tile.WIDTH]
        changed += tiles
        hashes = [root_of(split_hashes(bytes(tile.hashes))) for tile in full]
        level, start = level + 1, full[0].index if full else 0
    return changed


def save_tiles(tiles: Sequence[Tile]) -> None:
    """Insert new tiles and replace those that grew."""
    Tile.objects.bulk_create(
        tiles, batch_size=50, update_conflicts=True, unique_fields=["level", "index"], update_fields=["width", "hashes"]
    )


def split_hashes(data: bytes) -> list[bytes]:
    """The hashes that stand side by side in `data`."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _append(level: int, start: int, hashes: list[bytes]) -> list[Tile]:
    index, width = divmod(start, Tile.WIDTH)
    # A broken append may have left more in the tile than the tree has: only the first `width` count.
    known = split_hashes(_stored(level, index))[:width] if width else []
    if len(known) != width:
        raise LogBroken(f"tile {level}/{index} holds {len(known)} hashes, the tree needs {width}")
    row = known + hashes
    return [
        Tile(level=level, index=index + at // Tile.WIDTH, width=len(part), hashes=b"".join(part))
        for at in range(0, len(row), Tile.WIDTH)
        if (part := row[at : at + Tile.WIDTH])
    ]


def _stored(level: int, index: int) -> bytes:
    tile = Tile.objects.filter(level=level, index=index).first()
    return bytes(tile.hashes) if tile else b""
