"""The one door: everything that is recorded goes through `post`, in one unit of work.

The head row's lock comes first, so indexes have no gaps, the tree is always whole, and a reader never sees an entry that
is not in it. Asking again with the same idempotency key gives the entry that is there already.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ledger.accounts import parse
from ledger.database import UnitOfWork
from ledger.entries import Account, Balance, DatabaseBook, Entry, Flow, Head, Transfer, decode, encode
from ledger.errors import LedgerError
from ledger.kinds.controlling import Reversal, mirrored
from ledger.mandates import check
from ledger.narratives import keep
from ledger.records import Actor, Draft, Movement, NoSuchEntry, Recorded
from ledger.replay import changes, flow_key
from ledger.tree import Edge


class KeyUsedTwice(LedgerError):
    """This form was sent before with other values (entry {index}), and those were kept. Open the page again to enter a new
    one.
    """


class LedgerRefused(LedgerError):
    """The database itself refused this, because {problem}. Nothing was recorded; load the page again and retry."""


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
    log = _lock(unit)
    try:
        entries = [_append(unit, log, draft) for draft in drafts]
        _advance(unit.session, log)
    except IntegrityError as fault:
        unit.session.rollback()
        raise LedgerRefused(problem="a balance or a key changed in the meantime") from fault
    except LedgerError:
        # What this unit appended so far must not be committed by mistake: the refusal takes all of it back.
        unit.session.rollback()
        raise
    return entries


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
            nodes=b"".join(log.edge.append(entry.leaf_hash)),
        )
    )
    if entry.movements:
        _move(session, entry)
    log.recorded_at = moment
    return entry


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
