"""Verification: every hash, the tree, every mandate, every balance and every flow, derived again from the stored entries.

Nothing the database says of itself is believed: each entry's bytes are hashed and read again, every rule is asked again of a
book replayed from those bytes, and only then is everything else compared with it: projections, head, balances, flows, and what
stands beside the log but says what the log decided. The first thing that is wrong is named.
"""

from dataclasses import dataclass

from sqlmodel import Session, func, select

from ledger.entries import Entry
from ledger.replay import ReplayedBook
from ledger.tree import Edge
from ledger.verify.beside import check_authorities, check_ballots, check_narratives, check_rounds
from ledger.verify.chunks import LedgerWrong, Progress, silent
from ledger.verify.derived import compare_balances, compare_flows, compare_head, rebuild
from ledger.verify.log import compare_transfers, entry_rows, no_stray_transfers, transfers_between, verified_entry

__all__ = ["LedgerWrong", "Verified", "rebuild", "verify"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked and found right."""

    entries: int
    transfers: int
    balances: int
    narratives: int
    ballots: int
    root: str
    log_only: bool = False

    @property
    def sentence(self) -> str:
        """What was checked, in one line."""
        if self.log_only:
            return (
                f"The log is whole: {self.entries:,} entries with their hashes and mandates, {self.transfers:,} transfers and "
                f"{self.balances:,} balances, under the root {self.root}. Rounds and ballots, which stand beside it, were not "
                "checked."
            )
        return (
            f"The ledger is whole: {self.entries:,} entries with their hashes and mandates, {self.transfers:,} transfers, "
            f"{self.balances:,} balances, {self.narratives:,} texts and {self.ballots:,} sealed ballots, "
            f"under the root {self.root}."
        )


def verify(session: Session, progress: Progress = silent, *, log_only: bool = False) -> Verified:
    """Check everything that the log covers. Raises LedgerWrong, which names the first thing that is wrong.

    `log_only` leaves out the rounds and ballots beside the log: it was restored from its own file, and they were not in it.
    """
    size = session.exec(select(func.count()).select_from(Entry)).one()
    book, edge = ReplayedBook(), Edge()
    for rows in entry_rows(session):
        transfers = transfers_between(session, rows[0]["index"], rows[-1]["index"])
        for row in rows:
            entry = verified_entry(row, book)
            compare_transfers(entry, transfers[entry.index])
            book.add(entry)
            edge.append(entry.leaf_hash)
        progress(edge.size, size)
    no_stray_transfers(session, book)
    compare_head(session, edge, book)
    compare_balances(session, book)
    compare_flows(session, book)
    check_authorities(session, book)
    if not log_only:
        check_rounds(session, book)
    progress(size, size)
    return Verified(
        entries=edge.size,
        transfers=sum(len(entry.movements) for entry in book.entries),
        balances=len(book.balances),
        narratives=check_narratives(session),
        ballots=0 if log_only else check_ballots(session, book),
        root=edge.root().hex(),
        log_only=log_only,
    )
