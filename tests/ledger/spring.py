"""Glodbrook's spring round: announced with the days of every stage, ideas first; and the residents who have some."""

from datetime import timedelta

from ledger.kinds.deciding import Electorate
from ledger.kinds.round_rules import Calendar
from ledger.money import TIME
from ledger.people import Role, add_person
from ledger.powers import appoint
from ledger.records import Actor, Recorded
from ledger.rounds.freezing import freeze_rules
from ledger.rounds.ideas import Idea, idea_called
from ledger.rounds.process import Opening, announce_round
from ledger.rounds.reading import RoundView, round_view
from ledger.rounds.shaping import Words, share, write
from tests.ledger.conftest import CHAIR, MONDAY, REGISTRAR, World, agree_on_terms, devolve_to_glodbrook
from tests.ledger.steps import Step, done

ACTOR = Actor(CHAIR, Role.CHAIR)
REF = "glodbrook-spring"


def weeks(number: int) -> timedelta:
    return timedelta(weeks=number)


CALENDAR = Calendar(
    ideas_on=MONDAY,
    shaping_on=MONDAY + weeks(2),
    deliberation_on=MONDAY + weeks(4),
    counted_by=MONDAY + weeks(9),
    ratified_by=MONDAY + weeks(10),
    delivering_on=MONDAY + weeks(11),
    reflected_on=MONDAY + weeks(30),
    closed_on=MONDAY + weeks(40),
)
SPRING = Opening(
    ref=REF,
    partnership="glodbrook",
    title="Glodbrook: spring round",
    summary="Ideas first.",
    budget={"GBP": 1_500_000, TIME: 6_000},
    opens_on=MONDAY + weeks(6),
    closes_on=MONDAY + weeks(8),
    electorate=Electorate.PANEL,
    calendar=CALENDAR,
)


def announce(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    with world.unit() as unit:
        announce_round(unit, opening=SPRING, actor=ACTOR, idempotency_key="spring")
        unit.commit()


def freeze(world: World, key: str = "freeze") -> Recorded:
    return done(world, lambda unit: freeze_rules(unit, round_ref=REF, actor=ACTOR, idempotency_key=key))


def seen(world: World) -> RoundView:
    with world.database.reading() as session:
        return round_view(session, REF, today=world.today)


ROSA, IMRAN, MABEL = RESIDENTS = ("p-rosa", "p-imran", "p-mabel")
BENCHES = Words(
    title="Benches", summary="Three benches by the brook.", cost=400_000, minutes=600, theme="parks", spot=(200, 700)
)
WARM_ROOM = Words(title="Warm room", summary="Tea and company on Tuesdays.", cost=900_000, minutes=3_000, theme="care")


def announce_to_residents(world: World) -> None:
    """The spring round, and three residents of Glodbrook."""
    announce(world)
    with world.unit() as unit:
        for ref in RESIDENTS:
            add_person(unit.session, name=ref.removeprefix("p-").title(), ref=ref)
            appoint(
                unit,
                authority="marlmoor",
                place="glodbrook",
                person=ref,
                role=Role.RESIDENT,
                registrar=REGISTRAR,
                idempotency_key=world.key(),
            )
        unit.commit()


def has_idea(world: World, *, by: str = ROSA, words: Words = BENCHES, shared: bool = True) -> str:
    """An idea of the resident's, in front of everybody; its reference."""
    with world.unit() as unit:
        idea = write(unit, round_ref=REF, words=words, by=by, idempotency_key=world.key())
        ref = idea.ref
        if shared:
            share(unit, ref=ref, by=by)
        unit.commit()
    return ref


def do(world: World, work: Step) -> None:
    with world.unit() as unit:
        work(unit)
        unit.commit()


def kept(world: World, ref: str) -> Idea:
    with world.database.reading() as session:
        return idea_called(session, ref)
