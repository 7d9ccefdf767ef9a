"""From an award to the street: allocations, commitments, payments, hours, the purse, freezes and closed periods."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ledger.awards import commit, fill_purse, give_back, give_help, pay, work
from ledger.door import post, post_many
from ledger.entries import DatabaseBook
from ledger.kinds.authority import RoleChange
from ledger.kinds.awarding import Allocation, NotPromised, OverCommitment, Payment
from ledger.mandates import PotFrozen
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import close_period, founding, freeze, unfreeze
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import (
    CHAIR,
    CONNECTOR,
    FINANCE,
    PAYER,
    SUNSET,
    World,
    agree_on_terms,
    devolve_to_glodbrook,
)
from tests.ledger.steps import allocated, committed, done, paying, refused


def test_a_payment_on_an_award_goes_on_after_the_sunset(decided: World) -> None:
    order = committed(decided)
    decided.today = SUNSET + timedelta(days=30)
    done(decided, paying(order, 400_000))
    assert decided.balance("payee/spade") == 400_000
    assert decided.balance("committed/glodbrook-one-1") == 0


def test_a_payment_over_its_commitment_is_refused(decided: World) -> None:
    order, other = committed(decided, amount=100), committed(decided, amount=100)
    done(decided, paying(order, 60, key="first"))
    assert other.index
    with decided.unit() as unit, pytest.raises(OverCommitment, match=r"£0\.40 is left"):
        paying(order, 41, key="second")(unit)


def test_whoever_ratified_cannot_pay(decided: World) -> None:
    order = committed(decided)
    refused(decided, paying(order, 1, officer=FINANCE), "Whoever ratifies an award and whoever pays it")


def test_a_payment_goes_to_the_payee_of_its_commitment(decided: World) -> None:
    order = committed(decided)
    draft = Draft(
        authority="marlmoor",
        place="glodbrook",
        mandate=order.index,
        payload=Payment(project="glodbrook-one-1", payee="cousin", purpose="x"),
        actor=Actor(PAYER, Role.FINANCE_OFFICER),
        effective_on=decided.today,
        movements=(Movement("committed/glodbrook-one-1", "payee/cousin", "GBP", 1),),
        idempotency_key="cousin",
    )
    with decided.unit() as unit, pytest.raises(NotPromised, match="was not made to “cousin”"):
        post(unit, draft)


@pytest.mark.parametrize(
    ("project", "amount", "words"),
    [
        ("glodbrook-one-3", 300_000, "not among the ratified winners"),
        ("glodbrook-one-1", 400_001, "The vote gave"),
        ("glodbrook-one-1", 400_000, "has its allocation already"),
    ],
)
def test_an_allocation_by_hand_meets_the_same_rules(decided: World, project: str, amount: int, words: str) -> None:
    def allocate(unit: UnitOfWork) -> object:
        ratified = next(DatabaseBook(unit.session).where(Kind.RATIFICATION, place="glodbrook"))
        moves = [Movement("pot/glodbrook", f"award/{project}", "GBP", amount)]
        if amount == 400_000 or project.endswith("1"):
            moves.append(Movement("pot/glodbrook", f"award/{project}", TIME, 600))
        return post_many(
            unit,
            [
                Draft(
                    authority="marlmoor",
                    place="glodbrook",
                    mandate=ratified.index,
                    payload=Allocation(project=project),
                    actor=Actor(FINANCE, Role.FINANCE_OFFICER),
                    effective_on=decided.today,
                    movements=tuple(moves),
                    idempotency_key="by-hand",
                )
            ],
        )

    refused(decided, allocate, words)


def test_a_frozen_pot_pays_nothing_out_until_it_is_released(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    terms = agree_on_terms(world, devolution)

    def fill(key: str) -> Callable[[UnitOfWork], Recorded]:
        return lambda unit: fill_purse(
            unit,
            terms=terms.index,
            resource="GBP",
            amount=10_000,
            purpose="Small sums",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER),
            idempotency_key=key,
        )

    stop = done(
        world, lambda unit: freeze(unit, devolution=devolution.index, reasons="Why", officer="p-chief", idempotency_key="f")
    )
    with world.unit() as unit, pytest.raises(PotFrozen):
        fill("no")(unit)
    refused(
        world,
        lambda unit: freeze(unit, devolution=devolution.index, reasons="Why", officer="p-chief", idempotency_key="f2"),
        "frozen already",
    )
    done(world, lambda unit: unfreeze(unit, freeze=stop.index, reasons="Well", officer="p-chief", idempotency_key="u"))
    done(world, fill("yes"))
    assert world.balance("connector/glodbrook") == 10_000


def test_help_comes_from_the_purse_and_stops_at_its_bottom(world: World) -> None:
    terms = agree_on_terms(world, devolve_to_glodbrook(world))
    purse = done(
        world,
        lambda unit: fill_purse(
            unit,
            terms=terms.index,
            resource="GBP",
            amount=5_000,
            purpose="Small sums",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER),
            idempotency_key="purse",
        ),
    )

    def help_with(amount: int, key: str) -> Callable[[UnitOfWork], Recorded]:
        return lambda unit: give_help(
            unit,
            purse=purse.index,
            payee="spade",
            resource="GBP",
            amount=amount,
            story="A ramp",
            connector=CONNECTOR,
            idempotency_key=key,
        )

    done(world, help_with(4_000, "one"))
    refused(world, help_with(1_001, "two"), "connector/glodbrook has £10 left, and this needs £10.01")
    assert world.balance("payee/spade") == 4_000


def test_a_closed_period_takes_no_more_entries(decided: World) -> None:
    order = committed(decided)
    decided.today += timedelta(days=40)
    done(
        decided,
        lambda unit: close_period(
            unit,
            authority="marlmoor",
            through=decided.today - timedelta(days=1),
            actor=Actor(FINANCE, Role.FINANCE_OFFICER),
            idempotency_key="close-period",
        ),
    )
    late = Draft(
        authority="marlmoor",
        place="glodbrook",
        mandate=order.index,
        payload=Payment(project="glodbrook-one-1", payee="spade", purpose="x"),
        actor=Actor(PAYER, Role.FINANCE_OFFICER),
        effective_on=decided.today - timedelta(days=5),
        movements=(Movement("committed/glodbrook-one-1", "payee/spade", "GBP", 1),),
        idempotency_key="late",
    )
    refused(decided, lambda unit: post(unit, late), "is closed. Enter this in the open period")
    done(decided, paying(order, 1))


def test_hours_promised_are_worked_and_what_is_not_needed_goes_back(decided: World) -> None:
    rota = done(
        decided,
        lambda unit: commit(
            unit,
            allocation=allocated(unit),
            payee="spade",
            form="rota",
            purpose="Staff",
            resource=TIME,
            amount=600,
            actor=Actor(CONNECTOR, Role.CONNECTOR),
            idempotency_key="rota",
        ),
    )
    done(
        decided,
        lambda unit: work(
            unit,
            commitment=rota.index,
            minutes=90,
            purpose="Digging",
            actor=Actor(CONNECTOR, Role.CONNECTOR),
            idempotency_key="dig",
        ),
    )
    done(
        decided,
        lambda unit: give_back(
            unit,
            allocation=allocated(unit),
            resource="GBP",
            amount=50_000,
            reasons="Cheaper.",
            actor=Actor(CONNECTOR, Role.CONNECTOR),
            idempotency_key="back",
        ),
    )
    assert decided.balance("payee/spade", TIME) == 90
    assert decided.balance("returned/marlmoor") == 50_000


def test_a_mandate_of_the_wrong_kind_is_refused(decided: World) -> None:
    refused(decided, lambda unit: pay_on(unit, 0), "has to rest on a commitment")


def pay_on(unit: UnitOfWork, index: int) -> Recorded:
    return pay(
        unit,
        commitment=index,
        amount=1,
        resource="GBP",
        purpose="x",
        actor=Actor(PAYER, Role.FINANCE_OFFICER),
        idempotency_key="wrong",
    )


def test_a_mandate_that_is_not_there_is_refused(decided: World) -> None:
    refused(decided, lambda unit: pay_on(unit, 9_999), "There is no entry 9999")


def test_a_role_is_recorded_on_the_authoritys_constitution(world: World) -> None:
    with world.database.reading() as session:
        founded = founding(session, "marlmoor")
        roles = [
            entry for entry in DatabaseBook(session).where(Kind.ROLE, subject=CHAIR) if isinstance(entry.payload, RoleChange)
        ]
    assert [entry.mandate for entry in roles] == [founded.index]
