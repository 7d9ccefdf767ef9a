"""The log itself: each entry read again from its bytes, and its stored projections and transfers held against them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import RowMapping, String, type_coerce
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from ledger.canonical import instant_text
from ledger.entries import Entry, Transfer
from ledger.exact import exact_entry
from ledger.records import Movement, Recorded
from ledger.replaying import EntryWrong, Replay
from ledger.tree import leaf_hash
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


def rereading(session: Session) -> Callable[[int], Recorded]:
    """Entries that were verified before, read from the database again."""

    def reread(index: int) -> Recorded:
        written = session.exec(select(Entry.written).where(col(Entry.index) == index)).one()
        return exact_entry(bytes(written))

    return reread


def verified_entry(row: RowMapping, replay: Replay) -> Recorded:
    """The entry taken in again from its bytes, and its projections equal. Raises LedgerWrong."""
    expected = replay.book.size
    if row["index"] != expected:
        raise LedgerWrong(what=f"entry {expected}", problem=f"it is missing, and entry {row['index']} follows")
    if leaf_hash(bytes(row["written"])) != bytes(row["leaf_hash"]):
        raise LedgerWrong(what=f"entry {expected}", problem="its bytes do not have the hash that was stored")
    with in_its_words():
        entry = replay.take(bytes(row["written"]))
    for name, value in _projections(entry).items():
        if (None if row[name] is None else str(row[name])) != value:
            problem = f"its {name} is stored as {str(row[name])!r}, its bytes say otherwise"
            raise LedgerWrong(what=f"entry {expected}", problem=problem)
    return entry


@contextmanager
def in_its_words() -> Iterator[None]:
    """What the replay finds wrong is said as the verifier says it."""
    try:
        yield
    except EntryWrong as fault:
        raise LedgerWrong(what=f"entry {fault.facts['index']}", problem=fault.facts["problem"]) from fault


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


def no_stray_transfers(session: Session, expected: int) -> None:
    """No transfer names an entry that is not there. Raises LedgerWrong."""
    if session.exec(select(func.count()).select_from(Transfer)).one() != expected:
        known = select(Entry.index)
        stray = session.exec(select(func.min(Transfer.entry)).where(col(Transfer.entry).not_in(known))).one()
        raise LedgerWrong(what=f"entry {stray}", problem="a transfer names it, and it is not there")
