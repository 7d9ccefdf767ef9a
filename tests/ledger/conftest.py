"""A small authority that a reader recognises: Marlmoor, its partnership Glodbrook, and the people who act for them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from ledger.database import Database, open_database
from ledger.entries import tree_size
from ledger.kinds.deciding import Electorate
from ledger.kinds.devolving import VotingRule
from ledger.kinds.evidence import Evidence
from ledger.money import TIME
from ledger.people import Role, add_person
from ledger.places import Authority, Organisation, Partnership
from ledger.powers import agree_terms, appoint, devolve, open_books
from ledger.records import Actor, Recorded
from ledger.renewing import evidence_at
from ledger.rounds.ballots import cast
from ledger.rounds.process import Opening, close_round, open_round, ratify
from ledger.rounds.proposals import Proposal
from ledger.unit_of_work import UnitOfWork
from tests.databases import Databases

MONDAY = date(2026, 3, 2)
SUNSET = date(2026, 12, 31)
REGISTRAR, LEADER, CHAIR, FINANCE, PAYER, CONNECTOR, PARTNER = (
    f"p-{name}" for name in ("registrar", "leader", "chair", "finance", "payer", "connector", "partner")
)
PANEL = ("p-bea", "p-owen", "p-nasreen", "p-pat")
HOLDERS = {
    LEADER: (Role.AUTHORITY_LEADER, None),
    FINANCE: (Role.FINANCE_OFFICER, None),
    PAYER: (Role.FINANCE_OFFICER, None),
    "p-chief": (Role.CHIEF_FINANCE_OFFICER, None),
    CHAIR: (Role.CHAIR, "glodbrook"),
    CONNECTOR: (Role.CONNECTOR, "glodbrook"),
    PARTNER: (Role.ACCOUNTABILITY_PARTNER, None),
    **dict.fromkeys(PANEL, (Role.PANEL_MEMBER, "glodbrook")),
}
RESIDENTS = PANEL  # four of the panel's five seats: the chair lives elsewhere


class World:
    """A database with a day that the story can turn, and keys that count up."""

    def __init__(self, database: Database, today: date = MONDAY) -> None:
        self.database, self.today, self._keys = database, today, 0

    def clock(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 10, tzinfo=UTC)

    def unit(self) -> UnitOfWork:
        return self.database.unit_of_work(self.clock)

    def key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"

    def size(self) -> int:
        from ledger.entries import tree_size  # noqa: PLC0415 - one question of its own

        with self.database.reading() as session:
            return tree_size(session)

    def balance(self, account: str, resource: str = "GBP") -> int:
        from ledger.entries import DatabaseBook  # noqa: PLC0415 - one question of its own

        with self.database.reading() as session:
            return DatabaseBook(session).balance(account, resource)


def found_marlmoor(world: World) -> None:
    """The authority, its places and its people, each in the role they hold."""
    with world.unit() as unit:
        for ref in (REGISTRAR, "p-operator", *HOLDERS):
            add_person(unit.session, name=ref.removeprefix("p-").title(), ref=ref)
        open_books(
            unit,
            authority=Authority(slug="marlmoor", name="Marlmoor", currency="GBP"),
            registrar=REGISTRAR,
            operator="p-operator",
            idempotency_key=world.key(),
        )
        unit.session.add(Organisation(slug="spade", name="Green Spade"))
        unit.session.add(Partnership(slug="glodbrook", authority="marlmoor", name="Glodbrook"))
        unit.session.add(Partnership(slug="ferrybank", authority="marlmoor", name="Ferrybank"))
        unit.session.flush()
        for person, (role, place) in HOLDERS.items():
            appoint(
                unit,
                authority="marlmoor",
                place=place,
                person=person,
                role=role,
                registrar=REGISTRAR,
                idempotency_key=world.key(),
                resident=person in RESIDENTS,
            )
        unit.commit()


@pytest.fixture(scope="session")
def founded_url(databases: Databases) -> str:
    """A database in which Marlmoor is founded; each test gets a copy of it."""
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    found_marlmoor(World(database))
    database.dispose()
    return url


@pytest.fixture
def world(databases: Databases, founded_url: str) -> Iterator[World]:
    """Marlmoor on its first Monday. The test runs on SQLite and on PostgreSQL."""
    url = databases.copy_of(founded_url)
    database = open_database(url)
    made = World(database)
    made._keys = 1_000
    yield made
    database.dispose()
    databases.drop(url)


def devolve_to_glodbrook(world: World, *, money: int = 5_000_000, minutes: int = 60_000) -> Recorded:
    """£50,000 and 1,000 hours, at most £10,000 and 100 hours for one award."""
    with world.unit() as unit:
        entry = devolve(
            unit,
            authority="marlmoor",
            partnership="glodbrook",
            title="Glodbrook instrument",
            power="Minute 14",
            money=money,
            minutes=minutes,
            limits={"GBP": 1_000_000, TIME: 6_000},
            begins=MONDAY,
            ends=date(2027, 3, 31),
            leader=LEADER,
            idempotency_key=world.key(),
        )
        unit.commit()
    return entry


def newest_evidence(world: World) -> Evidence:
    """The evidence pack of Glodbrook as of now."""
    with world.database.reading() as session:
        return evidence_at(session, "glodbrook", tree_size=tree_size(session))[1]


def agree_on_terms(world: World, devolution: Recorded, *, sunset: date = SUNSET, rule: VotingRule | None = None) -> Recorded:
    """Terms of reference to the end of the year: a panel of five, three of whom must vote."""
    with world.unit() as unit:
        entry = agree_terms(
            unit,
            devolution=devolution.index,
            begins=MONDAY,
            review_on=date(2026, 6, 30),
            sunset=sunset,
            panel=5,
            quorum=3,
            limits={"GBP": 1_000_000, TIME: 6_000},
            voting_rule=rule or VotingRule(minimum_votes=1),
            actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            idempotency_key=world.key(),
        )
        unit.commit()
    return entry


PROPOSALS = (("Benches", 400_000, 600), ("Warm room", 900_000, 3_000), ("Tool library", 300_000, 0))


def open_a_round(world: World, *, ref: str = "glodbrook-one", budget: int = 1_500_000) -> str:
    """Three proposals, £15,000 and 100 hours to share out, three weeks to vote."""
    opening = Opening(
        ref=ref,
        partnership="glodbrook",
        title="Glodbrook: first round",
        summary="",
        budget={"GBP": budget, TIME: 6_000},
        opens_on=world.today,
        closes_on=world.today + timedelta(days=21),
        electorate=Electorate.PANEL,
        most_choices=2,
    )
    proposals = [
        Proposal(ref="", round="", number=number, code=str(number), title=title, cost=cost, minutes=minutes)
        for number, (title, cost, minutes) in enumerate(PROPOSALS, start=1)
    ]
    with world.unit() as unit:
        open_round(unit, opening=opening, proposals=proposals, actor=Actor(CHAIR, Role.CHAIR), idempotency_key=world.key())
        unit.commit()
    return ref


def vote(world: World, ref: str, **ballots: set[int]) -> None:
    """`vote(world, ref, bea={1, 2})`."""
    for name, choices in ballots.items():
        with world.unit() as unit:
            cast(unit, round_ref=ref, voter=f"p-{name}", choices=frozenset(choices))
            unit.commit()


def close(world: World, ref: str, key: str = "close") -> Recorded:
    with world.unit() as unit:
        entry = close_round(unit, round_ref=ref, actor=Actor(CHAIR, Role.CHAIR), idempotency_key=key)
        unit.commit()
    return entry


def ratify_result(world: World, ref: str, *, officer: str = FINANCE, key: str = "ratify") -> Recorded:
    with world.unit() as unit:
        entry = ratify(
            unit,
            round_ref=ref,
            power="Delegation 4.2",
            reasons="As voted.",
            actor=Actor(officer, Role.FINANCE_OFFICER),
            idempotency_key=key,
        )
        unit.commit()
    return entry


@pytest.fixture
def decided(world: World) -> World:
    """A round lived to its awards: benches and the warm room chosen and ratified."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
    close(world, ref)
    ratify_result(world, ref)
    return world
