"""The log as a file is made of it: in order, some entries at a time, as one reading sees it.

A reading is one transaction of the database, so whatever is recorded while a long file is being written is not in it, and
every part of the file is of the same moment. Memory does not grow with the number of entries.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from ledger.entries import DatabaseBook, Entry, decode
from ledger.errors import NotFound
from ledger.records import Kind, Recorded

Progress = Callable[[int, int], None]

_AT_ONCE = 1_000


def silent(_done: int, _of: int) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class Log:
    """The whole log, or one authority's entries in it."""

    session: Session
    authority: str | None = None
    progress: Progress = silent

    def size(self) -> int:
        """How many entries there are. Raises NotFound for an authority that has no books here."""
        query = select(func.count()).select_from(Entry)
        if self.authority is not None:
            if next(DatabaseBook(self.session).where(Kind.CONSTITUTION, authority=self.authority), None) is None:
                raise NotFound(what="authority", name=self.authority)
            query = query.where(col(Entry.authority) == self.authority)
        return self.session.exec(query).one()

    def written(self) -> Iterator[bytes]:
        """The exact bytes of each entry, in order."""
        size, done, last = self.size(), 0, -1
        query = select_columns(col(Entry.index), col(Entry.written)).order_by(col(Entry.index)).limit(_AT_ONCE)
        if self.authority is not None:
            query = query.where(col(Entry.authority) == self.authority)
        while rows := self.session.execute(query.where(col(Entry.index) > last)).all():
            for index, written in rows:
                last = index
                yield bytes(written)
            done += len(rows)
            self.progress(done, size)

    def entries(self) -> Iterator[Recorded]:
        """Each entry, read from its exact bytes, in order."""
        return map(decode, self.written())
