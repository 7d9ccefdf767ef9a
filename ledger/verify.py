"""Verification: every hash, the tree, every mandate, every balance and every flow, derived again from the stored entries.

Nothing the database says of itself is believed: each entry's bytes are hashed and read again, every rule is asked again of a
book replayed from those bytes, and only then are the projections, the head, the balances and the flows compared with it.
The first entry that is wrong is named.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, SQLModel, col, delete, func, insert, select

from ledger.database import UnitOfWork
from ledger.entries import Account, Balance, Entry, Flow, Head, Transfer, Unreadable, decode, encode
from ledger.errors import LedgerError
from ledger.kinds.deciding import BallotsSealed
from ledger.mandates import check
from ledger.narratives import Narrative, digest_of
from ledger.records import Kind, Movement, Recorded
from ledger.replay import ReplayedBook, draft_of
from ledger.rounds.ballots import Ballot, commitment
from ledger.rounds.proposals import Round
from ledger.tree import Edge

_AT_ONCE = 1_000

Progress = Callable[[int, int], None]


class LedgerWrong(LedgerError):
    """The ledger is not as it was recorded: {what} is wrong: {problem}. Keep this database as it is and call the auditor."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked and found right."""

    entries: int
    transfers: int
    balances: int
    narratives: int
    ballots: int
    root: str

    @property
    def sentence(self) -> str:
        """What was checked, in one line."""
        return (
            f"The ledger is whole: {self.entries:,} entries with their hashes and mandates, {self.transfers:,} transfers, "
            f"{self.balances:,} balances, {self.narratives:,} texts and {self.ballots:,} sealed ballots, "
            f"under the root {self.root}."
        )


def _silent(_done: int, _of: int) -> None:
    """Report to nobody."""


def verify(session: Session, progress: Progress = _silent) -> Verified:
    """Check everything that the log covers. Raises LedgerWrong, which names the first thing that is wrong."""
    size = session.exec(select(func.count()).select_from(Entry)).one()
    book, edge = ReplayedBook(), Edge()
    transfers = _transfers_by_entry(session)
    pending = next(transfers, None)
    for row in session.exec(select(Entry).order_by(col(Entry.index)).execution_options(yield_per=_AT_ONCE)):
        entry = _verified_entry(row, book)
        stored: list[Transfer] = []
        while pending is not None and pending.entry <= entry.index:
            stored.append(pending)
            pending = next(transfers, None)
        _compare_transfers(entry, stored)
        book.add(entry)
        edge.append(entry.leaf_hash)
        session.expunge(row)
        if entry.index % _AT_ONCE == 0:
            progress(entry.index, size)
    if pending is not None:
        raise LedgerWrong(what=f"entry {pending.entry}", problem="a transfer names it, and it is not there")
    _compare_head(session, edge)
    _compare_balances(session, book)
    _compare_flows(session, book)
    progress(size, size)
    return Verified(
        entries=edge.size,
        transfers=sum(len(entry.movements) for entry in book.entries),
        balances=len(book.balances),
        narratives=_check_narratives(session),
        ballots=_check_ballots(session, book),
        root=edge.root().hex(),
    )


def _transfers_by_entry(session: Session) -> Iterator[Transfer]:
    query = select(Transfer).order_by(col(Transfer.entry), col(Transfer.position))
    return iter(session.exec(query.execution_options(yield_per=_AT_ONCE)))


def _verified_entry(row: Entry, book: ReplayedBook) -> Recorded:
    """The entry read again from its bytes, its projections equal, its rules asked again."""
    expected = len(book.entries)
    what = f"entry {expected}"
    if row.index != expected:
        raise LedgerWrong(what=what, problem=f"it is missing, and entry {row.index} follows")
    try:
        entry = decode(row.written)
    except Unreadable as fault:
        raise LedgerWrong(what=what, problem=fault.sentence) from fault
    if entry.leaf_hash != row.leaf_hash:
        raise LedgerWrong(what=what, problem="its bytes do not have the hash that was stored")
    if encode(draft_of(entry), index=entry.index, recorded_at=entry.recorded_at) != row.written:
        raise LedgerWrong(what=what, problem="its bytes are not the canonical ones")
    for name, value in _projections(entry).items():
        if getattr(row, name) != value:
            raise LedgerWrong(what=what, problem=f"its {name} is stored as {getattr(row, name)!r}, its bytes say otherwise")
    if book.entries and entry.recorded_at < book.entries[-1].recorded_at:
        raise LedgerWrong(what=what, problem="it says it was recorded before the entry it follows")
    try:
        check(draft_of(entry), book)
    except LedgerError as fault:
        raise LedgerWrong(what=what, problem=f"it breaks a rule ({fault.sentence.split('. ')[0]})") from fault
    return entry


def _projections(entry: Recorded) -> dict[str, object]:
    return {
        "index": entry.index,
        "kind": entry.kind.value,
        "recorded_at": entry.recorded_at,
        "effective_on": entry.effective_on,
        "authority": entry.authority,
        "place": entry.place,
        "subject": entry.payload.subject(),
        "mandate": entry.mandate,
        "person": entry.actor.person,
        "role": entry.actor.role.value,
        "idempotency_key": entry.idempotency_key,
    }


def _compare_transfers(entry: Recorded, stored: list[Transfer]) -> None:
    rows = tuple(Movement(row.from_account, row.to_account, row.resource, row.amount) for row in stored)
    positions = [(row.entry, row.position) for row in stored]
    if rows != entry.movements or positions != [(entry.index, place) for place in range(len(rows))]:
        raise LedgerWrong(what=f"entry {entry.index}", problem="its transfers are stored otherwise than its bytes say")


def _compare_head(session: Session, edge: Edge) -> None:
    head = session.exec(select(Head)).one()
    if head.size != edge.size:
        raise LedgerWrong(
            what=f"entry {min(head.size, edge.size)}", problem=f"the head counts {head.size} entries and {edge.size} are there"
        )
    if head.root != edge.root() or head.edge != edge.packed():
        raise LedgerWrong(what="the head", problem="its root is not that of the entries")


def _compare_balances(session: Session, book: ReplayedBook) -> None:
    stored = {(row.account, row.resource): row.amount for row in session.exec(select(Balance))}
    for account, resource in sorted(stored.keys() | book.balances.keys()):
        kept, derived = stored.get((account, resource)), book.balances.get((account, resource))
        if kept != derived:
            raise LedgerWrong(
                what=f"the balance of {account} in {resource}", problem=f"it is stored as {kept}, the entries come to {derived}"
            )
    opened = set(session.exec(select(Account.path)))
    if opened != {account for account, _ in book.balances}:
        odd = min(opened ^ {account for account, _ in book.balances})
        raise LedgerWrong(what=f"the account {odd}", problem="the entries and the list of accounts differ")


def _compare_flows(session: Session, book: ReplayedBook) -> None:
    stored = {
        (row.from_account, row.to_account, row.resource, row.month, row.authority, row.place): row.amount
        for row in session.exec(select(Flow))
    }
    for key in sorted(stored.keys() | book.flows.keys()):
        if stored.get(key) != book.flows.get(key):
            raise LedgerWrong(
                what=f"the flow from {key[0]} to {key[1]} in {key[3]}",
                problem=f"it is stored as {stored.get(key)}, the entries come to {book.flows.get(key)}",
            )


def _check_narratives(session: Session) -> int:
    checked = 0
    for row in session.exec(select(Narrative).execution_options(yield_per=_AT_ONCE)):
        if digest_of(row.salt, row.text) != row.digest:
            raise LedgerWrong(what=f"the text {row.digest}", problem="its words are not those that were recorded")
        checked += 1
    return checked


def _check_ballots(session: Session, book: ReplayedBook) -> int:
    """Every ballot of a counted round is under a sealed commitment, one for one."""
    checked = 0
    for round_row in session.exec(select(Round)).all():
        sealed = {
            digest
            for entry in book.where(Kind.BALLOTS_SEALED, mandate=round_row.entry)
            if isinstance(entry.payload, BallotsSealed)
            for digest in entry.payload.commitments
        }
        if not sealed:
            continue
        query = select(Ballot).where(col(Ballot.round) == round_row.ref).execution_options(yield_per=_AT_ONCE)
        kept = {commitment(ballot) for ballot in session.exec(query)}
        if kept != sealed:
            raise LedgerWrong(what=f"the ballots of {round_row.ref}", problem="they are not those that were sealed")
        checked += len(kept)
    return checked


def rebuild(unit: UnitOfWork) -> int:
    """Derive every balance and flow again from the entries, and replace what is stored. Returns how many entries were read.

    Repairs the read models only: entries and transfers cannot be changed, and `verify` says whether they are right.
    """
    session, book = unit.session, ReplayedBook()
    for written in session.exec(select(Entry.written).order_by(col(Entry.index)).execution_options(yield_per=_AT_ONCE)):
        book.add(decode(written))
    session.execute(delete(Balance))
    session.execute(delete(Flow))
    balances = [{"account": path, "resource": resource, "amount": total} for (path, resource), total in book.balances.items()]
    names = ("from_account", "to_account", "resource", "month", "authority", "place")
    flows = [dict(zip(names, key, strict=True)) | {"amount": total} for key, total in book.flows.items()]
    _insert_all(session, Balance, balances)
    _insert_all(session, Flow, flows)
    return len(book.entries)


def _insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        session.execute(insert(table), list(rows))
