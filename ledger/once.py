"""That no two entries carry the same idempotency key, over a log of any length, in memory that does not grow with it.

Each key stands as a number of 64 bits beside its entry's index, in one of 256 heaps; what does not fit in memory waits in a
folder of its own. At the end each heap is looked through by itself. Two numbers that are equal are only a suspicion: whoever
asks compares the keys themselves.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

_HEAPS = 256
_IN_MEMORY = 65_536  # keys: one megabyte
_NUMBER = "q"  # eight bytes, as Python's own salted hash of a text


class Keys:
    """The idempotency keys of a log, one after another. Close it, or use it in a `with`."""

    def __init__(self) -> None:
        """Nothing is written before memory is full."""
        self._heaps = [array(_NUMBER) for _ in range(_HEAPS)]
        self._waiting = 0
        self._folder: TemporaryDirectory[str] | None = None

    def add(self, key: str, index: int) -> None:
        """Note the key of the entry at `index`."""
        number = hash(key)
        heap = self._heaps[number & 255]
        heap.append(number)
        heap.append(index)
        self._waiting += 1
        if self._waiting >= _IN_MEMORY:
            self._put_away()

    def suspected(self) -> Iterator[tuple[int, int]]:
        """Entries, (earlier, later), whose keys may be the same, in no order."""
        for heap in range(_HEAPS):
            pairs = self._all_of(heap)
            numbers = pairs[::2]
            if len(set(numbers)) == len(numbers):
                continue
            seen: dict[int, int] = {}
            for number, index in zip(numbers, pairs[1::2], strict=True):
                if number in seen:
                    yield seen[number], index
                seen[number] = index

    def close(self) -> None:
        """Forget everything."""
        self._heaps = [array(_NUMBER) for _ in range(_HEAPS)]
        if self._folder is not None:
            self._folder.cleanup()

    def _put_away(self) -> None:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="commonpurse-keys-")
        for number, heap in enumerate(self._heaps):
            with Path(self._folder.name, f"{number}").open("ab") as file:
                heap.tofile(file)
            del heap[:]
        self._waiting = 0

    def _all_of(self, heap: int) -> "array[int]":
        found = array(_NUMBER)
        if self._folder is not None:
            found.frombytes(Path(self._folder.name, f"{heap}").read_bytes())
        found.extend(self._heaps[heap])
        return found
