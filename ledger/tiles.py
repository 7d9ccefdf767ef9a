"""The log as tiles, pure: C2SP tlog-tiles. How they are named, which ones a tree has, and how to compute with them.

A full tile is 256 hashes, 8,192 bytes. Level 0 holds leaf hashes; each hash of level L + 1 is the hash of one full tile of
level L. At most one tile of each level is partial: for a tree of s leaves, floor(s / 256^L) mod 256 hashes wide. Beside each
tile of level 0 stands the bundle of its entries' bytes.

| tree of 70,000 | full | partial, its width |
|---|---|---|
| level 0 | 273 | 112 |
| level 1 | 1 | 17 |
| level 2 | 0 | 1 |

`TileTree` is what witnesses and auditors compute with: it believes no tile that does not lead to the checkpoint's root.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ledger.errors import CheckFailed, LedgerError
from ledger.tree import HASH_SIZE, Node, NotInTheTree, root_at, root_of, root_of_full

WIDTH = 256
TREE_LEVELS = 8  # levels of the tree in one level of tiles: 256 is 2⁸
HIGHEST_LEVEL = 63
_LENGTH_SIZE = 2
_LONGEST_ENTRY = 65_535
_KEPT = 64  # full tiles in memory: half a megabyte
_PATH = re.compile(r"tile/(?P<level>entries|[0-9]{1,2})/(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[0-9]{1,3}))?")


class NotATile(LedgerError):
    """“{path}” is not the address of a tile. It should look like tile/0/x001/234 or tile/entries/000.p/17; nothing was
    recorded.
    """


class TileMissing(CheckFailed):
    """The log does not have {path}. Without it the log cannot be checked; nothing was recorded."""


class TileWrong(CheckFailed):
    """The log gave a wrong {path}: {problem}. Do not rely on this log before that is explained; nothing was recorded."""


def _place(number: int, width: int) -> str:
    """`number` in groups of three digits, each but the last with an x before it; then the width of a partial tile."""
    groups = f"{number:,}".split(",")
    written = "/".join(f"x{group:0>3}" for group in groups[:-1]) + "/" * (len(groups) > 1) + f"{groups[-1]:0>3}"
    return written if width == WIDTH else f"{written}.p/{width}"


def _check_place(number: int, width: int) -> None:
    if number < 0 or not 0 < width <= WIDTH:
        raise ValueError(f"There is no tile number {number} of width {width}.")


@dataclass(frozen=True, slots=True)
class Tile:
    """`width` hashes of tile level `level`, from number `number` × 256 on."""

    level: int
    number: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        """Raises ValueError for coordinates that no tile has."""
        _check_place(self.number, self.width)
        if not 0 <= self.level <= HIGHEST_LEVEL:
            raise ValueError(f"There is no level {self.level}.")

    @property
    def path(self) -> str:
        """Where it is under the log's prefix: `tile/<L>/<N>[.p/<W>]`."""
        return f"tile/{self.level}/{_place(self.number, self.width)}"

    @property
    def needs(self) -> int:
        """The number of entries from which on a log has this tile."""
        return (self.number * WIDTH + self.width) << (TREE_LEVELS * self.level)

    def nodes(self) -> list[Node]:
        """The nodes of the tree whose hashes it holds, one after another."""
        first = self.number * WIDTH
        return [(TREE_LEVELS * self.level, number) for number in range(first, first + self.width)]

    def hashes(self, data: bytes) -> list[bytes]:
        """The hashes in its bytes. Raises TileWrong when it was cut or has something behind it."""
        if len(data) != self.width * HASH_SIZE:
            raise TileWrong(path=self.path, problem=f"it has {len(data):,} bytes and should have {self.width * HASH_SIZE:,}")
        return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The bytes of `width` entries, from number `number` × 256 on."""

    number: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        """Raises ValueError for coordinates that no bundle has."""
        _check_place(self.number, self.width)

    @property
    def path(self) -> str:
        """Where it is under the log's prefix: `tile/entries/<N>[.p/<W>]`."""
        return f"tile/entries/{_place(self.number, self.width)}"

    @property
    def first(self) -> int:
        """The index of its first entry."""
        return self.number * WIDTH

    @property
    def needs(self) -> int:
        """The number of entries from which on a log has this bundle."""
        return self.first + self.width

    @property
    def tile(self) -> Tile:
        """The tile of its entries' leaf hashes."""
        return Tile(0, self.number, self.width)

    def entries(self, data: bytes) -> list[bytes]:
        """The entries in its bytes. Raises TileWrong when it was cut or has something behind it."""
        found: list[bytes] = []
        at = 0
        while at < len(data):
            begin = at + _LENGTH_SIZE
            at = begin + int.from_bytes(data[at:begin])
            if begin > len(data) or at > len(data):
                raise TileWrong(path=self.path, problem=f"it is cut short in entry {self.first + len(found)}")
            found.append(data[begin:at])
        if len(found) != self.width:
            raise TileWrong(path=self.path, problem=f"it has {len(found)} entries and should have {self.width}")
        return found

    def entry(self, data: bytes, index: int) -> bytes:
        """The one entry at `index` in its bytes, which `entries` has read before."""
        at = 0
        for _ in range(index - self.first):
            at += _LENGTH_SIZE + int.from_bytes(data[at : at + _LENGTH_SIZE])
        begin = at + _LENGTH_SIZE
        return data[begin : begin + int.from_bytes(data[at:begin])]


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """The bytes of a bundle: each entry behind its length, two bytes, the greater first."""
    if any(len(entry) > _LONGEST_ENTRY for entry in entries):
        raise ValueError(f"An entry is longer than {_LONGEST_ENTRY} bytes.")
    return b"".join(len(entry).to_bytes(_LENGTH_SIZE) + entry for entry in entries)


def parse_path(path: str) -> Tile | Bundle:
    """The tile or bundle at this address under the log's prefix, written as we write it. Raises NotATile."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise NotATile(path=path[:80])
    number, width = int(re.sub("[x/]", "", found["number"])), int(found["width"] or WIDTH)
    try:
        tile = Bundle(number, width) if found["level"] == "entries" else Tile(int(found["level"]), number, width)
    except ValueError as fault:
        raise NotATile(path=path) from fault
    if tile.path != path:
        raise NotATile(path=path)
    return tile


def tile_in(size: int, level: int, number: int) -> Tile | None:
    """The tile of this level and number as a tree of `size` has it, full or partial, or nothing."""
    width = min(WIDTH, (size >> (TREE_LEVELS * level)) - number * WIDTH)
    return Tile(level, number, width) if width > 0 else None


def _last_tiles(size: int) -> Iterator[Tile]:
    """The last tile of each level of a tree of `size`, from the leaves up."""
    level = 0
    while (hashes := size >> (TREE_LEVELS * level)) > 0:
        number = (hashes - 1) // WIDTH
        yield Tile(level, number, hashes - number * WIDTH)
        level += 1


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size`, from the leaves up."""
    for last in _last_tiles(size):
        yield from (Tile(last.level, number) for number in range(last.number))
        yield last


def bundles_of(size: int, *, begin: int = 0) -> Iterator[Bundle]:
    """Every bundle of entries of a tree of `size`, from the one with entry `begin` on."""
    for number in range(begin // WIDTH, -(-size // WIDTH)):
        yield Bundle(number, min(WIDTH, size - number * WIDTH))


Fetch = Callable[[Tile], bytes]
"""Gives the bytes of a tile; raises TileMissing when the log does not have it."""


class TileTree:
    """Any node of a tree, computed from tiles, each of which was first shown to lead to the tree's root.

    A partial tile is believed when all partial tiles together fold to the root; a full one when its hash stands in the
    tile above it. The last `keep` full tiles stay in memory, and the partial ones, at most one for each level.

    >>> tree = TileTree(size=checkpoint.size, root=checkpoint.root, fetch=get)
    >>> consistency_proof(seen.size, checkpoint.size, tree.node)
    """

    def __init__(self, *, size: int, root: bytes, fetch: Fetch, keep: int = _KEPT) -> None:
        """`size` and `root` are those of a checkpoint whose signature was verified."""
        self.size = size
        self._root = root
        self._fetch = fetch
        self._keep = keep
        self._full = OrderedDict[Tile, list[bytes]]()
        self._edge: dict[int, list[bytes]] | None = None

    def node(self, node: Node) -> bytes:
        """The hash of this perfect subtree. Raises NotInTheTree, TileMissing, TileWrong."""
        level, number = node
        if level < 0 or number < 0 or (number + 1) << level > self.size:
            raise NotInTheTree(what=f"the node {number} of level {level}", size=self.size)
        tile_level, rest = divmod(level, TREE_LEVELS)
        tile_number, begin = divmod(number << rest, WIDTH)
        return root_of(self.hashes(tile_level, tile_number)[begin : begin + (1 << rest)])

    def hashes(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile as this tree has it; for level 0, leaf hashes. Raises as `node` does."""
        tile = tile_in(self.size, level, number)
        if tile is None:
            raise NotInTheTree(what=f"the tile {number} of level {level}", size=self.size)
        if tile.width < WIDTH:
            return self._partial_tiles()[level]
        if tile in self._full:
            self._full.move_to_end(tile)
            return self._full[tile]
        data = self._fetch(tile)
        found = tile.hashes(data)
        if root_of_full(data) != self.hashes(level + 1, number // WIDTH)[number % WIDTH]:
            raise TileWrong(path=tile.path, problem="its hashes are not those that the tile above it stands for")
        self._full[tile] = found
        if len(self._full) > self._keep:
            self._full.popitem(last=False)
        return found

    def _partial_tiles(self) -> dict[int, list[bytes]]:
        """The partial tile of each level. Together they are the tree's right edge, so the root holds every hash in them."""
        if self._edge is not None:
            return self._edge
        tiles = [tile for tile in _last_tiles(self.size) if tile.width < WIDTH]
        edge = {tile.level: self._partial(tile) for tile in tiles}

        def on_the_edge(node: Node) -> bytes:
            level, rest = divmod(node[0], TREE_LEVELS)
            begin = (node[1] << rest) % WIDTH
            return root_of(edge[level][begin : begin + (1 << rest)])

        if root_at(self.size, on_the_edge) != self._root:
            raise TileWrong(
                path=" or ".join(tile.path for tile in tiles) or "checkpoint",
                problem=f"it does not lead to the root that was signed for {self.size} entries",
            )
        self._edge = edge
        return edge

    def _partial(self, tile: Tile) -> list[bytes]:
        """Its hashes; out of the full tile where the log has that by now and let the partial one go."""
        try:
            return tile.hashes(self._fetch(tile))
        except TileMissing as fault:
            full = Tile(tile.level, tile.number)
            try:
                return full.hashes(self._fetch(full))[: tile.width]
            except TileMissing:
                raise fault from None
