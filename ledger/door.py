"""The one door: everything that is recorded goes through `post`, in one unit of work.

The head row's lock comes first, so indexes have no gaps, the tree is always whole, and a reader never sees an entry that
is not in it. Asking again with the same idempotency key gives the entry that is there already. `restore` takes entries that
were recorded elsewhere through the same door: the same rules, the same tables, and their own bytes.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col, select

from ledger.accounts import parse
from ledger.database import UnitOfWork
from ledger.entries import Account, Balance, DatabaseBook, Entry, Flow, Head, Transfer, decode, encode
from ledger.errors import LedgerError
from ledger.exact import NotExact, exact_entry
from ledger.kinds.controlling import Reversal, mirrored
from ledger.mandates import check
from ledger.narratives import keep
from ledger.records import Actor, Draft, Movement, NoSuchEntry, Recorded
from ledger.replay import changes, draft_of, flow_key
from ledger.tree import Edge


class KeyUsedTwice(LedgerError):
    """This form was sent before with other values (entry {index}), and those were kept. Open the page again to enter a new
    one.
    """


class LedgerRefused(LedgerError):
    """The database itself refused this, because {problem}. Nothing was recorded; load the page again and retry."""


class LineRefused(LedgerError):
    """Line {line} cannot be restored: {problem}. Nothing was recorded; get the file again from where it was exported."""


class DoesNotFollow(LedgerError):
    """This entry does not follow what is recorded here: {problem}. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoring added, and what the log holds now."""

    added: int
    size: int
    root: str


@dataclass(slots=True)
class _Log:
    """The locked head of the log, while a unit of work appends to it."""

    edge: Edge
    recorded_at: datetime | None


def post(unit: UnitOfWork, draft: Draft) -> Recorded:
    """Record one entry with its transfers, balances and tree head: all of it when the unit commits, or none.

    Safe to retry: the same `idempotency_key` and values give the entry recorded before. Raises the LedgerError of the rule
    that forbids it, or KeyUsedTwice.
    """
    return post_many(unit, [draft])[0]


def post_many(unit: UnitOfWork, drafts: Iterable[Draft]) -> list[Recorded]:
    """Record entries one after another in one unit of work; each may rest on the ones before it."""
    with _appending(unit) as log:
        return [_append(unit, log, draft) for draft in drafts]


def restore(unit: UnitOfWork, lines: Iterable[bytes]) -> Restored:
    """Record entries that were recorded before, each line an entry's exact bytes, under their own index and moment.

    Every rule is asked again. An entry that is here already, byte for byte, is passed over, so restoring is safe to retry
    and a log can be restored on top of its own beginning. Raises LineRefused, which names the first line that cannot be.
    """
    with _appending(unit) as log:
        before = log.edge.size
        for number, line in enumerate(lines, start=1):
            try:
                _restore(unit, log, line)
            except (NotExact, DoesNotFollow) as fault:
                raise LineRefused(line=f"{number:,}", problem=fault.facts["problem"]) from fault
            except LedgerError as fault:
                rule = fault.sentence.split(". ")[0]
                raise LineRefused(line=f"{number:,}", problem=f"it breaks a rule ({rule})") from fault
            except (AssertionError, ValueError, TypeError, LookupError, StopIteration, DataError, IntegrityError) as fault:
                raise LineRefused(line=f"{number:,}", problem="it does not fit the entries before it") from fault
        return Restored(added=log.edge.size - before, size=log.edge.size, root=log.edge.root().hex())


def recorded(session: Session, idempotency_key: str) -> Recorded | None:
    """The entry that was recorded under this key, if there is one."""
    written = session.exec(select(Entry.written).where(col(Entry.idempotency_key) == idempotency_key)).first()
    return decode(written) if written is not None else None


def reverse(unit: UnitOfWork, *, index: int, actor: Actor, reasons: str, idempotency_key: str) -> Recorded:
    """Record the mirror of entry `index`: the only correction. `reasons` are words for everyone to read."""
    entry = DatabaseBook(unit.session).entry(index)
    if entry is None:
        raise NoSuchEntry(index=index)
    return post(
        unit,
        Draft(
            authority=entry.authority,
            place=entry.place,
            mandate=index,
            payload=Reversal(reasons=keep(unit.session, reasons, idempotency_key=idempotency_key)),
            actor=actor,
            effective_on=unit.today(),
            movements=mirrored(entry.movements),
            idempotency_key=idempotency_key,
        ),
    )


def _lock(unit: UnitOfWork) -> _Log:
    head = unit.session.exec(select(Head).with_for_update().execution_options(populate_existing=True)).one()
    return _Log(edge=Edge(head.size, head.edge), recorded_at=head.recorded_at)


@contextmanager
def _appending(unit: UnitOfWork) -> Iterator[_Log]:
    """The locked log, advanced when all is appended; a refusal takes back everything this unit did."""
    log = _lock(unit)
    try:
        yield log
        _advance(unit.session, log)
    except IntegrityError as fault:
        unit.session.rollback()
        raise LedgerRefused(problem="a balance or a key changed in the meantime") from fault
    except LedgerError:
        # What this unit appended so far must not be committed by mistake: the refusal takes all of it back.
        unit.session.rollback()
        raise


def _append(unit: UnitOfWork, log: _Log, draft: Draft) -> Recorded:
    session = unit.session
    earlier = recorded(session, draft.idempotency_key)
    if earlier is not None:
        return _same_request(earlier, draft)
    # Another unit may have been recorded since this one asked for its moment.
    moment = max(unit.now(), log.recorded_at) if log.recorded_at else unit.now()
    check(draft, DatabaseBook(session), recorded=moment)
    written = encode(draft, index=log.edge.size, recorded_at=moment)
    entry = decode(written)
    _record(session, log, entry, written)
    return entry


def _restore(unit: UnitOfWork, log: _Log, written: bytes) -> None:
    session, entry = unit.session, exact_entry(written)
    if entry.index < log.edge.size:
        kept = session.exec(select(Entry.written).where(col(Entry.index) == entry.index)).one()
        if bytes(kept) != written:
            raise DoesNotFollow(problem=f"entry {entry.index} is here already, and its bytes are others")
        return
    if entry.index != log.edge.size:
        raise DoesNotFollow(problem=f"it is entry {entry.index}, and the next one here is {log.edge.size}")
    earlier = recorded(session, entry.idempotency_key)
    if earlier is not None:
        raise DoesNotFollow(problem=f"entry {earlier.index} has its idempotency key already")
    if log.recorded_at is not None and entry.recorded_at < log.recorded_at:
        raise DoesNotFollow(problem="it says it was recorded before the entry it follows")
    if entry.recorded_at.date() > unit.today():
        # The log's moments never go back, so one from the future would date everything that is recorded after it.
        raise DoesNotFollow(problem=f"it says it was recorded on {entry.recorded_at.date()}, and today is {unit.today()}")
    check(draft_of(entry), DatabaseBook(session), recorded=entry.recorded_at)
    _record(session, log, entry, written)


def _record(session: Session, log: _Log, entry: Recorded, written: bytes) -> None:
    """The one place that writes an entry, whether it was composed here or elsewhere."""
    session.execute(
        insert(Entry).values(
            index=entry.index,
            kind=entry.kind.value,
            recorded_at=entry.recorded_at,
            effective_on=entry.effective_on,
            authority=entry.authority,
            place=entry.place,
            subject=entry.payload.subject(),
            mandate=entry.mandate,
            person=entry.actor.person,
            role=entry.actor.role.value,
            idempotency_key=entry.idempotency_key,
            written=written,
            leaf_hash=entry.leaf_hash,
        )
    )
    if entry.movements:
        _move(session, entry)
    log.edge.append(entry.leaf_hash)
    log.recorded_at = entry.recorded_at


def _same_request(entry: Recorded, draft: Draft) -> Recorded:
    asked = (draft.authority, draft.place, draft.mandate, draft.payload, draft.actor, draft.movements)
    kept = (entry.authority, entry.place, entry.mandate, entry.payload, entry.actor, entry.movements)
    if asked != kept:
        raise KeyUsedTwice(index=entry.index)
    return entry


def _move(session: Session, entry: Recorded) -> None:
    paths = {path for movement in entry.movements for path in (movement.from_account, movement.to_account)}
    known = set(session.exec(select(Account.path).where(col(Account.path).in_(paths))))
    opened = [(path, *parse(path)) for path in sorted(paths - known)]
    if opened:
        session.execute(insert(Account), [{"path": path, "kind": kind.value, "owner": owner} for path, kind, owner in opened])
    session.execute(
        insert(Transfer),
        [
            {
                "entry": entry.index,
                "position": position,
                "from_account": movement.from_account,
                "to_account": movement.to_account,
                "resource": movement.resource,
                "amount": movement.amount,
            }
            for position, movement in enumerate(entry.movements)
        ],
    )
    for (account, resource), change in sorted(changes(entry.movements).items()):
        _add_to_balance(session, account, resource, change)
    for movement in entry.movements:
        _add_to_flow(session, entry, movement)


def _add_to_balance(session: Session, account: str, resource: str, change: int) -> None:
    changed = session.execute(
        update(Balance)
        .where(col(Balance.account) == account, col(Balance.resource) == resource)
        .values(amount=col(Balance.amount) + change)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # an UPDATE's result has it; the stub shows the general one
        session.execute(insert(Balance).values(account=account, resource=resource, amount=change))


def _add_to_flow(session: Session, entry: Recorded, movement: Movement) -> None:
    names = ("from_account", "to_account", "resource", "month", "authority", "place")
    where = dict(zip(names, flow_key(entry, movement), strict=True))
    changed = session.execute(
        update(Flow)
        .where(*(getattr(Flow, name) == value for name, value in where.items()))
        .values(amount=col(Flow.amount) + movement.amount)
    )
    if not changed.rowcount:  # type: ignore[attr-defined]  # as above
        session.execute(insert(Flow).values(**where, amount=movement.amount))


def _advance(session: Session, log: _Log) -> None:
    session.execute(
        update(Head).values(size=log.edge.size, edge=log.edge.packed(), root=log.edge.root(), recorded_at=log.recorded_at)
    )
