"""The mandates on which the workload rests, laid through the ledger's own functions: an authority with twenty partnerships,
each with its devolution, terms, officers, a round that was voted on, counted and ratified, and a connector's purse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from ledger.awards import fill_purse
from ledger.database import Database
from ledger.entries import DatabaseBook, Transfer
from ledger.kinds.authority import SEATS
from ledger.kinds.deciding import Electorate
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME
from ledger.people import Role, add_person
from ledger.places import Authority, Partnership
from ledger.powers import agree_terms, appoint, devolve, open_books
from ledger.records import Actor, Kind, Movement
from ledger.rounds.ballots import cast
from ledger.rounds.process import Opening, close_round, open_round, ratify
from ledger.rounds.proposals import Proposal
from ledger.unit_of_work import Clock, UnitOfWork
from tests.bench.workload import AUTHORITY, DAYS, FIRST_DAY, PLACES, PROJECTS_EACH

REGISTRAR, LEADER, FINANCE, PAYER = "p-registrar", "p-leader", "p-finance", "p-payer"
_PENCE, _MINUTES = 200_000_000, 3_000_000  # for each project, and the most that one award may take
_PURSE = 100_000_000, 1_000_000
_POT = _PENCE * PROJECTS_EACH + 2_000_000_000, _MINUTES * PROJECTS_EACH + _PURSE[1]
_SUNSET = date(2027, 3, 31)

Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Founded:
    """Where the mandates stand in the log: terms and purse of each place, allocation of each project."""

    terms: dict[str, int]
    purses: dict[str, int]
    allocations: dict[str, int]
    movements: tuple[Movement, ...]


def connector(place: str) -> str:
    """Who holds the purse of a place, and orders for its projects."""
    return f"p-{place}-connector"


def clock_of(day: date) -> Clock:
    """A clock that stands still at ten on that day."""
    return lambda: datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def found(database: Database, *, places: int = len(PLACES)) -> None:
    """Lay all mandates in an empty database whose tables are there, for the first so many places."""
    _whole(database, _authority)
    for place in PLACES[:places]:
        _whole(database, lambda unit, place=place: _partnership(unit, place))  # type: ignore[misc]  # a default's type is not inferred


def founded(session: Session) -> Founded:
    """Find the mandates again."""
    book = DatabaseBook(session)
    rows = session.exec(select(Transfer).order_by(col(Transfer.entry), col(Transfer.position)))
    return Founded(
        terms={entry.place or "": entry.index for entry in book.where(Kind.TERMS)},
        purses={entry.place or "": entry.index for entry in reversed(list(book.where(Kind.VIREMENT)))},
        allocations={entry.payload.subject() or "": entry.index for entry in book.where(Kind.ALLOCATION)},
        movements=tuple(Movement(row.from_account, row.to_account, row.resource, row.amount) for row in rows),
    )


def _whole(database: Database, work: Callable[[UnitOfWork], Done]) -> Done:
    with database.unit_of_work(clock_of(FIRST_DAY)) as unit:
        done = work(unit)
        unit.commit()
    return done


def _authority(unit: UnitOfWork) -> None:
    holders = {
        LEADER: Role.AUTHORITY_LEADER, FINANCE: Role.FINANCE_OFFICER, PAYER: Role.FINANCE_OFFICER,
        "p-partner": Role.ACCOUNTABILITY_PARTNER,
    }  # fmt: skip
    for ref in (REGISTRAR, "p-operator", *holders):
        add_person(unit.session, name=ref.removeprefix("p-").title(), ref=ref)
    authority = Authority(slug=AUTHORITY, name="Marlmoor", currency="GBP")
    open_books(unit, authority=authority, registrar=REGISTRAR, operator="p-operator", idempotency_key="found")
    for person, role in holders.items():
        _appoint(unit, person, role, None)


def _appoint(unit: UnitOfWork, person: str, role: Role, place: str | None) -> None:
    appoint(
        unit,
        authority=AUTHORITY,
        place=place,
        person=person,
        role=role,
        registrar=REGISTRAR,
        idempotency_key=f"role-{person}",
        resident=role in SEATS,
    )


def _partnership(unit: UnitOfWork, place: str) -> None:
    panel = [f"p-{place}-{number}" for number in (1, 2, 3)]
    people = {connector(place): Role.CONNECTOR, f"p-{place}-chair": Role.CHAIR} | dict.fromkeys(panel, Role.PANEL_MEMBER)
    unit.session.add(Partnership(slug=place, authority=AUTHORITY, name=place.replace("-", " ").title()))
    unit.session.flush()
    for person, role in people.items():
        add_person(unit.session, name=person.removeprefix("p-").title(), ref=person)
        _appoint(unit, person, role, place)
    terms = _empower(unit, place)
    _decide(unit, place, panel)
    for resource, amount in zip(("GBP", TIME), _PURSE, strict=True):
        fill_purse(
            unit, terms=terms, resource=resource, amount=amount, purpose="The connector's purse for the year",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key=f"purse-{place}-{resource}",
        )  # fmt: skip


def _empower(unit: UnitOfWork, place: str) -> int:
    limits = {"GBP": _PENCE, TIME: _MINUTES}
    instrument = devolve(
        unit, authority=AUTHORITY, partnership=place, title=f"Instrument for {place}", power="Minute 14", money=_POT[0],
        minutes=_POT[1], limits=limits, begins=FIRST_DAY, ends=_SUNSET, leader=LEADER, idempotency_key=f"devolve-{place}",
    )  # fmt: skip
    terms = agree_terms(
        unit, devolution=instrument.index, begins=FIRST_DAY, review_on=DAYS[len(DAYS) // 2], sunset=_SUNSET, panel=5, quorum=3,
        limits=limits, voting_rule=VotingRule(minimum_votes=1), actor=Actor(LEADER, Role.AUTHORITY_LEADER),
        idempotency_key=f"terms-{place}",
    )  # fmt: skip
    return terms.index


def _decide(unit: UnitOfWork, place: str, panel: list[str]) -> None:
    ref, chair, numbers = f"{place}-one", Actor(f"p-{place}-chair", Role.CHAIR), range(1, PROJECTS_EACH + 1)
    opening = Opening(
        ref=ref, partnership=place, title=f"{place}: first round", summary="",
        budget={"GBP": _PENCE * PROJECTS_EACH, TIME: _MINUTES * PROJECTS_EACH}, opens_on=FIRST_DAY, closes_on=FIRST_DAY,
        electorate=Electorate.PANEL,
    )  # fmt: skip
    proposals = [
        Proposal(ref="", round="", number=number, code=str(number), title=f"Idea {number}", cost=_PENCE, minutes=_MINUTES)
        for number in numbers
    ]
    open_round(unit, opening=opening, proposals=proposals, actor=chair, idempotency_key=f"open-{ref}")
    for member in panel:
        cast(unit, round_ref=ref, voter=member, choices=frozenset(numbers))
    close_round(unit, round_ref=ref, actor=chair, idempotency_key=f"close-{ref}")
    officer = Actor(FINANCE, Role.FINANCE_OFFICER)
    ratify(unit, round_ref=ref, power="4.2", reasons="As voted.", actor=officer, idempotency_key=f"ratify-{ref}")
