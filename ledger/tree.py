"""The Merkle tree of RFC 6962 §2.1, pure: hashes in, hashes out, nothing stored.

A leaf is SHA-256(0x00 ‖ data), a node SHA-256(0x01 ‖ left ‖ right), the empty tree SHA-256(""). The *right edge* of a tree
of n leaves is one hash per bit set in n, largest subtree first: enough to append to the tree and to know its root, so an
append costs O(log n) hashes and reads nothing else.

A *node* (level, number) is a perfect subtree: (0, 5) is the hash of leaf 5, (3, 2) covers leaves 16…23. A hash of a proof is
made of one such node, or, where it covers the tree's ragged right side, of several folded together. So a proof is first a
list of wanted nodes (`inclusion_path`, `consistency_path`), and then hashes, from whoever knows the nodes: a database that
keeps them, or tiles.
"""

import hashlib
from collections.abc import Callable, Sequence

from ledger.errors import CheckFailed, LedgerError

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int]
"""(level, number): the perfect subtree over the 2^level leaves from number × 2^level on."""
NodeHash = Callable[[Node], bytes]


class NotInTheTree(LedgerError):
    """There is no proof for {what} in a tree of {size} entries. Ask for one that the tree holds; nothing was recorded."""


class ProofWrong(CheckFailed):
    """This proof is wrong: {problem}. Do not rely on what it claims; nothing was recorded."""


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Edge:
    """The right edge of a growing tree.

    >>> edge = Edge()
    >>> edge.append(leaf_hash(b"first")); edge.size
    1
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, packed: bytes = b"") -> None:
        """`packed` is the edge's hashes one after another, largest subtree first: 32 bytes for each bit set in `size`."""
        if size < 0 or len(packed) != HASH_SIZE * size.bit_count():
            raise ValueError(f"A tree of {size} leaves has an edge of {size.bit_count()} hashes.")
        self.size = size
        self.hashes = [packed[at : at + HASH_SIZE] for at in range(0, len(packed), HASH_SIZE)]

    def append(self, leaf: bytes) -> tuple[bytes, ...]:
        """Add one leaf hash: equal subtrees at the edge merge, as a carry does in binary addition.

        Gives the hashes of the nodes that this leaf completes, level 1 first: after leaf 5 (level, number) = (1, 2), after
        leaf 7 (1, 3), (2, 1) and (3, 0). It is one hash on average, and every node of the tree is completed once.
        """
        merged, bits = leaf, self.size
        completed = []
        while bits & 1:
            merged = node_hash(self.hashes.pop(), merged)
            completed.append(merged)
            bits >>= 1
        self.hashes.append(merged)
        self.size += 1
        return tuple(completed)

    def packed(self) -> bytes:
        """The edge as it is stored: its hashes one after another."""
        return b"".join(self.hashes)

    def root(self) -> bytes:
        """The root of the tree: the edge folded from its smallest subtree."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _fold(subtrees: Sequence[bytes]) -> bytes:
    """The hash over neighbouring subtrees, each larger than the next."""
    folded = subtrees[-1]
    for left in reversed(subtrees[:-1]):
        folded = node_hash(left, folded)
    return folded


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree of leaf hashes, by the definition of RFC 6962: the slow, obvious twin of `Edge.root`."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = _largest_power_below(len(leaves))
    return node_hash(root_of(leaves[:middle]), root_of(leaves[middle:]))


def root_of_full(leaves: bytes) -> bytes:
    """The root of a perfect tree, from its leaf hashes one after another: what `root_of` gives, level by level."""
    level = leaves
    while len(level) > HASH_SIZE:
        pairs = range(0, len(level), 2 * HASH_SIZE)
        level = b"".join([hashlib.sha256(b"\x01" + level[at : at + 2 * HASH_SIZE]).digest() for at in pairs])
    return level


def cover(begin: int, end: int) -> tuple[Node, ...]:
    """The nodes that make up leaves `begin`…`end` - 1, largest first. `begin` is where a subtree of that width begins.

    >>> cover(0, 7)
    ((2, 0), (1, 2), (0, 6))
    """
    nodes = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        nodes.append((level, begin >> level))
        begin += 1 << level
    return tuple(nodes)


def root_at(size: int, node: NodeHash) -> bytes:
    """The root of the tree's first `size` leaves."""
    return _fold([node(wanted) for wanted in cover(0, size)]) if size else EMPTY_ROOT


def inclusion_path(index: int, size: int) -> list[tuple[Node, ...]]:
    """What proves that leaf `index` is in the tree of `size`: for each hash of the proof its nodes, the leaf's sibling first.

    RFC 6962 §2.1.1. Raises NotInTheTree.
    """
    if not 0 <= index < size:
        raise NotInTheTree(what=f"entry {index}", size=size)
    begin, end = 0, size
    path = []
    while end - begin > 1:
        middle = begin + _largest_power_below(end - begin)
        if index < middle:
            path.append(cover(middle, end))
            end = middle
        else:
            path.append(cover(begin, middle))
            begin = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[tuple[Node, ...]]:
    """What proves that the tree of `new` begins with the tree of `old`: for each hash of the proof its nodes.

    RFC 6962 §2.1.2. Empty for two equal sizes and from the empty tree. Raises NotInTheTree.
    """
    if not 0 <= old <= new:
        raise NotInTheTree(what=f"the tree of {old}", size=new)
    if old == 0:
        return []
    begin, end = 0, new
    path = []
    while end != old:
        middle = begin + _largest_power_below(end - begin)
        if old <= middle:
            path.append(cover(middle, end))
            end = middle
        else:
            path.append(cover(begin, middle))
            begin = middle
    if begin:  # else the old tree's own root is the first hash, and who checks has it already
        path.append(cover(begin, end))
    return path[::-1]


def inclusion_proof(index: int, size: int, node: NodeHash) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size`, from whoever knows the nodes. Raises NotInTheTree."""
    return [_fold([node(wanted) for wanted in nodes]) for nodes in inclusion_path(index, size)]


def consistency_proof(old: int, new: int, node: NodeHash) -> list[bytes]:
    """The proof that the tree of `new` begins with the tree of `old`. Raises NotInTheTree."""
    return [_fold([node(wanted) for wanted in nodes]) for nodes in consistency_path(old, new)]


def root_from_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that this proof leads to from the leaf hash. Raises ProofWrong when it cannot be a proof for `index`."""
    if not 0 <= index < size:
        raise ProofWrong(problem=f"entry {index} is not in a tree of {size} entries")
    _check_hashes([leaf, *proof])
    root = leaf
    for nodes, sibling in _paired(inclusion_path(index, size), proof):
        root = node_hash(sibling, root) if _first_leaf(nodes) < index else node_hash(root, sibling)
    return root


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofWrong unless the proof leads from this leaf hash at `index` to `root`, the root of a tree of `size`."""
    if root_from_inclusion(index=index, size=size, leaf=leaf, proof=proof) != root:
        raise ProofWrong(problem=f"from this entry it does not lead to the root of the tree of {size} entries")


def verify_consistency(*, old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise ProofWrong unless the proof shows that the tree of `new` begins with the tree of `old`."""
    if not 0 <= old <= new:
        raise ProofWrong(problem=f"a tree of {new} entries cannot begin with one of {old}")
    _check_hashes([old_root, new_root, *proof])
    pairs = _paired(consistency_path(old, new), proof)
    if old == 0:
        if old_root != EMPTY_ROOT:
            raise ProofWrong(problem="the empty tree has another root")
        return
    whole = old == new or old.bit_count() == 1  # the old tree is itself a node of the new one, or all of it
    start, rest = (old_root, pairs) if whole else (pairs[0][1], pairs[1:])
    from_old = from_new = start
    for nodes, sibling in rest:
        if _first_leaf(nodes) < old:
            from_old, from_new = node_hash(sibling, from_old), node_hash(sibling, from_new)
        else:
            from_new = node_hash(from_new, sibling)
    if from_old != old_root:
        raise ProofWrong(problem=f"it does not lead to the root of the tree of {old} entries")
    if from_new != new_root:
        raise ProofWrong(problem=f"it does not lead from the root of {old} entries to that of {new}")


def _paired(path: Sequence[tuple[Node, ...]], proof: Sequence[bytes]) -> list[tuple[tuple[Node, ...], bytes]]:
    """Each hash of a proof beside what it stands for."""
    if len(proof) != len(path):
        raise ProofWrong(problem=f"it has {len(proof)} hashes where {len(path)} are needed")
    return list(zip(path, proof, strict=True))


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(part) != HASH_SIZE for part in hashes):
        raise ProofWrong(problem="one of its hashes is not 32 bytes long")


def _first_leaf(nodes: tuple[Node, ...]) -> int:
    level, number = nodes[0]
    return number << level
