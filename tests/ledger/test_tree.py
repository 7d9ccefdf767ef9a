"""The tree against the published vectors of RFC 6962, and against its own slow twin."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tree import EMPTY_ROOT, Edge, leaf_hash, node_hash, root_of

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "rfc6962-sample.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["hasher"], ids=lambda vector: vector["op"])
def test_hashes_are_those_of_the_published_vectors(vector: dict[str, str]) -> None:
    match vector["op"]:
        case "empty_root":
            made = EMPTY_ROOT
        case "leaf":
            made = leaf_hash(bytes.fromhex(vector["data_hex"]))
        case "node":
            made = node_hash(bytes.fromhex(vector["left_hex"]), bytes.fromhex(vector["right_hex"]))
        case other:
            pytest.fail(f"an unknown operation {other}")
    assert made.hex() == vector["want"]


def test_roots_of_every_size_are_those_of_the_published_vectors() -> None:
    sample = VECTORS["roots"][0]
    leaves = [leaf_hash(bytes.fromhex(data)) for data in sample["leaves_hex"]]
    assert [leaf.hex() for leaf in leaves] == sample["leaf_hashes"]
    roots = sample["root_by_size"]
    for size, root in roots.items() if isinstance(roots, dict) else enumerate(roots):
        assert root_of(leaves[: int(size)]).hex() == root


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_edge_comes_to_the_root_that_the_definition_gives(data: list[bytes]) -> None:
    leaves = [leaf_hash(item) for item in data]
    edge = Edge()
    for size, leaf in enumerate(leaves):
        assert edge.root() == root_of(leaves[:size])
        edge.append(leaf)
        edge = Edge(edge.size, edge.packed())
    assert (edge.size, edge.root()) == (len(leaves), root_of(leaves))


@given(st.integers(min_value=1, max_value=70))
def test_each_leaf_tells_which_nodes_it_completes(size: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    edge = Edge()
    for index, leaf in enumerate(leaves):
        for level, node in enumerate(edge.append(leaf), start=1):
            assert node == root_of(leaves[index + 1 - (1 << level) : index + 1])


@pytest.mark.parametrize(("size", "packed"), [(-1, b""), (3, bytes(32)), (2, bytes(33))])
def test_an_edge_that_does_not_fit_its_size_is_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="has an edge of"):
        Edge(size, packed)
