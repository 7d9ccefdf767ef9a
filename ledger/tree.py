"""The Merkle tree of RFC 6962 §2.1, pure: hashes in, hashes out, nothing stored.

A leaf is SHA-256(0x00 ‖ data), a node SHA-256(0x01 ‖ left ‖ right), the empty tree SHA-256(""). The *right edge* of a tree
of n leaves is one hash per bit set in n, largest subtree first: enough to append to the tree and to know its root, so an
append costs O(log n) hashes and reads nothing else.
"""

import hashlib
from collections.abc import Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


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

        Returns the hashes of the nodes that this leaf completes, the lowest first: level 1, 2, …
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
        if not self.hashes:
            return EMPTY_ROOT
        folded = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            folded = node_hash(left, folded)
        return folded


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of a tree of leaf hashes, by the definition of RFC 6962: the slow, obvious twin of `Edge.root`."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = _largest_power_below(len(leaves))
    return node_hash(root_of(leaves[:middle]), root_of(leaves[middle:]))
