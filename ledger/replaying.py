"""The whole log, entry by entry, as if each were recorded again: nothing is taken in that the door would have refused.

Verifier and auditor share it. Each entry has to be the exact bytes of what it says, at the next index, recorded no earlier than
the one before it, under a key of its own, and lawful by the same rules as at the door.
"""

from types import TracebackType
from typing import NoReturn, Self

from ledger.errors import CheckFailed, LedgerError
from ledger.exact import NotExact, exact_entry
from ledger.mandates import check
from ledger.once import Keys
from ledger.records import Recorded
from ledger.replay import ReplayedBook, Reread

# What a rule that was written for entries of our own door can stumble over in somebody else's.
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, AssertionError, StopIteration)


class EntryWrong(CheckFailed):
    """Entry {index} is wrong: {problem}."""


class Replay:
    """A log that is replayed from its first entry on. Use it in a `with`; `finish` it when the last entry is in."""

    def __init__(self, reread: Reread) -> None:
        """`reread` gives an entry of the log that was taken in before."""
        self.book = ReplayedBook(reread)
        self._reread = reread
        self._keys = Keys()

    def take(self, written: bytes, leaf: bytes | None = None, *, in_form: bool = False) -> Recorded:
        """Take in the next entry, as `exact_entry` reads it. Raises EntryWrong, for the first entry that is."""
        book = self.book
        try:
            entry = exact_entry(written, leaf, in_form=in_form)
            last = book.last
            if entry.index != book.size or (last is not None and entry.recorded_at < last.recorded_at):
                _say_what_does_not_follow(entry, book)
            check(entry, book, recorded=entry.recorded_at)
        except NotExact as fault:
            self._refuse(book.size, str(fault.facts["problem"]), fault)
        except LedgerError as fault:
            self._refuse(book.size, f"it breaks a rule ({fault.sentence.split('. ')[0].rstrip('.')})", fault)
        except _ODD as fault:
            self._refuse(book.size, f"it does not read as an entry ({type(fault).__name__})", fault)
        book.add(entry)
        self._keys.add(entry.idempotency_key, entry.index)
        return entry

    def finish(self) -> None:
        """What can be said only of all entries together: no two have the same key. Raises EntryWrong."""
        used = (later for earlier, later in self._keys.suspected() if self._key(earlier) == self._key(later))
        again = min(used, default=None)
        if again is not None:
            raise EntryWrong(index=again, problem=f"its key {self._key(again)} was used before")

    def close(self) -> None:
        """Let go of what was kept on the disk."""
        self._keys.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        """Let go of what was kept on the disk."""
        self.close()

    def _refuse(self, index: int, problem: str, fault: Exception) -> NoReturn:
        self.finish()  # a key that was used twice before this entry is the earlier lie
        raise EntryWrong(index=index, problem=problem) from fault

    def _key(self, index: int) -> str:
        return self._reread(index).idempotency_key


def _say_what_does_not_follow(entry: Recorded, book: ReplayedBook) -> None:
    if entry.index != book.size:
        raise NotExact(problem=f"it says that it is entry {entry.index}")
    raise NotExact(problem="it says it was recorded before the entry it follows")
