"""What is derived from the log: its head, balances and flows; compared with the replay, and derived again on demand."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import Session, SQLModel, and_, col, delete, insert, or_, select, update

from ledger.entries import Account, Balance, Entry, Flow, Head, Promise, Total, decode
from ledger.kinds.payload import amounts
from ledger.records import Kind, Recorded
from ledger.replay import FlowKey, ReplayedBook, TotalKey, flows
from ledger.tree import Edge
from ledger.unit_of_work import UnitOfWork
from ledger.verify.chunks import AT_ONCE, LedgerWrong, in_chunks

Row = Mapping[str, object]
Key = TypeVar("Key", bound=tuple[str, ...])


class Flows:
    """How much went from one account to another in a month, and for each place in all, added up from entries."""

    def __init__(self) -> None:
        """Nothing has flowed yet."""
        self.monthly: dict[FlowKey, int] = defaultdict(int)
        self.totals: dict[TotalKey, int] = defaultdict(int)

    def add(self, entry: Recorded) -> None:
        """Take in the next entry."""
        for flow, total, amount in flows(entry):
            self.monthly[flow] += amount
            if total is not None:
                self.totals[total] += amount


def compare_head(session: Session, edge: Edge, book: ReplayedBook) -> None:
    """The head is that of the tree and of its last entry. Raises LedgerWrong."""
    head = session.exec(select(Head)).one()
    if head.size != edge.size:
        raise LedgerWrong(
            what=f"entry {min(head.size, edge.size)}", problem=f"the head counts {head.size} entries and {edge.size} are there"
        )
    if head.root != edge.root() or head.edge != edge.packed():
        raise LedgerWrong(what="the head", problem="its root is not that of the entries")
    if head.decisions != book.decisions:
        raise LedgerWrong(
            what="the head", problem=f"it counts {head.decisions} decisions and the entries hold {book.decisions}"
        )
    if head.recorded_at != (book.last.recorded_at if book.last is not None else None):
        raise LedgerWrong(what="the head", problem="its moment is not that of the last entry")


def compare_balances(session: Session, book: ReplayedBook) -> None:
    """Every balance and account is what the entries come to. Raises LedgerWrong."""
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


def compare_flows(session: Session, flowed: Flows) -> None:
    """Every flow and every place's total is what the entries come to. Raises LedgerWrong."""
    stored = {
        (row.from_account, row.to_account, row.resource, row.month, row.authority, row.place): row.amount
        for row in session.exec(select(Flow))
    }
    _compare(stored, flowed.monthly, lambda key: f"the flow from {key[0]} to {key[1]} in {key[3]}")
    totals = {(row.place, row.resource, row.from_kind, row.to_kind): row.amount for row in session.exec(select(Total))}
    _compare(totals, flowed.totals, lambda key: f"the total of {key[1]} from {key[2]} to {key[3]} accounts in {key[0]}")


def _compare(stored: Mapping[Key, int], derived: Mapping[Key, int], named: Callable[[Key], str]) -> None:
    for key in sorted(stored.keys() | derived.keys()):
        if stored.get(key) != derived.get(key):
            problem = f"it is stored as {stored.get(key)}, the entries come to {derived.get(key)}"
            raise LedgerWrong(what=named(key), problem=problem)


def compare_promises(session: Session, book: ReplayedBook, made: int) -> None:
    """What is left of every commitment is what the entries come to; `made` is of how many resources. Raises LedgerWrong.

    Each stored row has to be of a commitment that the entries hold, so as many rows as were `made` are all of them.
    """
    rows = 0
    for chunk in promise_rows(session):
        for entry, resource, left in chunk:
            rows += 1
            commitment = book.entry(entry)
            known = commitment is not None and commitment.kind is Kind.COMMITMENT and commitment.total(resource) > 0
            if not known or left != book.left(entry, resource):
                derived = book.left(entry, resource) if known else None
                raise LedgerWrong(
                    what=f"what is left of the commitment in entry {entry}",
                    problem=f"it is stored as {left} {resource}, the entries come to {derived}",
                )
    if rows != made:
        missing = next(
            (key for key in sorted(book.promises) if session.get(Promise, key) is None), ("?", "what nothing is left of")
        )
        raise LedgerWrong(
            what=f"what is left of the commitment in entry {missing[0]}",
            problem=f"{made - rows} rows are missing, the first for {missing[1]}",
        )


def promise_rows(session: Session) -> Iterator[Sequence[tuple[int, str, int]]]:
    """What is stored of commitments, as (entry, resource, left), some rows at a time."""
    after = (-1, "")
    query = select(Promise.entry, Promise.resource, Promise.left).order_by(col(Promise.entry), col(Promise.resource))
    while rows := session.exec(query.where(_later(after)).limit(AT_ONCE)).all():
        after = (rows[-1][0], rows[-1][1])
        yield rows


def _later(after: tuple[int, str]) -> ColumnElement[bool]:
    entry, resource = after
    return or_(col(Promise.entry) > entry, and_(col(Promise.entry) == entry, col(Promise.resource) > resource))


def rebuild(unit: UnitOfWork) -> int:
    """Derive every balance, flow, total and promise again from the entries, and replace what is stored.

    Returns how many entries were read.
    Repairs the read models only: entries and transfers cannot be changed, and `verify` says whether they are right.
    """
    session, flowed, made = unit.session, Flows(), list[Row]()
    book = ReplayedBook(lambda index: decode(session.exec(select(Entry.written).where(col(Entry.index) == index)).one()))
    session.exec(select(Head).with_for_update()).one()  # nobody records meanwhile, so nothing is lost between the two
    session.execute(delete(Promise))
    for rows in in_chunks(session, select(Entry), Entry.index):
        for row in rows:
            entry = decode(row.written)
            book.add(entry)
            flowed.add(entry)
            if entry.kind is Kind.COMMITMENT:
                made += ({"entry": entry.index, "resource": resource, "left": 0} for resource in amounts(entry.movements))
        _insert_all(session, Promise, made)
        made.clear()
        session.expunge_all()
    session.execute(delete(Balance))
    session.execute(delete(Flow))
    session.execute(delete(Total))
    balances = [{"account": path, "resource": resource, "amount": total} for (path, resource), total in book.balances.items()]
    names = ("from_account", "to_account", "resource", "month", "authority", "place")
    _insert_all(session, Balance, balances)
    _insert_all(session, Flow, _keyed(names, flowed.monthly))
    _insert_all(session, Total, _keyed(("place", "resource", "from_kind", "to_kind"), flowed.totals))
    for (index, resource), left in book.promises.items():
        own = col(Promise.entry) == index, col(Promise.resource) == resource
        session.execute(update(Promise).where(*own).values(left=left))
    return book.size


def _keyed(names: tuple[str, ...], amounts_: Mapping[Key, int]) -> list[Row]:
    return [dict(zip(names, key, strict=True)) | {"amount": amount} for key, amount in amounts_.items()]


def _insert_all(session: Session, table: type[SQLModel], rows: Sequence[Row]) -> None:
    if rows:
        session.execute(insert(table), list(rows))
