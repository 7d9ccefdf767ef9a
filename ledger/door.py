"""The one door: everything that is recorded goes through `post`, in one unit of work.

The head row's lock comes first, so indexes have no gaps, the tree is always whole, and a reader never sees an entry that
is not in it. Asking again with the same idempotency key gives the entry that is there already.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ledger.appending import Appending
from ledger.entries import DatabaseBook, Entry, decode
from ledger.errors import LedgerError
from ledger.kinds.controlling import Reversal, mirrored
from ledger.narratives import keep
from ledger.records import Actor, Draft, NoSuchEntry, Recorded
from ledger.unit_of_work import UnitOfWork

_AT_ONCE = 1_000  # entries whose rows are written together


class KeyUsedTwice(LedgerError):
    """This form was sent before with other values (entry {index}), and those were kept. Open the page again to enter a new
    one.
    """


class LedgerRefused(LedgerError):
    """The database itself refused this, because {problem}. Nothing was recorded; load the page again and retry."""


def post(unit: UnitOfWork, draft: Draft) -> Recorded:
    """Record one entry with its transfers, balances and tree head: all of it when the unit commits, or none.

    Safe to retry: the same `idempotency_key` and values give the entry recorded before. Raises the LedgerError of the rule
    that forbids it, or KeyUsedTwice.
    """
    return post_many(unit, [draft])[0]


def post_many(unit: UnitOfWork, drafts: Iterable[Draft]) -> list[Recorded]:
    """Record entries one after another in one unit of work; each may rest on the ones before it."""
    entries: list[Recorded] = []
    with _all_or_nothing(unit) as log:
        waiting = iter(drafts)
        while some := list(islice(waiting, _AT_ONCE)):
            log.prepare(some)
            entries += [_append(log, draft) for draft in some]
            # Alone, rows go down as they come; with others, when all parts are done, unless somebody may look for them.
            if unit.alone or unit.touched or len(some) == _AT_ONCE:
                unit.settle()
    return entries


@contextmanager
def _all_or_nothing(unit: UnitOfWork) -> Iterator[Appending]:
    """The end of the log; whatever goes wrong takes back all that the unit did, so that none of it is committed by mistake."""
    try:
        yield Appending.of(unit)
    except IntegrityError as fault:
        unit.roll_back()
        raise LedgerRefused(problem="a balance or a key changed in the meantime") from fault
    except BaseException:
        unit.roll_back()
        raise


def _append(log: Appending, draft: Draft) -> Recorded:
    earlier = log.recorded(draft.idempotency_key)
    return log.append(draft) if earlier is None else _same_request(earlier, draft)


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


def _same_request(entry: Recorded, draft: Draft) -> Recorded:
    asked = (draft.authority, draft.place, draft.mandate, draft.payload, draft.actor, draft.movements)
    kept = (entry.authority, entry.place, entry.mandate, entry.payload, entry.actor, entry.movements)
    if asked != kept:
        raise KeyUsedTwice(index=entry.index)
    return entry
