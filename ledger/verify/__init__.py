"""Verification: every hash, the tree, every mandate, every balance and every flow, derived again from the stored entries.

Nothing the database says of itself is believed: each entry's bytes are hashed and read again, every rule is asked again of a
book replayed from those bytes, and only then is everything else compared with it: projections, head, balances, flows, and what
stands beside the log but says what the log decided. The first thing that is wrong is named.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, func, select

from ledger.entries import Entry
from ledger.kinds.payload import amounts
from ledger.records import Kind, Recorded
from ledger.replaying import Replay
from ledger.tree import Edge
from ledger.verify.beside import Words, check_authorities, check_ballots, check_people, check_rounds
from ledger.verify.chunks import LedgerWrong, Progress, silent
from ledger.verify.derived import Flows, compare_balances, compare_flows, compare_head, compare_promises, rebuild
from ledger.verify.log import (
    compare_nodes,
    compare_transfers,
    entry_rows,
    in_its_words,
    no_stray_transfers,
    rereading,
    transfers_between,
    verified_entry,
)
from ledger.verify.signed import SignedHeads

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
                f"{self.balances:,} balances, under the root {self.root}. People, words, rounds and ballots, which stand "
                "beside it, were not checked."
            )
        return (
            f"The ledger is whole: {self.entries:,} entries with their hashes and mandates, {self.transfers:,} transfers, "
            f"{self.balances:,} balances, {self.narratives:,} texts and {self.ballots:,} sealed ballots, "
            f"under the root {self.root}."
        )


def verify(session: Session, progress: Progress = silent, *, log_only: bool = False) -> Verified:
    """Check everything that the log covers. Raises LedgerWrong, which names the first thing that is wrong.

    `log_only` leaves out what stands beside the log: people, words, rounds and ballots. It was restored from its own file, and
    they were not in it.
    """
    with Replay(rereading(session)) as replay:
        return _verified(session, replay, progress, log_only=log_only)


def _verified(session: Session, replay: Replay, progress: Progress, *, log_only: bool) -> Verified:
    size = session.exec(select(func.count()).select_from(Entry)).one()
    edge, flows, words, heads, seen = Edge(), Flows(), Words(session), SignedHeads(session), Seen()
    heads.reach(edge)
    for rows in entry_rows(session):
        transfers = transfers_between(session, rows[0]["index"], rows[-1]["index"])
        entries = []
        for row in rows:
            entry = verified_entry(row, replay)
            compare_transfers(entry, transfers[entry.index])
            compare_nodes(row, edge.append(entry.leaf_hash))
            heads.reach(edge)
            flows.add(entry)
            entries.append(entry)
        if not log_only:
            words.look(entries)
        seen.add(entries)
        progress(edge.size, size)
    with in_its_words():
        replay.finish()
    book = replay.book
    no_stray_transfers(session, seen.transfers)
    compare_head(session, edge, book)
    heads.finish()
    compare_balances(session, book)
    compare_flows(session, flows)
    compare_promises(session, book, seen.promised)
    check_authorities(session, book)
    narratives = ballots = 0
    if not log_only:
        check_rounds(session, book)
        check_people(session, book, seen.actors)
        narratives, ballots = words.finish(book), check_ballots(session, book)
    progress(size, size)
    return Verified(
        entries=edge.size,
        transfers=seen.transfers,
        balances=len(book.balances),
        narratives=narratives,
        ballots=ballots,
        root=edge.root().hex(),
        log_only=log_only,
    )


class Seen:
    """What is counted while the entries go by."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.transfers = 0
        self.promised = 0  # commitments, once for each resource
        self.actors: set[str] = set()

    def add(self, entries: Iterable[Recorded]) -> None:
        """Count the next entries."""
        for entry in entries:
            self.transfers += len(entry.movements)
            self.actors.add(entry.actor.person)
            if entry.kind is Kind.COMMITMENT:
                self.promised += len(amounts(entry.movements))
