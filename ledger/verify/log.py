"""The log itself: each entry read again from its bytes, and its stored projections and transfers held against them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import RowMapping, String, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from ledger.database import instant_text
from ledger.entries import Entry, Transfer, decode, encode
from ledger.errors import LedgerError
from ledger.mandates import check
from ledger.records import Movement, Recorded
from ledger.replay import ReplayedBook, draft_of
from ledger.verify.chunks import AT_ONCE, LedgerWrong

# Days and moments are read as text: a stored one that is no day at all is a lie to be named, not a fault of ours.
_COLUMNS = (
    col(Entry.index), col(Entry.kind), type_coerce(col(Entry.recorded_at), String).label("recorded_at"),
    type_coerce(col(Entry.effective_on), String).label("effective_on"), col(Entry.authority), col(Entry.place),
    col(Entry.subject), col(Entry.mandate), col(Entry.person), col(Entry.role), col(Entry.idempotency_key),
    col(Entry.written), col(Entry.leaf_hash), col(Entry.nodes),
)  # fmt: skip


def entry_rows(session: Session) -> Iterator[Sequence[RowMapping]]:
    """The stored rows of the entries, in order, some at a time."""
    last = -1
    ordered = select_columns(*_COLUMNS).order_by(col(Entry.index)).limit(AT_ONCE)
    while rows := session.execute(ordered.where(col(Entry.index) > last)).mappings().all():
        last = rows[-1]["index"]
        yield rows


def verified_entry(row: RowMapping, book: ReplayedBook) -> Recorded:
    """The entry read again from its bytes, its projections equal, its rules asked again. Raises LedgerWrong."""
    expected = len(book.entries)
    if row["index"] != expected:
        raise LedgerWrong(what=f"entry {expected}", problem=f"it is missing, and entry {row['index']} follows")
    try:
        entry = decode(bytes(row["written"]))
        problem = _problem(entry, row, book)
        if problem is None:
            check(draft_of(entry), book, recorded=entry.recorded_at)
    except LedgerError as fault:
        problem = f"it breaks a rule ({fault.sentence.split('. ')[0]})"
    except (ValueError, KeyError, TypeError, AssertionError) as fault:
        problem = f"it does not read as an entry ({type(fault).__name__})"
    if problem is not None:
        raise LedgerWrong(what=f"entry {expected}", problem=problem)
    return entry


def _problem(entry: Recorded, stored: RowMapping, book: ReplayedBook) -> str | None:
    if entry.leaf_hash != bytes(stored["leaf_hash"]):
        return "its bytes do not have the hash that was stored"
    if encode(draft_of(entry), index=entry.index, recorded_at=entry.recorded_at) != bytes(stored["written"]):
        return "its bytes are not the canonical ones"
    for name, value in _projections(entry).items():
        if (None if stored[name] is None else str(stored[name])) != value:
            return f"its {name} is stored as {str(stored[name])!r}, its bytes say otherwise"
    if book.entries and entry.recorded_at < book.entries[-1].recorded_at:
        return "it says it was recorded before the entry it follows"
    return None


def _projections(entry: Recorded) -> dict[str, str | None]:
    return {
        "index": str(entry.index),
        "kind": entry.kind.value,
        "recorded_at": instant_text(entry.recorded_at),
        "effective_on": entry.effective_on.isoformat(),
        "authority": entry.authority,
        "place": entry.place,
        "subject": entry.payload.subject(),
        "mandate": None if entry.mandate is None else str(entry.mandate),
        "person": entry.actor.person,
        "role": entry.actor.role.value,
        "idempotency_key": entry.idempotency_key,
    }


def compare_nodes(row: RowMapping, completed: tuple[bytes, ...]) -> None:
    """The tree's nodes that stand beside an entry are those that its leaf completes. Raises LedgerWrong."""
    if b"".join(completed) != bytes(row["nodes"]):
        raise LedgerWrong(what=f"entry {row['index']}", problem="the nodes of the tree beside it are not those of the entries")


def transfers_between(session: Session, first: int, last: int) -> dict[int, list[Transfer]]:
    """The stored transfers of the entries from `first` to `last`, by entry."""
    query = select(Transfer).where(col(Transfer.entry).between(first, last))
    found: dict[int, list[Transfer]] = defaultdict(list)
    for transfer in session.exec(query.order_by(col(Transfer.entry), col(Transfer.position))):
        found[transfer.entry].append(transfer)
    return found


def compare_transfers(entry: Recorded, stored: list[Transfer]) -> None:
    """The stored transfers are those of the bytes, in their order. Raises LedgerWrong."""
    rows = tuple(Movement(row.from_account, row.to_account, row.resource, row.amount) for row in stored)
    positions = [(row.entry, row.position) for row in stored]
    if rows != entry.movements or positions != [(entry.index, place) for place in range(len(rows))]:
        raise LedgerWrong(what=f"entry {entry.index}", problem="its transfers are stored otherwise than its bytes say")


def no_stray_transfers(session: Session, book: ReplayedBook) -> None:
    """No transfer names an entry that is not there. Raises LedgerWrong."""
    expected = sum(len(entry.movements) for entry in book.entries)
    if session.exec(select(func.count()).select_from(Transfer)).one() != expected:
        known = select(Entry.index)
        stray = session.exec(select(func.min(Transfer.entry)).where(col(Transfer.entry).not_in(known))).one()
        raise LedgerWrong(what=f"entry {stray}", problem="a transfer names it, and it is not there")
