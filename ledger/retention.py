"""The retention clock: what about people has been kept for as long as it is needed, and goes.

- A name is kept for so many years after somebody's last role ended and after the last entry that they made or that names them.
  Then it is erased as “kept too long”, and an entry says so.
- Whose ballot it is is kept for so many days after the round was counted. Then the ballot belongs to nobody; the vote stays
  counted.

Whoever holds a role is kept, however long ago they acted. People of whom no entry says anything have no clock, and are counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, func, or_, select

from ledger.accounts import AccountKind
from ledger.entries import DatabaseBook, Entry, Transfer
from ledger.erasing import part_ballots
from ledger.kinds.authority import Constitution, RoleChange, holds
from ledger.kinds.prototyping import Prototype
from ledger.people import Person, Role
from ledger.records import Kind
from ledger.rounds.ballots import Ballot
from ledger.rounds.proposals import Round
from ledger.unit_of_work import UnitOfWork

PEOPLE_YEARS, BALLOT_DAYS = 7, 365
_DAYS_A_YEAR = 366  # never too early


@dataclass(frozen=True, slots=True)
class Keep:
    """How long an installation keeps what is about people."""

    people_years: int = PEOPLE_YEARS
    ballot_days: int = BALLOT_DAYS


@dataclass(frozen=True, slots=True)
class DuePerson:
    """Somebody whose name is not needed any more: `last` is the last day on which anything was said of them."""

    ref: str
    name: str
    last: date


@dataclass(frozen=True, slots=True)
class DueBallots:
    """A round whose ballots are still tied to `voters` people; it was counted on `counted`."""

    round: str
    voters: int
    counted: date


@dataclass(frozen=True, slots=True)
class Due:
    """All that is due. Of `undated` people no entry says anything, so no clock runs for them."""

    people: tuple[DuePerson, ...]
    ballots: tuple[DueBallots, ...]
    undated: int


def due(session: Session, keep: Keep, *, today: date) -> Due:
    """What has been kept for as long as it is needed, oldest first. Changes nothing."""
    named = session.exec(select(Person).where(col(Person.erasure).is_(None), col(Person.invented).is_(False))).all()
    last = {row.ref: _last_day(session, row.ref) for row in named}
    before = today - timedelta(days=keep.people_years * _DAYS_A_YEAR)
    people = [
        DuePerson(row.ref, row.name or "", day)
        for row in named
        if (day := last[row.ref]) is not None and day < before and not _in_office(session, row.ref, today)
    ]
    return Due(
        people=tuple(sorted(people, key=lambda each: (each.last, each.ref))),
        ballots=tuple(_ballots(session, before=today - timedelta(days=keep.ballot_days))),
        undated=sum(day is None for day in last.values()),
    )


def part_from_voters(unit: UnitOfWork, round_ref: str) -> None:
    """The ballots of a round belong to nobody from here on; each is counted as it was. Safe to repeat."""
    people = select(Person.ref)
    for voter in unit.session.exec(select(Ballot.voter).where(col(Ballot.round) == round_ref, col(Ballot.voter).in_(people))):
        part_ballots(unit.session, voter, round_ref)


def _last_day(session: Session, ref: str) -> date | None:
    paid = select(Transfer.entry).where(col(Transfer.to_account) == f"{AccountKind.PAYEE}/{ref}")
    named = or_(col(Entry.person) == ref, col(Entry.subject) == ref, col(Entry.index).in_(paid))
    last: date | None = session.exec(select(func.max(Entry.effective_on)).where(named)).one()
    ends = [entry.payload.ends for entry in _roles(session, ref) if entry.payload.ends is not None]
    ends += _led_until(session, ref)
    return max([day for day in (last, *ends) if day is not None], default=None)


def _led_until(session: Session, ref: str) -> list[date]:
    """The last days of the prototypes that the person leads."""
    led = (entry.payload for entry in DatabaseBook(session).where(Kind.PROTOTYPE))
    return [each.ends for each in led if isinstance(each, Prototype) and ref in each.leaders and each.ends is not None]


def _roles(session: Session, ref: str) -> list["_Given"]:
    return [
        _Given(entry.authority, entry.place, entry.payload)
        for entry in DatabaseBook(session).where(Kind.ROLE, subject=ref)
        if isinstance(entry.payload, RoleChange)
    ]


@dataclass(frozen=True, slots=True)
class _Given:
    """A role as an entry gave or took it."""

    authority: str
    place: str | None
    payload: RoleChange


def _in_office(session: Session, ref: str, today: date) -> bool:
    book = DatabaseBook(session)
    posts = {(given.payload.role, given.authority, given.place) for given in _roles(session, ref)}
    for entry in book.where(Kind.CONSTITUTION):
        if isinstance(entry.payload, Constitution) and entry.payload.registrar == ref:
            posts.add((Role.REGISTRAR, entry.authority, None))
    return any(
        holds(book, person=ref, role=role, authority=authority, place=place, on=today) for role, authority, place in posts
    )


def _ballots(session: Session, *, before: date) -> Iterator[DueBallots]:
    results = (
        select(Round.ref, func.max(Entry.effective_on))
        .join(Entry, col(Entry.subject) == col(Round.ref))
        .where(col(Entry.kind) == Kind.RESULT.value)
        .group_by(col(Round.ref))
        .having(func.max(Entry.effective_on) < before)
        .order_by(func.max(Entry.effective_on), col(Round.ref))
    )
    for ref, counted in session.exec(results).all():
        tied = (
            select(func.count()).select_from(Ballot).where(col(Ballot.round) == ref, col(Ballot.voter).in_(select(Person.ref)))
        )
        if voters := session.exec(tied).one():
            yield DueBallots(ref, voters, counted)
