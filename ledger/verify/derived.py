"""What is derived from the log: its head, balances and flows; compared with the replay, and derived again on demand."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, SQLModel, delete, insert, select

from ledger.database import UnitOfWork
from ledger.entries import Account, Balance, Entry, Flow, Head, Promise, decode
from ledger.replay import ReplayedBook
from ledger.tree import Edge
from ledger.verify.chunks import LedgerWrong, in_chunks


def compare_head(session: Session, edge: Edge, book: ReplayedBook) -> None:
    """The head is that of the tree and of its last entry. Raises LedgerWrong."""
    head = session.exec(select(Head)).one()
    if head.size != edge.size:
        raise LedgerWrong(
            what=f"entry {min(head.size, edge.size)}", problem=f"the head counts {head.size} entries and {edge.size} are there"
        )
    if head.root != edge.root() or head.edge != edge.packed():
        raise LedgerWrong(what="the head", problem="its root is not that of the entries")
    if head.decisions != (decided := sum(entry.kind.decides for entry in book.entries)):
        raise LedgerWrong(what="the head", problem=f"it counts {head.decisions} decisions and the entries hold {decided}")
    if head.recorded_at != (book.entries[-1].recorded_at if book.entries else None):
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


def compare_flows(session: Session, book: ReplayedBook) -> None:
    """Every flow is what the entries come to. Raises LedgerWrong."""
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


def compare_promises(session: Session, book: ReplayedBook) -> None:
    """What is left of every commitment is what the entries come to. Raises LedgerWrong."""
    stored = {(row.entry, row.resource): row.left for row in session.exec(select(Promise))}
    for key in sorted(stored.keys() | book.promises.keys()):
        if stored.get(key) != book.promises.get(key):
            raise LedgerWrong(
                what=f"what is left of the commitment in entry {key[0]}",
                problem=f"it is stored as {stored.get(key)} {key[1]}, the entries come to {book.promises.get(key)}",
            )


def rebuild(unit: UnitOfWork) -> int:
    """Derive every balance, flow and promise again from the entries, and replace what is stored.

    Returns how many entries were read.
    Repairs the read models only: entries and transfers cannot be changed, and `verify` says whether they are right.
    """
    session, book = unit.session, ReplayedBook()
    session.exec(select(Head).with_for_update()).one()  # nobody records meanwhile, so nothing is lost between the two
    for rows in in_chunks(session, select(Entry), Entry.index):
        for row in rows:
            book.add(decode(row.written))
        session.expunge_all()
    session.execute(delete(Balance))
    session.execute(delete(Flow))
    session.execute(delete(Promise))
    balances = [{"account": path, "resource": resource, "amount": total} for (path, resource), total in book.balances.items()]
    names = ("from_account", "to_account", "resource", "month", "authority", "place")
    flows = [dict(zip(names, key, strict=True)) | {"amount": total} for key, total in book.flows.items()]
    _insert_all(session, Balance, balances)
    _insert_all(session, Flow, flows)
    promises = [{"entry": entry, "resource": resource, "left": left} for (entry, resource), left in book.promises.items()]
    _insert_all(session, Promise, promises)
    return len(book.entries)


def _insert_all(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        session.execute(insert(table), list(rows))
