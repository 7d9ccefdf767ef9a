"""The tree against the published vectors of RFC 6962, and against its own slow twin."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tree import (
    EMPTY_ROOT,
    Edge,
    Node,
    NotInTheTree,
    ProofWrong,
    consistency_path,
    consistency_proof,
    cover,
    inclusion_path,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [leaf_hash(f"entry {number}".encode()) for number in range(70)]
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


def node_of(node: Node) -> bytes:
    """The hash of a perfect subtree over LEAVES, by definition."""
    level, number = node
    assert (number + 1) << level <= len(LEAVES), f"{node} is not complete"
    return root_of(LEAVES[number << level : (number + 1) << level])


def _middle(leaves: Sequence[bytes]) -> int:
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return middle


def inclusion_by_definition(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962 §2.1.1, word for word: the slow twin."""
    if len(leaves) == 1:
        return []
    middle = _middle(leaves)
    if index < middle:
        return [*inclusion_by_definition(index, leaves[:middle]), root_of(leaves[middle:])]
    return [*inclusion_by_definition(index - middle, leaves[middle:]), root_of(leaves[:middle])]


def consistency_by_definition(old: int, leaves: Sequence[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962 §2.1.2, word for word: the slow twin."""
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = _middle(leaves)
    if old <= middle:
        return [*consistency_by_definition(old, leaves[:middle], whole=whole), root_of(leaves[middle:])]
    return [*consistency_by_definition(old - middle, leaves[middle:], whole=False), root_of(leaves[:middle])]


def test_an_append_names_each_node_that_it_completes_once() -> None:
    edge, kept = Edge(), dict[Node, bytes]()
    for index, leaf in enumerate(LEAVES):
        kept[0, index] = leaf
        for level, completed in enumerate(edge.append(leaf), start=1):
            assert (level, index >> level) not in kept
            kept[level, index >> level] = completed
    assert kept == {(level, number): node_of((level, number)) for level in range(7) for number in range(len(LEAVES) >> level)}


@pytest.mark.parametrize("size", range(len(LEAVES) + 1))
def test_proofs_from_nodes_are_those_of_the_definition_for_every_size(size: int) -> None:
    assert root_at(size, node_of) == root_of(LEAVES[:size])
    for index in range(size):
        assert inclusion_proof(index, size, node_of) == inclusion_by_definition(index, LEAVES[:size])
    for old in range(1, size + 1):
        assert consistency_proof(old, size, node_of) == consistency_by_definition(old, LEAVES[:size])


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1, 3))
def test_true_proofs_are_accepted_for_every_size(size: int) -> None:
    root = root_of(LEAVES[:size])
    for index in range(size):
        proof = inclusion_proof(index, size, node_of)
        verify_inclusion(index=index, size=size, leaf=LEAVES[index], proof=proof, root=root)
    for old in range(size + 1):
        proof = consistency_proof(old, size, node_of)
        verify_consistency(old=old, new=size, proof=proof, old_root=root_of(LEAVES[:old]), new_root=root)


@given(st.data())
def test_an_inclusion_proof_with_any_one_thing_changed_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node_of)
    lies: list[dict[str, Any]] = [
        {"index": data.draw(st.integers(-1, size + 1).filter(lambda other: other != index))},
        {"leaf": leaf_hash(b"another entry")},
        {"root": root_of(LEAVES[: size - 1])},
        {"proof": [*proof, data.draw(st.sampled_from([LEAVES[0], b"", root_of(LEAVES[:size])]))]},
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        flipped = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        lies += [
            {"proof": [*proof[:at], *proof[at + 1 :]]},
            {"proof": [*proof[:at], flipped, *proof[at + 1 :]]},
            {"proof": [*proof[:at], proof[at] + b"x", *proof[at + 1 :]]},
        ]
    true: dict[str, Any] = {
        "index": index, "size": size, "leaf": LEAVES[index], "proof": proof, "root": root_of(LEAVES[:size]),
    }  # fmt: skip
    for lie in lies:
        with pytest.raises(ProofWrong, match="This proof is wrong"):
            verify_inclusion(**true | lie)


@given(st.data())
def test_a_consistency_proof_with_any_one_thing_changed_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(1, len(LEAVES)))
    old = data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, node_of)
    rewritten = [leaf_hash(b"another past"), *LEAVES[1:new]]
    lies: list[dict[str, Any]] = [
        {"old_root": root_of(rewritten[:old])},
        {"new_root": root_of(rewritten)},
        {"old": new + 1},
        {"old": -1},
        {"proof": [*proof, LEAVES[0]]},
    ]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        lies += [
            {"proof": [*proof[:at], *proof[at + 1 :]]},
            {"proof": [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]},
        ]
    true: dict[str, Any] = {
        "old": old, "new": new, "proof": proof, "old_root": root_of(LEAVES[:old]), "new_root": root_of(LEAVES[:new]),
    }  # fmt: skip
    for lie in lies:
        with pytest.raises(ProofWrong, match="This proof is wrong"):
            verify_consistency(**true | lie)


def test_every_tree_begins_with_the_empty_one_and_that_needs_no_proof() -> None:
    verify_consistency(old=0, new=5, proof=[], old_root=EMPTY_ROOT, new_root=root_of(LEAVES[:5]))
    with pytest.raises(ProofWrong, match="the empty tree has another root"):
        verify_consistency(old=0, new=5, proof=[], old_root=LEAVES[0], new_root=root_of(LEAVES[:5]))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_what_is_not_in_the_tree_has_no_inclusion_path(index: int, size: int) -> None:
    with pytest.raises(NotInTheTree, match=f"entry {index}"):
        inclusion_path(index, size)


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_a_tree_that_is_longer_has_no_consistency_path(old: int, new: int) -> None:
    with pytest.raises(NotInTheTree, match=f"the tree of {old}"):
        consistency_path(old, new)


def test_a_path_in_a_tree_of_two_to_the_forty_asks_for_few_nodes() -> None:
    path = inclusion_path(12_345, 2**40 + 2**20 + 1)
    assert sum(len(nodes) for nodes in path) < 100
    assert cover(0, 7) == ((2, 0), (1, 2), (0, 6))


def _proof(vector: dict[str, Any]) -> list[bytes]:
    return [bytes.fromhex(part) for part in vector["proof"] or []]


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda vector: f"{vector['path']} {vector['desc']}")
def test_inclusion_proofs_are_judged_as_the_published_vectors_say(vector: dict[str, Any]) -> None:
    claim: dict[str, Any] = {"index": vector["leaf_index"], "size": vector["tree_size"], "proof": _proof(vector)}
    claim |= {"leaf": bytes.fromhex(vector["leaf_hash"]), "root": bytes.fromhex(vector["root"])}
    if vector["wantErr"]:
        with pytest.raises(ProofWrong):
            verify_inclusion(**claim)
    else:
        verify_inclusion(**claim)


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda vector: f"{vector['path']} {vector['desc']}")
def test_consistency_proofs_are_judged_as_the_published_vectors_say(vector: dict[str, Any]) -> None:
    claim: dict[str, Any] = {"old": vector["size1"], "new": vector["size2"], "proof": _proof(vector)}
    claim |= {"old_root": bytes.fromhex(vector["root1"]), "new_root": bytes.fromhex(vector["root2"])}
    if vector["wantErr"]:
        with pytest.raises(ProofWrong):
            verify_consistency(**claim)
    else:
        verify_consistency(**claim)
