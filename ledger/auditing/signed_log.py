"""A log's files under one checkpoint: entries are given out only after their hashes were found in its tree."""

import hashlib
from collections.abc import Iterator
from typing import Protocol

from ledger.auditing.said import Said
from ledger.errors import CheckFailed
from ledger.exact import exact_entry
from ledger.note import Checkpoint
from ledger.records import Recorded
from ledger.tiles import Bundle, TileMissing, TileTree, bundles_of
from ledger.tree import root_at

Entries = tuple[list[bytes], list[bytes]]
"""Some entries, and their leaf hashes."""


class LogWrong(CheckFailed):
    """The log {origin} is not what it should be: {problem}. Do not rely on it before that is explained: keep what you have
    of it, show it to others, and ask whoever runs the log. Nothing was changed.
    """


class Files(Protocol):
    """The files of a log, by their paths under its address."""

    def get(self, path: str) -> bytes:
        """The bytes of a file. Raises TileMissing."""


class SignedLog:
    """The log that a checkpoint stands for."""

    def __init__(self, files: Files, head: Checkpoint) -> None:
        """Nothing is read yet."""
        self.head = head
        self._files = files
        self._tree = TileTree(size=head.size, root=head.root, fetch=lambda tile: files.get(tile.path))

    def wrong(self, problem: str) -> LogWrong:
        """What to raise about it."""
        return LogWrong(origin=self.head.origin, problem=problem)

    def require_root(self, said: Said) -> None:
        """The tree of as many entries has the root that was said. Raises LogWrong."""
        root = root_at(said.size, self._tree.node).hex()
        if said.root != root:
            raise self.wrong(f"the site says that the root of its first {said.size:,} entries is {said.root}, and it is {root}")

    def bundles(self) -> Iterator[Entries]:
        """All entries with their leaf hashes, in order, some at a time. Raises LogWrong, TileWrong, TileMissing."""
        for bundle in bundles_of(self.head.size):
            entries = self._entries(bundle)
            leaves = [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
            expected = self._tree.hashes(0, bundle.number)
            if leaves != expected:
                index = bundle.first + next(place for place in range(bundle.width) if leaves[place] != expected[place])
                raise self.wrong(f"entry {index} in {bundle.path} is not the one whose hash is in {bundle.tile.path}")
            yield entries, leaves

    def reread(self, index: int) -> Recorded:
        """An entry that was found in the tree before, read again."""
        found, data = self._bundle(next(bundles_of(self.head.size, begin=index)))
        return exact_entry(found.entry(data, index))

    def _entries(self, bundle: Bundle) -> list[bytes]:
        found, data = self._bundle(bundle)
        return found.entries(data)[: bundle.width]

    def _bundle(self, bundle: Bundle) -> tuple[Bundle, bytes]:
        """It with its bytes; or the full one, where the log has that by now and let the partial one go."""
        try:
            return bundle, self._files.get(bundle.path)
        except TileMissing as fault:
            full = Bundle(bundle.number)
            if bundle == full:
                raise
            try:
                return full, self._files.get(full.path)
            except TileMissing:
                raise fault from None
