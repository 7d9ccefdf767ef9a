"""Every head that was signed, held against the tree at its size: what was published is what is in the log."""

from collections.abc import Iterator

from sqlmodel import Session, col, or_, select

from ledger.checkpoints import Checkpoint, Ending, endings
from ledger.errors import CheckFailed
from ledger.note import Checkpoint as Said
from ledger.note import Note, VerifierKey, open_checkpoint
from ledger.tree import Edge
from ledger.verify.chunks import AT_ONCE, LedgerWrong


class SignedHeads:
    """The signed heads of this database, the shortest first, each compared when the tree is as long."""

    def __init__(self, session: Session) -> None:
        """Heads that a log signed past the entries kept from it are left out: that they are gone was made public."""
        self._ended = {ending.origin: ending for ending in endings(session)}
        self._rows = _heads(session)
        self._next = next(self._rows, None)
        self.newest: Checkpoint | None = None

    def reach(self, edge: Edge) -> None:
        """Compare the heads of a tree as long as this one. Raises LedgerWrong."""
        while self._next is not None and self._next.size <= edge.size:
            row, self._next = self._next, next(self._rows, None)
            if not _is_gone(row, self._ended.get(row.origin)):
                _compare(row, edge)
                self.newest = row

    def finish(self) -> None:
        """No head is longer than the log. Raises LedgerWrong."""
        for row in [] if self._next is None else [self._next, *self._rows]:
            if not _is_gone(row, self._ended.get(row.origin)):
                raise LedgerWrong(what=f"the checkpoint of {row.size} entries", problem="there are not as many entries")


def _is_gone(row: Checkpoint, ending: Ending | None) -> bool:
    return ending is not None and row.size > ending.kept


def _compare(row: Checkpoint, edge: Edge) -> None:
    what = f"the checkpoint of {row.size} entries"
    if row.size != edge.size or row.root != edge.root():
        raise LedgerWrong(what=what, problem="the entries do not come to its root")
    try:
        said = open_checkpoint(Note.parse(row.note), VerifierKey.parse(row.verifier))
    except CheckFailed as fault:
        raise LedgerWrong(what=what, problem=fault.sentence.partition(". ")[0].rstrip(".")) from fault
    if said != Said(row.origin, row.size, row.root):
        raise LedgerWrong(what=what, problem="its signed note says something else")


def _heads(session: Session) -> Iterator[Checkpoint]:
    query = select(Checkpoint).order_by(col(Checkpoint.size), col(Checkpoint.origin)).limit(AT_ONCE)
    rows = session.exec(query).all()
    while rows:
        yield from rows
        last = rows[-1]
        session.expunge_all()
        same = (col(Checkpoint.size) == last.size) & (col(Checkpoint.origin) > last.origin)
        rows = session.exec(query.where(or_(col(Checkpoint.size) > last.size, same))).all()
