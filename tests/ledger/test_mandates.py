"""By what power: instruments, terms and roles; each rule broken once is refused in a sentence, and nothing is recorded."""

from datetime import date, timedelta

import pytest

from ledger.awards import fill_purse
from ledger.kinds.authority import Change
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import agree_terms, appoint, devolve, second, terms_at
from ledger.records import Actor, Recorded
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import (
    CHAIR,
    LEADER,
    MONDAY,
    REGISTRAR,
    SUNSET,
    World,
    devolve_to_glodbrook,
)
from tests.ledger.steps import Step, done, refused


def instrument(world: World, **changed: object) -> Step:
    values: dict[str, object] = {
        "authority": "marlmoor",
        "partnership": "glodbrook",
        "title": "T",
        "power": "P",
        "money": 100,
        "minutes": 0,
        "limits": {"GBP": 100},
        "begins": MONDAY,
        "ends": MONDAY,
        "leader": LEADER,
        "idempotency_key": world.key(),
    }
    return lambda unit: devolve(unit, **(values | changed))  # type: ignore[arg-type]  # one wrong value at a time, on purpose


def test_only_the_authority_leader_devolves(world: World) -> None:
    refused(world, instrument(world, leader=CHAIR), "do not hold the role of authority leader")


def test_an_authority_without_books_cannot_devolve(world: World) -> None:
    refused(world, instrument(world, authority="elsewhere"), "has no books here yet")


def test_an_instrument_cannot_end_before_it_begins(world: World) -> None:
    refused(world, instrument(world, ends=MONDAY - timedelta(days=1)), "before it begins")


def test_an_instrument_that_moves_nothing_is_refused(world: World) -> None:
    refused(world, instrument(world, money=0), "moves none")


def test_a_currency_of_another_country_stays_out(world: World) -> None:
    refused(world, instrument(world, limits={"PLN": 100}), "outside the scope")


def test_an_amount_below_zero_is_refused(world: World) -> None:
    refused(world, instrument(world, money=-5), "more than zero")


def test_nobody_grants_themselves_a_role(world: World) -> None:
    refused(
        world,
        lambda unit: appoint(
            unit, authority="marlmoor", person=REGISTRAR, role=Role.AUTHORITY_LEADER, registrar=REGISTRAR, idempotency_key="me"
        ),
        "Nobody grants themselves",
    )


def test_a_role_that_ended_gives_no_power_from_that_day(world: World) -> None:
    world.today += timedelta(days=3)
    done(
        world,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            person=LEADER,
            role=Role.AUTHORITY_LEADER,
            registrar=REGISTRAR,
            idempotency_key="end",
            change=Change.ENDED,
        ),
    )
    refused(world, instrument(world), "do not hold the role")


def test_a_role_that_is_not_held_cannot_end(world: World) -> None:
    refused(
        world,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            person=CHAIR,
            role=Role.REGISTRAR,
            registrar=REGISTRAR,
            idempotency_key="end",
            change=Change.ENDED,
        ),
        "does not hold the role of registrar",
    )


def test_a_role_cannot_end_before_it_begins(world: World) -> None:
    refused(
        world,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            place="glodbrook",
            person=CHAIR,
            role=Role.CONNECTOR,
            registrar=REGISTRAR,
            idempotency_key="x",
            ends=MONDAY - timedelta(days=1),
        ),
        "before it begins",
    )


def test_a_role_at_one_place_gives_no_power_at_another(world: World) -> None:
    devolution = done(world, instrument(world, partnership="ferrybank", ends=SUNSET))  # type: ignore[arg-type]  # returns the entry
    agree_on_terms_at(world, devolution)
    refused(
        world,
        lambda unit: fill_purse(
            unit,
            terms=terms_index(unit, "ferrybank"),
            resource="GBP",
            amount=1,
            purpose="x",
            actor=Actor(CHAIR, Role.FINANCE_OFFICER),
            idempotency_key="p",
        ),
        "do not hold the role",
    )


def agree_on_terms_at(world: World, devolution: Recorded) -> Recorded:
    return done(
        world,
        lambda unit: agree_terms(
            unit,
            devolution=devolution.index,
            begins=MONDAY,
            review_on=MONDAY,
            sunset=MONDAY,
            panel=0,
            quorum=1,
            limits={"GBP": 100},
            voting_rule=VotingRule(),
            actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            idempotency_key=world.key(),
        ),
    )


def terms_index(unit: UnitOfWork, place: str) -> int:
    live = terms_at(unit.session, place, on=unit.today())
    assert live is not None
    return live.entry.index


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sunset": date(2027, 4, 30)}, "runs from"),
        ({"begins": MONDAY - timedelta(days=1)}, "runs from"),
        ({"review_on": date(2027, 1, 31)}, "in this order"),
        ({"quorum": 6}, "does not fit a panel"),
        ({"limits": {"GBP": 1_000_001}}, "over the limit of £10,000"),
        ({"limits": {"EUR": 1}}, "outside the scope"),
    ],
)
def test_terms_stay_within_their_devolution(world: World, changed: dict[str, object], words: str) -> None:
    devolution = devolve_to_glodbrook(world)
    values: dict[str, object] = {
        "devolution": devolution.index,
        "begins": MONDAY,
        "review_on": MONDAY,
        "sunset": SUNSET,
        "panel": 5,
        "quorum": 3,
        "limits": {"GBP": 1_000_000},
        "voting_rule": VotingRule(),
        "actor": Actor(LEADER, Role.AUTHORITY_LEADER),
        "idempotency_key": "terms",
    }
    refused(world, lambda unit: agree_terms(unit, **(values | changed)), words)  # type: ignore[arg-type]  # one wrong value


def test_hours_come_from_the_organisation_that_lends_them(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    done(
        world,
        lambda unit: second(
            unit,
            devolution=devolution.index,
            organisation="spade",
            title="One day a week",
            minutes=480,
            begins=MONDAY,
            ends=SUNSET,
            leader=LEADER,
            idempotency_key="s",
        ),
    )
    assert world.balance("pot/glodbrook", TIME) == 60_480
    assert world.balance("staff/spade", TIME) == -480


def test_staff_time_outside_the_scope_is_refused(world: World) -> None:
    devolution = devolve_to_glodbrook_money_only(world)
    refused(
        world,
        lambda unit: second(
            unit,
            devolution=devolution.index,
            organisation="spade",
            title="x",
            minutes=1,
            begins=MONDAY,
            ends=SUNSET,
            leader=LEADER,
            idempotency_key="s",
        ),
        "TIME is outside the scope",
    )


def devolve_to_glodbrook_money_only(world: World) -> Recorded:
    return done(world, instrument(world, money=5_000, limits={"GBP": 100}, ends=SUNSET))  # type: ignore[arg-type]  # returns the entry
