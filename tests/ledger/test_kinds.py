"""Rules that only a draft made by hand can break: each is refused at the door, whatever function people use."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ledger.door import post
from ledger.entries import DatabaseBook
from ledger.kinds.authority import Constitution
from ledger.kinds.awarding import Allocation, Commitment, Payment, Return, TimeWorked
from ledger.kinds.controlling import PeriodClose, Reopen, Unfreeze
from ledger.kinds.deciding import Ask, BallotsSealed, Counted, Electorate, RoundOpened, RulesFrozen
from ledger.kinds.devolving import Clawback, VotingRule
from ledger.kinds.payload import Payload
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import close_period, founding, freeze
from ledger.records import Actor, Draft, Kind, Movement
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import (
    CHAIR,
    CONNECTOR,
    FINANCE,
    LEADER,
    PAYER,
    REGISTRAR,
    SUNSET,
    World,
    agree_on_terms,
    devolve_to_glodbrook,
    open_a_round,
)
from tests.ledger.steps import committed, done, refused

DIGEST = "0" * 64


def draft(world: World, payload: Payload, *, mandate: int | None, actor: Actor, **changed: object) -> Draft:
    made = Draft(
        authority="marlmoor",
        place="glodbrook",
        mandate=mandate,
        payload=payload,
        actor=actor,
        effective_on=world.today,
        idempotency_key=world.key(),
    )
    return replace(made, **changed)


def posting(made: Draft) -> Callable[[UnitOfWork], object]:
    return lambda unit: post(unit, made)


def newest(world: World, kind: Kind) -> int:
    with world.database.reading() as session:
        return list(DatabaseBook(session).where(kind))[-1].index


ROUND = {
    "round": "glodbrook-one",
    "title": "Again",
    "budget": {"GBP": 100},
    "opens_on": "2026-03-02",
    "closes_on": "2026-03-20",
    "electorate": Electorate.PANEL,
}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "was opened already"),
        ({"round": "two", "closes_on": "2026-03-01"}, "before it opens"),
        ({"round": "two", "budget": {"EUR": 1}}, "outside the scope"),
    ],
)
def test_a_round_is_opened_once_in_order_and_in_scope(decided: World, changed: dict[str, object], words: str) -> None:
    payload = RoundOpened.model_validate(ROUND | changed)
    made = draft(decided, payload, mandate=newest(decided, Kind.TERMS), actor=Actor(CHAIR, Role.CHAIR))
    refused(decided, posting(made), words)


def rules(**changed: object) -> RulesFrozen:
    values: dict[str, object] = {
        "round": "glodbrook-one",
        "ballot": "approval",
        "rule": VotingRule(minimum_votes=1),
        "quorum": 3,
        "asks": (Ask(project="glodbrook-one-1", cost=1),),
    }
    return RulesFrozen.model_validate(values | changed)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "were frozen already"),
        ({"round": "other"}, "its mandate opened"),
        ({"quorum": 1}, "are those of its terms of reference"),
        ({"asks": ()}, "needs proposals"),
        ({"asks": (Ask(project="ferrybank-one-1", cost=1),)}, "does not belong to the round"),
    ],
)
def test_rules_are_frozen_once_and_as_the_terms_say(decided: World, changed: dict[str, object], words: str) -> None:
    made = draft(decided, rules(**changed), mandate=newest(decided, Kind.ROUND), actor=Actor(CHAIR, Role.CHAIR))
    refused(decided, posting(made), words)


def test_no_ballot_joins_a_counted_round(decided: World) -> None:
    payload = BallotsSealed(round="glodbrook-one", batch=1, commitments=(DIGEST,))
    refused(
        decided,
        posting(draft(decided, payload, mandate=newest(decided, Kind.ROUND), actor=Actor(CHAIR, Role.CHAIR))),
        "no ballot can be added",
    )


def test_batches_of_ballots_follow_each_other(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    payload = BallotsSealed(round=ref, batch=3, commitments=(DIGEST,))
    refused(
        world,
        posting(draft(world, payload, mandate=newest(world, Kind.ROUND), actor=Actor(CHAIR, Role.CHAIR))),
        "not the next batch",
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"votes": 9}, "4 ballots are sealed"),
        ({"winners": ("nobody",)}, "not on the ballot"),
        ({"cost": 1}, "not those of its winners"),
        ({"round": "other"}, "its mandate opened"),
    ],
)
def test_a_result_is_of_its_sealed_ballots(world: World, changed: dict[str, object], words: str) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    opened, chair = newest(world, Kind.ROUND), Actor(CHAIR, Role.CHAIR)
    sealed = BallotsSealed(round=ref, batch=0, commitments=tuple(f"{number:064x}" for number in range(4)))
    done(world, lambda unit: post(unit, draft(world, sealed, mandate=opened, actor=chair)))
    values: dict[str, object] = {"round": ref, "votes": 4, "winners": (f"{ref}-1",), "cost": 400_000, "minutes": 600}
    made = draft(world, Counted.model_validate(values | changed), mandate=opened, actor=chair)
    refused(world, posting(made), words)


def test_a_result_is_declared_once(decided: World) -> None:
    payload = Counted(round="glodbrook-one", votes=3, winners=(), cost=0)
    refused(
        decided,
        posting(draft(decided, payload, mandate=newest(decided, Kind.ROUND), actor=Actor(CHAIR, Role.CHAIR))),
        "counted already",
    )


MOVES = {
    "to a friend": Movement("pot/glodbrook", "payee/friend", "GBP", 1),
    "from another place": Movement("pot/ferrybank", "award/glodbrook-one-1", "GBP", 1),
    "in another currency": Movement("pot/glodbrook", "award/glodbrook-one-1", "EUR", 1),
    "to no account": Movement("pot/glodbrook", "my/pocket", "GBP", 1),
}


@pytest.mark.parametrize("move", MOVES)
def test_an_allocation_goes_from_its_own_pot_to_its_own_project(decided: World, move: str) -> None:
    made = draft(
        decided,
        Allocation(project="glodbrook-one-1"),
        mandate=newest(decided, Kind.RATIFICATION),
        actor=Actor(FINANCE, Role.FINANCE_OFFICER),
        movements=(MOVES[move],),
    )
    refused(decided, posting(made))


def test_a_decision_moves_nothing(decided: World) -> None:
    made = draft(
        decided,
        PeriodClose(through=decided.today - timedelta(days=1)),
        mandate=0,
        actor=Actor(FINANCE, Role.FINANCE_OFFICER),
        place=None,
        movements=(MOVES["to a friend"],),
    )
    refused(decided, posting(made), "moves nothing")


def test_a_commitment_draws_on_its_own_projects_award(decided: World) -> None:
    made = draft(
        decided,
        Commitment(project="glodbrook-one-2", payee="spade", form="order", purpose="x"),
        mandate=newest(decided, Kind.ALLOCATION) - 1,
        actor=Actor(CONNECTOR, Role.CONNECTOR),
        movements=(Movement("award/glodbrook-one-2", "committed/glodbrook-one-2", "GBP", 1),),
    )
    with decided.database.reading() as session:
        mandate = DatabaseBook(session).entry(newest(decided, Kind.ALLOCATION) - 1)
    assert mandate is not None
    if mandate.payload.subject() == "glodbrook-one-2":
        made = replace(made, mandate=newest(decided, Kind.ALLOCATION))
    refused(decided, posting(made), "not among the ratified winners")


def test_time_worked_is_time_and_returns_are_the_projects_own(decided: World) -> None:
    allocation = newest(decided, Kind.ALLOCATION)
    with decided.database.reading() as session:
        entry = DatabaseBook(session).entry(allocation)
    assert entry is not None
    project = entry.payload.subject() or ""
    connector = Actor(CONNECTOR, Role.CONNECTOR)
    order = done(
        decided,
        lambda unit: post(
            unit,
            draft(
                decided,
                Commitment(project=project, payee="spade", form="order", purpose="x"),
                mandate=allocation,
                actor=connector,
                movements=(Movement(f"award/{project}", f"committed/{project}", "GBP", 10),),
            ),
        ),
    )
    worked = draft(
        decided,
        TimeWorked(project=project, payee="spade", purpose="x"),
        mandate=order.index,
        actor=connector,
        movements=(Movement(f"committed/{project}", "payee/spade", "GBP", 10),),
    )
    refused(decided, posting(worked), "moves staff time")
    other = draft(decided, Return(project="other", reasons=DIGEST), mandate=allocation, actor=connector)
    refused(decided, posting(other), "not among the ratified winners")


def test_an_authority_opens_its_books_once_in_a_listed_currency(world: World) -> None:
    operator = Actor("p-operator", Role.ADMINISTRATOR)
    again = draft(world, Constitution(name="M", currency="GBP", registrar=REGISTRAR), mandate=None, actor=operator, place=None)
    refused(world, posting(again), "already has its books")
    odd = replace(again, authority="new", payload=Constitution(name="N", currency="XQX", registrar=REGISTRAR))
    refused(world, posting(odd), "is not a currency")


def test_only_a_frozen_pot_is_released(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    stop = done(
        world, lambda unit: freeze(unit, devolution=devolution.index, reasons="Why", officer="p-chief", idempotency_key="f")
    )
    chief = Actor("p-chief", Role.CHIEF_FINANCE_OFFICER)
    done(world, lambda unit: post(unit, draft(world, Unfreeze(reasons=DIGEST), mandate=stop.index, actor=chief)))
    refused(world, posting(draft(world, Unfreeze(reasons=DIGEST), mandate=stop.index, actor=chief)), "open already")


def test_a_period_is_reopened_by_a_second_person_and_only_back(world: World) -> None:
    world.today += timedelta(days=40)
    through = world.today - timedelta(days=1)
    finance, chief = Actor(FINANCE, Role.FINANCE_OFFICER), Actor("p-chief", Role.CHIEF_FINANCE_OFFICER)
    closing = done(
        world, lambda unit: close_period(unit, authority="marlmoor", through=through, actor=finance, idempotency_key="c")
    )
    with world.database.reading() as session:
        founded = founding(session, "marlmoor").index
    for day, words in ((through, "is closed already"), (world.today, "only when it is over")):
        made = draft(world, PeriodClose(through=day), mandate=founded, actor=finance, place=None)
        refused(world, posting(made), words)

    def reopening(actor: Actor, back_to: object) -> Draft:
        payload = Reopen.model_validate({"through": back_to, "reasons": DIGEST})
        return draft(world, payload, mandate=closing.index, actor=actor, place=None)

    refused(world, posting(reopening(finance, None)), "do not hold the role")
    refused(world, posting(reopening(chief, through)), "is open already")
    done(world, lambda unit: post(unit, reopening(chief, None)))
    refused(world, posting(reopening(chief, None)), "is open already")


def test_power_at_one_place_is_not_used_at_another_or_before_it_began(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    leader = Actor(LEADER, Role.AUTHORITY_LEADER)
    taking = draft(
        world,
        Clawback(reasons=DIGEST),
        mandate=devolution.index,
        actor=leader,
        movements=(Movement("pot/glodbrook", "returned/marlmoor", "GBP", 1),),
    )
    elsewhere = replace(taking, place="ferrybank", movements=(Movement("pot/ferrybank", "returned/marlmoor", "GBP", 1),))
    refused(world, posting(elsewhere), "gives power at glodbrook")
    refused(world, posting(replace(taking, effective_on=world.today + timedelta(days=1))), "when it has happened")
    refused(
        world, posting(replace(taking, movements=(Movement("pot/glodbrook", "returned/marlmoor", TIME, 0),))), "more than zero"
    )
    refused(world, posting(replace(taking, mandate=None)), "rests on nothing")
    world.today += timedelta(days=2)
    refused(world, posting(replace(taking, effective_on=world.today - timedelta(days=1))), "on the day it is recorded")


def test_an_allocation_dated_back_before_the_sunset_is_refused(decided: World) -> None:
    decided.today = SUNSET + timedelta(days=1)
    made = draft(
        decided,
        Allocation(project="glodbrook-one-1"),
        mandate=newest(decided, Kind.RATIFICATION),
        actor=Actor(FINANCE, Role.FINANCE_OFFICER),
        movements=(Movement("pot/glodbrook", "award/glodbrook-one-1", "GBP", 1),),
        effective_on=SUNSET,
    )
    refused(decided, posting(made), "takes effect on the day it is recorded")


def test_a_late_fact_cannot_precede_what_it_rests_on(decided: World) -> None:
    order = committed(decided)
    made = draft(
        decided,
        Payment(project="glodbrook-one-1", payee="spade", purpose="x"),
        mandate=order.index,
        actor=Actor(PAYER, Role.FINANCE_OFFICER),
        movements=(Movement("committed/glodbrook-one-1", "payee/spade", "GBP", 1),),
        effective_on=decided.today - timedelta(days=1),
    )
    refused(decided, posting(made), "before entry")
