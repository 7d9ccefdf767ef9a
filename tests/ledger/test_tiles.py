"""The log as tiles: their names, which ones there are, and a tree that believes only what leads to its root."""

import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tiles import (
    Bundle,
    NotATile,
    Tile,
    TileMissing,
    TileTree,
    TileWrong,
    bundles_of,
    pack_entries,
    parse_path,
    tile_in,
    tiles_of,
)
from ledger.tree import (
    NotInTheTree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "rfc6962-sample.json").read_text())["tile_paths"]
LEAVES = [leaf_hash(f"entry {number}".encode()) for number in range(70_000)]


@cache
def root(size: int) -> bytes:
    return root_of(LEAVES[:size])


@cache
def written(tile: Tile) -> bytes:
    """The tile by the definition of the standard: MTH(D[(n × 256 + i) × 256^l : (n × 256 + i + 1) × 256^l]) for each i."""
    wide = 256**tile.level
    places = range(tile.number * 256, tile.number * 256 + tile.width)
    assert places.stop * wide <= len(LEAVES), f"{tile.path} is not of this log"
    return b"".join(root_of(LEAVES[place * wide : (place + 1) * wide]) for place in places)


class Log:
    """A log that serves the tiles of its first `size` entries, counts what it was asked for, and may lie."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.root = root(size)
        self.asked: list[str] = []
        self.lies: dict[str, bytes] = {}
        self.lost: set[str] = set()

    def fetch(self, tile: Tile) -> bytes:
        self.asked.append(tile.path)
        if tile.path in self.lost or tile.needs > self.size:
            raise TileMissing(path=tile.path)
        return self.lies.get(tile.path, written(tile))

    def tree(self, *, size: int | None = None, keep: int = 64) -> TileTree:
        size = self.size if size is None else size
        return TileTree(size=size, root=root(size), fetch=self.fetch, keep=keep)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(1, 999, 255), "tile/1/999.p/255"),
        (Tile(63, 1_000, 1), "tile/63/x001/000.p/1"),
        (Bundle(1_000_000, 17), "tile/entries/x001/x000/000.p/17"),
        (Bundle(5), "tile/entries/005"),
    ],
)
def test_a_tile_has_one_address_and_is_found_by_it(tile: Tile | Bundle, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize("case", PUBLISHED["cases"], ids=lambda case: case["path"])
def test_the_published_number_is_written_as_published(case: dict[str, int]) -> None:
    assert Tile(0, case["N"]).path == f"tile/0/{case['path']}"


@given(st.integers(0, 63), st.integers(0, 2**55), st.integers(1, 256))
def test_every_address_leads_back_to_its_tile(level: int, number: int, width: int) -> None:
    for tile in (Tile(level, number, width), Bundle(number, width)):
        assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000",
        "tile/-1/000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001", "tile/0/x001/x002", "tile/0/001.p",
        "tile/0/001.p/", "tile/0/001.p/0", "tile/0/001.p/256", "tile/0/001.p/07", "tile/0/001.p/-1", "tile/0/001.p/1/",
        "/tile/0/001", "tile/0/001\n", "tile/0/٠٠١", "tile/entry/001", "tile/entries/1", "tile/entries/x001/1",
        "tile/0/../000", "tile/0/" + "x001/" * 7 + "000",
    ],
)  # fmt: skip
def test_an_address_that_is_written_otherwise_is_none(path: str) -> None:
    with pytest.raises(NotATile):
        parse_path(path)


@pytest.mark.parametrize(("level", "number", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_coordinates_that_no_tile_has_are_refused(level: int, number: int, width: int) -> None:
    with pytest.raises(ValueError, match="There is no"):
        Tile(level, number, width)


def test_a_tree_of_70_000_has_the_tiles_that_the_standard_says() -> None:
    tiles = list(tiles_of(70_000))
    said = PUBLISHED["tree_70000"]
    partial = {tile.level: tile.width for tile in tiles if tile.width < 256}
    full = [tile.level for tile in tiles if tile.width == 256]
    assert (full.count(0), full.count(1), len(full)) == (said["full_L0"], said["full_L1"], said["full_L0"] + said["full_L1"])
    assert partial == {0: said["partial_L0_width"], 1: said["partial_L1_width"], 2: said["partial_L2_width"]}
    assert sum(bundle.width for bundle in bundles_of(70_000)) == 70_000


def test_a_tree_of_256_has_one_full_tile_and_one_hash_above_it() -> None:
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert (list(tiles_of(0)), list(bundles_of(0))) == ([], [])


@given(st.integers(0, 200_000))
def test_the_tiles_of_a_tree_are_those_that_its_size_allows(size: int) -> None:
    tiles = set(tiles_of(size))
    assert all(tile.needs <= size and tile_in(size, tile.level, tile.number) == tile for tile in tiles)
    widths = {level: sum(tile.width for tile in tiles if tile.level == level) for level in range(4)}
    assert widths == {level: size // 256**level for level in range(4)}
    assert tile_in(size, 0, -(-size // 256)) is None
    assert [bundle.tile for bundle in bundles_of(size)] == sorted(
        (tile for tile in tiles if tile.level == 0), key=lambda tile: tile.number
    )


def test_a_tile_names_the_nodes_that_it_holds_and_the_size_it_needs() -> None:
    tile = Tile(1, 2, 3)
    assert tile.nodes() == [(8, 512), (8, 513), (8, 514)]
    assert tile.needs == 515 * 256
    assert (Bundle(2, 3).needs, Bundle(2, 3).tile.needs) == (515, 515)
    assert b"".join(root_of(LEAVES[number << level : (number + 1) << level]) for level, number in Tile(1, 0, 3).nodes()) == (
        written(Tile(1, 0, 3))
    )


def test_an_audit_goes_on_with_the_bundle_it_left_off_in() -> None:
    assert list(bundles_of(600, begin=300)) == [Bundle(1), Bundle(2, 88)]
    assert [bundle.first for bundle in bundles_of(600, begin=300)] == [256, 512]
    assert list(bundles_of(600, begin=600)) == [Bundle(2, 88)]


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_entries_come_out_of_a_bundle_as_they_went_in(entries: list[bytes]) -> None:
    assert Bundle(3, len(entries)).entries(pack_entries(entries)) == entries


def test_the_longest_entry_fits_and_a_longer_one_is_refused() -> None:
    longest = bytes(65_535)
    assert Bundle(0, 1).entries(pack_entries([longest])) == [longest]
    with pytest.raises(ValueError, match="longer than 65535"):
        pack_entries([longest + b"x"])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\x00\x03abc\x00\x02d", "cut short in entry 257"),
        (b"\x00\x03abc\x00", "cut short in entry 257"),
        (b"\x00\x03abc", "has 1 entries and should have 2"),
        (b"", "has 0 entries and should have 2"),
        (b"\x00\x01a\x00\x01b\x00\x00", "has 3 entries and should have 2"),
    ],
)
def test_a_bundle_that_was_cut_or_has_more_behind_it_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(TileWrong, match=problem):
        Bundle(1, 2).entries(data)


@pytest.mark.parametrize("length", [0, 31, 63, 65, 96])
def test_a_tile_that_was_cut_is_refused(length: int) -> None:
    with pytest.raises(TileWrong, match=rf"wrong tile/0/001\.p/2: it has {length} bytes and should have 64"):
        Tile(0, 1, 2).hashes(bytes(length))


@given(st.data())
def test_any_node_from_tiles_is_what_the_definition_says(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3_000) | st.sampled_from([65_535, 65_536, 70_000]))
    level = data.draw(st.integers(0, size.bit_length() - 1))
    number = data.draw(st.integers(0, (size >> level) - 1))
    log = Log(size)
    assert log.tree().node((level, number)) == root_of(LEAVES[number << level : (number + 1) << level])


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 65_536, 65_537, 70_000])
def test_proofs_from_tiles_lead_to_the_root(size: int) -> None:
    log = Log(size)
    tree = log.tree()
    for index in {0, 1, 255, 256, size // 2, size - 1}:
        if index < size:
            proof = inclusion_proof(index, size, tree.node)
            verify_inclusion(index=index, size=size, leaf=LEAVES[index], proof=proof, root=log.root)
    for old in {1, 2, 255, 256, 257, size // 2, size - 1, size} & set(range(size + 1)):
        proof = consistency_proof(old, size, tree.node)
        verify_consistency(old=old, new=size, proof=proof, old_root=root_of(LEAVES[:old]), new_root=log.root)


def test_what_lies_beyond_the_tree_is_refused_without_asking_the_log() -> None:
    log = Log(300)
    for node in ((0, 300), (9, 0), (0, -1), (-1, 0)):
        with pytest.raises(NotInTheTree):
            log.tree().node(node)
    with pytest.raises(NotInTheTree):
        log.tree().hashes(0, 2)
    assert log.asked == []


@given(st.data())
def test_one_changed_byte_in_any_tile_is_seen(data: st.DataObject) -> None:
    """Whatever tile the log changes, who asks for a hash out of that tile is told of it."""
    log = Log(70_000)
    tile = data.draw(st.sampled_from(list(tiles_of(log.size))))
    at = data.draw(st.integers(0, tile.width * 32 - 1))
    true = written(tile)
    log.lies[tile.path] = true[:at] + bytes([true[at] ^ 1]) + true[at + 1 :]
    with pytest.raises(TileWrong, match="Do not rely on this log"):
        log.tree().hashes(tile.level, tile.number)


def test_a_log_that_changes_a_leaf_and_all_above_it_does_not_lead_to_the_signed_root() -> None:
    honest = Log(600)
    forged = [leaf_hash(b"another past"), *LEAVES[1:600]]
    log = Log(600)
    log.lies = {
        "tile/0/000": b"".join(forged[:256]),
        "tile/1/000.p/2": root_of(forged[:256]) + root_of(forged[256:512]),
    }
    with pytest.raises(TileWrong, match=r"tile/0/002\.p/88 or tile/1/000\.p/2: it does not lead to the root"):
        log.tree().node((0, 0))
    assert honest.tree().node((0, 0)) == LEAVES[0]


def test_a_tile_that_was_cut_short_is_seen_when_it_is_used() -> None:
    log = Log(600)
    log.lies["tile/0/001"] = written(Tile(0, 1))[:-32]
    tree = log.tree()
    assert tree.node((0, 0)) == LEAVES[0]
    with pytest.raises(TileWrong, match=r"tile/0/001: it has 8,160 bytes"):
        tree.node((0, 256))


def test_where_a_partial_tile_has_gone_its_full_tile_serves() -> None:
    """A witness comes back with a checkpoint of 300 when the log has 600 entries and keeps full tiles only."""
    log = Log(600)
    log.lost = {"tile/0/001.p/44", "tile/1/000.p/1"}
    with pytest.raises(TileMissing, match=r"does not have tile/1/000\.p/1"):
        log.tree(size=300).node((0, 299))
    log.lost = {"tile/0/001.p/44"}
    assert log.tree(size=300).node((0, 299)) == LEAVES[299]
    assert "tile/0/001" in log.asked


def test_a_tile_is_fetched_once_and_no_more_than_the_last_few_are_kept() -> None:
    log = Log(70_000)
    tree = log.tree(keep=4)
    for index in range(2_560):
        assert tree.node((0, index)) == LEAVES[index]
    assert len(log.asked) == len(set(log.asked)) == 10 + 1 + 3  # of level 0, the full tile above, the partial ones
    assert len(tree._full) == 4
    assert tree.node((0, 0)) == LEAVES[0]
    assert log.asked.count("tile/0/000") == 2
