"""Signing instruments and terms of reference by one's own act, and what waits for whose signature."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session

from ledger.door import post
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import NotFound
from ledger.kinds.signing import Signature, signatures, to_sign, unsigned, what_is_signed
from ledger.records import Actor, Draft, Kind, Recorded
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Signatory:
    """Somebody whom an instrument or terms of reference name, and their signature once it is there."""

    person: str
    signature: Recorded | None


def sign_it(unit: UnitOfWork, *, index: int, actor: Actor, idempotency_key: str) -> Recorded:
    """Sign the instrument or the terms of reference in entry `index`. Safe to retry.

    Raises NotNamed, SignedBefore, NotFound.
    """
    entry = signed_by_others(unit.session, index)
    return post(
        unit,
        Draft(
            authority=entry.authority,
            place=entry.place,
            mandate=entry.index,
            payload=Signature(what=what_is_signed(entry)),
            actor=actor,
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def signed_by_others(session: Session, index: int) -> Recorded:
    """The instrument or the terms of reference in entry `index` that others sign too. Raises NotFound."""
    found = entry_at(session, index)
    if not to_sign(found):
        raise NotFound(what="entry to sign", name=str(index))
    return found


def signatories_of(session: Session, entry: Recorded) -> tuple[Signatory, ...]:
    """Whom the entry names as those who sign it, in its own order, with what they have signed."""
    signed = signatures(entry, DatabaseBook(session))
    return tuple(Signatory(person, signed.get(person)) for person in to_sign(entry))


def waiting_for(session: Session, person: str, *, authorities: Iterable[str]) -> tuple[Recorded, ...]:
    """The instruments, and the newest terms of each place, that wait for the person's signature; the oldest first."""
    book, found = DatabaseBook(session), []
    for authority in sorted(set(authorities)):
        newest = {entry.place: entry for entry in book.where(Kind.TERMS, authority=authority)}
        found += [*book.where(Kind.DEVOLUTION, authority=authority), *newest.values()]
    return tuple(sorted((each for each in found if person in unsigned(each, book)), key=lambda entry: entry.index))
