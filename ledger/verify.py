"""Verification: every hash, the tree, every mandate, every balance and every flow, derived again from the stored entries.

Nothing the database says of itself is believed: each entry's bytes are hashed and read again, every rule is asked again of a
book replayed from those bytes, and only then are the projections, the head, the balances and the flows compared with it.
The first entry that is wrong is named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, col, delete, func, insert, select
from sqlmodel.sql.expression import SelectOfScalar

from ledger.database import UnitOfWork
from ledger.entries import Account, Balance, Entry, Flow, Head, Transfer, Unreadable, decode, encode
from ledger.errors import LedgerError
from ledger.kinds.deciding import BallotsSealed
from ledger.mandates import check, check_day
from ledger.narratives import Narrative, digest_of
from ledger.records import Kind, Movement, Recorded
from ledger.replay import ReplayedBook, draft_of
from ledger.rounds.ballots import Ballot, commitment
from ledger.rounds.proposals import Round
from ledger.tree import Edge

_AT_ONCE = 1_000

Progress = Callable[[int, int], None]
Row = TypeVar("Row", bound=SQLModel)


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
    for rows in _in_chunks(session, select(Entry), Entry.index):
        transfers = _transfers_of(session, rows)
        for row in rows:
            entry = _verified_entry(row, book)
            _compare_transfers(entry, transfers[row.index])
            book.add(entry)
            edge.append(entry.leaf_hash)
        session.expunge_all()
        progress(edge.size, size)
    _no_stray_transfers(session, book)
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


def _in_chunks(session: Session, query: SelectOfScalar[Row], key: Any) -> Iterator[Sequence[Row]]:  # noqa: ANN401 - a mapped column
    """The rows of a query in the order of a unique column, some at a time: memory does not grow with the table."""
    last = None
    while rows := session.exec((query if last is None else query.where(key > last)).order_by(key).limit(_AT_ONCE)).all():
        last = getattr(rows[-1], key.key)
        yield rows


def _transfers_of(session: Session, rows: Sequence[Entry]) -> dict[int, list[Transfer]]:
    query = select(Transfer).where(col(Transfer.entry).between(rows[0].index, rows[-1].index))
    found: dict[int, list[Transfer]] = defaultdict(list)
    for transfer in session.exec(query.order_by(col(Transfer.entry), col(Transfer.position))):
        found[transfer.entry].append(transfer)
    return found


def _no_stray_transfers(session: Session, book: ReplayedBook) -> None:
    expected = sum(len(entry.movements) for entry in book.entries)
    if session.exec(select(func.count()).select_from(Transfer)).one() != expected:
        known = select(Entry.index)
        stray = session.exec(select(func.min(Transfer.entry)).where(col(Transfer.entry).not_in(known))).one()
        raise LedgerWrong(what=f"entry {stray}", problem="a transfer names it, and it is not there")


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
    previous = book.entries[-1].recorded_at if book.entries else None
    try:
        check_day(draft_of(entry), recorded=entry.recorded_at, previous=previous)
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
    for rows in _in_chunks(session, select(Narrative), Narrative.digest):
        for row in rows:
            if digest_of(row.salt, row.text) != row.digest:
                raise LedgerWrong(what=f"the text {row.digest}", problem="its words are not those that were recorded")
        checked += len(rows)
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
        box = select(Ballot).where(col(Ballot.round) == round_row.ref)
        kept = {commitment(ballot) for ballots in _in_chunks(session, box, Ballot.voter) for ballot in ballots}
        if kept != sealed:
            raise LedgerWrong(what=f"the ballots of {round_row.ref}", problem="they are not those that were sealed")
        checked += len(kept)
    return checked


def rebuild(unit: UnitOfWork) -> int:
    """Derive every balance and flow again from the entries, and replace what is stored. Returns how many entries were read.

    Repairs the read models only: entries and transfers cannot be changed, and `verify` says whether they are right.
    """
    session, book = unit.session, ReplayedBook()
    for rows in _in_chunks(session, select(Entry), Entry.index):
        for row in rows:
            book.add(decode(row.written))
        session.expunge_all()
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
