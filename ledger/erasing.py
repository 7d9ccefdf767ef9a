"""Erasing a person and withdrawing words: the entry that says so and the removal itself, in one unit of work.

What goes: a person's name and the line about them, and all with which they sign in; a text with its salt, so that its digest
says nothing any more. What stays: the entries, under the opaque reference or the digest, and a marker of when and why.

A ballot of an erased person stays in its box, sealed or not, under a new reference that belongs to nobody: taking it out would
let a registrar decide a vote, and leaving it would say how a person voted whom people may still know by their reference.

All of it is safe to repeat. Where rows came back (a backup was restored, an erasure was half undone by hand), erasing again
takes them away again and records nothing twice.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, select, update

from ledger.credentials.held import forget_credentials
from ledger.credentials.invitations import invitations_about
from ledger.door import post, recorded
from ledger.entries import DatabaseBook, Entry, entry_at
from ledger.errors import LedgerError, NotFound
from ledger.kinds.authority import RoleChange, holds
from ledger.kinds.erasing import Erasure, Reason, Removed, erasure_of, words_in
from ledger.narratives import Narrative, forget_words
from ledger.people import Role, forget_name, new_reference, person
from ledger.places import Authority
from ledger.powers import founding, founding_payload
from ledger.records import Actor, Draft, Kind, Recorded
from ledger.rounds.ballots import Ballot
from ledger.rounds.forgetting import forget_ideas
from ledger.rounds.proposals import Proposal
from ledger.subject_requests import forget_requests
from ledger.unit_of_work import UnitOfWork


class WhichAuthority(LedgerError):
    """This person has acted for no authority or for several ({found}). Say which one erases them; nothing was erased."""


class NoWords(LedgerError):
    """Entry {index} has no words beside it. Check the number; nothing was erased."""


class NoRegistrar(LedgerError):
    """Nobody holds the role of registrar at {authority} today. Appoint somebody, or name a person; nothing was erased."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The entry that says what was erased. `fresh` is false when it was recorded before."""

    entry: Recorded
    fresh: bool

    @property
    def erasure(self) -> Erasure:
        """What was erased, and why."""
        if not isinstance(self.entry.payload, Erasure):
            raise AssertionError(f"entry {self.entry.index} erases nothing")  # noqa: TRY004 - a broken invariant
        return self.entry.payload


def erase_person(unit: UnitOfWork, *, ref: str, reason: Reason, authority: str, registrar: str, idempotency_key: str) -> Erased:
    """Take a person's name away for good; their entries stay, under the opaque reference.

    Raises NotFound, StillInOffice, ErasedElsewhere. Asked again, it gives the entry of the first time.
    """
    session = unit.session
    person(session, ref)
    done = _done_before(session, ref)
    if done is None:
        payload = Erasure(what=Removed.PERSON, erased=ref, reason=reason)
        entry = _record(unit, payload, authority=authority, place=None, registrar=registrar, key=idempotency_key)
        done = Erased(entry, fresh=True)
    forget_name(session, ref, erasure=done.entry.index)
    forget_credentials(session, ref)
    forget_requests(session, ref)
    forget_ideas(session, ref, voted_as=part_ballots(session, ref))
    session.execute(update(Proposal).where(col(Proposal.proposer) == ref).values(proposer=""))
    return done


def withdraw(unit: UnitOfWork, *, digest: str, reason: Reason, registrar: str, idempotency_key: str) -> Erased:
    """Take the words behind a digest away for good, text and salt; the digest stays in its entry and says nothing any more.

    Raises NotFound, OwnWords, NoGroundForReasons. Asked again, it gives the entry of the first time.
    """
    session = unit.session
    holder = entry_with(session, digest)
    done = _done_before(session, digest)
    if done is None:
        what, _ = words_in(holder) or (Removed.STORY, digest)
        payload = Erasure(what=what, erased=digest, entry=holder.index, reason=reason)
        entry = _record(unit, payload, authority=holder.authority, place=holder.place, registrar=registrar, key=idempotency_key)
        done = Erased(entry, fresh=True)
    forget_words(session, digest, erasure=done.entry.index)
    return done


def entry_with(session: Session, digest: str) -> Recorded:
    """The entry that holds the digest of these words. Raises NotFound."""
    row = session.get(Narrative, digest)
    # Words are kept under the key of the entry that they belong to.
    found = recorded(session, row.idempotency_key) if row is not None else None
    if found is None or (words_in(found) or ("", ""))[1] != digest:
        raise NotFound(what="kept text", name=digest)
    return found


def digest_in(session: Session, index: int) -> str:
    """The digest of the words that entry `index` has beside the log. Raises NoSuchEntry, NoWords."""
    found = words_in(entry_at(session, index))
    if found is None:
        raise NoWords(index=index)
    return found[1]


def authorities_of(session: Session, ref: str) -> set[str]:
    """Every authority that may erase the person: where they were appointed, else acted, else were invited; else each one."""
    return (
        {entry.authority for entry in DatabaseBook(session).where(Kind.ROLE, subject=ref)}
        or set(session.exec(select(Entry.authority).where(col(Entry.person) == ref)))
        or {row.authority for row in invitations_about(session, ref)}
        or set(session.exec(select(Authority.slug)))
    )


def authority_of(session: Session, ref: str) -> str:
    """The one authority that may erase the person. Raises WhichAuthority."""
    found = authorities_of(session, ref)
    if len(found) != 1:
        raise WhichAuthority(found=", ".join(sorted(found)) or "none")
    return found.pop()


def registrar_at(unit: UnitOfWork, authority: str, place: str | None = None) -> str:
    """Somebody who is registrar of the authority, or of the place, today. Raises NoRegistrar."""
    book = DatabaseBook(unit.session)
    appointed = [
        entry.payload.person
        for entry in book.where(Kind.ROLE, authority=authority)
        if isinstance(entry.payload, RoleChange) and entry.payload.role is Role.REGISTRAR
    ]
    for ref in (founding_payload(unit.session, authority).registrar, *appointed):
        if holds(book, person=ref, role=Role.REGISTRAR, authority=authority, place=place, on=unit.today()):
            return ref
    raise NoRegistrar(authority=authority)


def _done_before(session: Session, erased: str) -> Erased | None:
    earlier = erasure_of(DatabaseBook(session), erased)
    return None if earlier is None else Erased(earlier, fresh=False)


def _record(unit: UnitOfWork, payload: Erasure, *, authority: str, place: str | None, registrar: str, key: str) -> Recorded:
    return post(
        unit,
        Draft(
            authority=authority,
            place=place,
            mandate=founding(unit.session, authority).index,
            payload=payload,
            actor=Actor(registrar, Role.REGISTRAR),
            effective_on=unit.today(),
            idempotency_key=key,
        ),
    )


def part_ballots(session: Session, ref: str, round_ref: str | None = None) -> dict[str, str]:
    """Each ballot of the person gets a reference of its own: not even that two of them are one person's is kept.

    Of one round only, when it is named. Returns the new reference by round.
    """
    rounds = session.exec(select(Ballot.round).where(col(Ballot.voter) == ref)).all()
    voted_as = {name: new_reference() for name in (rounds if round_ref is None else [round_ref])}
    for name, reference in voted_as.items():
        cast = col(Ballot.round) == name, col(Ballot.voter) == ref
        session.execute(update(Ballot).where(*cast).values(voter=reference))
    return voted_as
