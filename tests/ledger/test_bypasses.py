"""Ways around a rule that a fresh reading of the code found, each closed."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from sqlmodel import select

from ledger.awards import fill_purse
from ledger.door import KeyUsedTwice, post, post_many, reverse
from ledger.entries import DatabaseBook
from ledger.errors import LedgerError
from ledger.flows import position
from ledger.kinds.authority import Change, RoleChange
from ledger.kinds.awarding import Allocation
from ledger.kinds.controlling import PeriodClose, Reopen
from ledger.kinds.deciding import Ask, BallotsSealed, Counted, Electorate, RulesFrozen
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME
from ledger.people import Role
from ledger.places import Authority
from ledger.powers import agree_terms, appoint, close_period, devolve, founding, open_books, terms_at
from ledger.records import Actor, Draft, Kind, Movement
from ledger.rounds.process import Opening, open_round
from ledger.rounds.proposals import Proposal
from ledger.rounds.reading import round_view
from tests.ledger.conftest import (
    CHAIR,
    FINANCE,
    LEADER,
    MONDAY,
    PAYER,
    PROPOSALS,
    REGISTRAR,
    SUNSET,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    newest_evidence,
    open_a_round,
    vote,
)
from tests.ledger.steps import committed, done, paying, refused
from tests.ledger.test_kinds import DIGEST, draft, newest, posting

LEADING = Actor(LEADER, Role.AUTHORITY_LEADER)
FINANCING = Actor(FINANCE, Role.FINANCE_OFFICER)


def test_a_decision_is_not_dated_back_behind_another_entry_of_the_same_second(world: World) -> None:
    devolve_to_glodbrook(world)
    world.today += timedelta(days=30)
    with world.database.reading() as session:
        founded = founding(session, "marlmoor").index
    role = RoleChange(person=CHAIR, role=Role.PROJECT_LEAD, begins=world.today)
    first = draft(world, role, mandate=founded, actor=Actor(REGISTRAR, Role.REGISTRAR))
    back = replace(first, idempotency_key="back", effective_on=world.today - timedelta(days=20))
    refused(world, lambda unit: post_many(unit, [first, back]), "on the day it is recorded")


def test_a_role_does_not_begin_in_the_past(world: World) -> None:
    with world.database.reading() as session:
        founded = founding(session, "marlmoor").index
    role = RoleChange(person=CHAIR, role=Role.CONNECTOR, begins=date(2020, 1, 1))
    refused(world, posting(draft(world, role, mandate=founded, actor=Actor(REGISTRAR, Role.REGISTRAR))), "begins on the day")


def test_a_payment_for_an_earlier_day_needs_a_role_that_is_still_held(decided: World) -> None:
    order = committed(decided)
    decided.today += timedelta(days=10)
    done(
        decided,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            person=PAYER,
            role=Role.FINANCE_OFFICER,
            registrar=REGISTRAR,
            idempotency_key="end",
            change=Change.ENDED,
        ),
    )
    refused(decided, paying(order, 1), "do not hold the role")


def test_another_authority_cannot_reach_into_a_places_pot(world: World) -> None:
    devolve_to_glodbrook(world)
    with world.unit() as unit:
        open_books(
            unit,
            authority=Authority(slug="rival", name="Rival", currency="GBP"),
            registrar=REGISTRAR,
            operator="p-operator",
            idempotency_key="rival",
        )
        appoint(
            unit,
            authority="rival",
            person=LEADER,
            role=Role.AUTHORITY_LEADER,
            registrar=REGISTRAR,
            idempotency_key="rival-leader",
        )
        unit.commit()
    refused(
        world,
        lambda unit: devolve(
            unit,
            authority="rival",
            partnership="glodbrook",
            title="T",
            power="P",
            money=1,
            minutes=0,
            limits={"GBP": 1},
            begins=MONDAY,
            ends=SUNSET,
            leader=LEADER,
            idempotency_key="reach",
        ),
        "glodbrook is a partnership of marlmoor",
    )


def voted(world: World) -> str:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={3})
    return ref


def test_a_result_over_the_rounds_budget_is_refused(world: World) -> None:
    ref = voted(world)
    opened, chair = newest(world, Kind.ROUND), Actor(CHAIR, Role.CHAIR)
    sealed = BallotsSealed(round=ref, batch=0, commitments=tuple(f"{number:064x}" for number in range(3)))
    done(world, lambda unit: post(unit, draft(world, sealed, mandate=opened, actor=chair)))
    everything = Counted(
        round=ref, votes=3, winners=tuple(f"{ref}-{number}" for number in (1, 2, 3)), cost=1_600_000, minutes=3_600
    )
    refused(world, posting(draft(world, everything, mandate=opened, actor=chair)), "The winners need £16,000")


def test_costs_are_those_that_were_frozen_whatever_the_proposals_say_later(world: World) -> None:
    ref = voted(world)
    with world.unit() as unit:
        for proposal in unit.session.exec(select(Proposal)):
            proposal.cost = 1
        unit.commit()
    result = close(world, ref)
    assert isinstance(result.payload, Counted)
    assert result.payload.cost == 1_300_000


def test_one_ballot_sealed_three_times_is_no_quorum(world: World) -> None:
    ref = voted(world)
    opened, chair = newest(world, Kind.ROUND), Actor(CHAIR, Role.CHAIR)
    sealed = BallotsSealed(round=ref, batch=0, commitments=(DIGEST, DIGEST, DIGEST))
    done(world, lambda unit: post(unit, draft(world, sealed, mandate=opened, actor=chair)))
    result = Counted(round=ref, votes=3, winners=(), cost=0)
    refused(world, posting(draft(world, result, mandate=opened, actor=chair)), "sealed more than once")


def test_an_allocation_is_all_that_was_voted_and_not_its_hours_alone(decided: World) -> None:
    with decided.unit() as unit:
        taken = next(DatabaseBook(unit.session).where(Kind.ALLOCATION, subject="glodbrook-one-1"))
        reverse(unit, index=taken.index, actor=FINANCING, reasons="Again.", idempotency_key="undo")
        unit.commit()
    with decided.database.reading() as session:
        view = round_view(session, "glodbrook-one", today=decided.today)
    assert [line.allocation is None for line in view.lines if line.chosen] == [False, True]
    hours = draft(
        decided,
        Allocation(project="glodbrook-one-1"),
        mandate=newest(decided, Kind.RATIFICATION),
        actor=FINANCING,
        movements=(Movement("pot/glodbrook", "award/glodbrook-one-1", TIME, 600),),
    )
    refused(decided, posting(hours), "The vote gave “glodbrook-one-1” £4,000, and this would allocate £0")


def test_a_reversed_devolution_gives_no_power(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    agree_on_terms(world, devolution)
    devolve_to_glodbrook(world)
    done(
        world,
        lambda unit: reverse(unit, index=devolution.index, actor=LEADING, reasons="Wrong place.", idempotency_key="undo"),
    )
    with pytest.raises(LedgerError, match="was reversed in entry"):
        open_a_round(world)


def test_nothing_is_reversed_while_something_rests_on_it(decided: World) -> None:
    order = committed(decided)
    payment = done(decided, paying(order, 60))
    undo = {"actor": FINANCING, "reasons": "Wrong."}
    refused(
        decided,
        lambda unit: reverse(unit, index=order.index, idempotency_key="order", **undo),  # type: ignore[arg-type]  # two values
        f"entry {payment.index} rests on it",
    )
    done(decided, lambda unit: reverse(unit, index=payment.index, idempotency_key="payment", **undo))  # type: ignore[arg-type]  # as above
    done(decided, lambda unit: reverse(unit, index=order.index, idempotency_key="order", **undo))  # type: ignore[arg-type]  # as above
    assert decided.balance("award/glodbrook-one-1") == 400_000


def test_only_the_leader_reverses_a_devolution(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    refused(
        world,
        lambda unit: reverse(unit, index=devolution.index, actor=FINANCING, reasons="Mine.", idempotency_key="x"),
        "only the authority leader may reverse a devolution",
    )


def test_reopening_names_the_newest_closing_and_closing_is_for_the_whole_authority(world: World) -> None:
    world.today += timedelta(days=90)
    chief = Actor("p-chief", Role.CHIEF_FINANCE_OFFICER)
    first = done(
        world,
        lambda unit: close_period(
            unit, authority="marlmoor", through=world.today - timedelta(days=60), actor=FINANCING, idempotency_key="one"
        ),
    )
    done(
        world,
        lambda unit: close_period(
            unit, authority="marlmoor", through=world.today - timedelta(days=30), actor=chief, idempotency_key="two"
        ),
    )
    alone = Reopen(through=None, reasons=DIGEST)
    refused(world, posting(draft(world, alone, mandate=first.index, actor=chief, place=None)), "The newest closing is entry")
    with world.database.reading() as session:
        founded = founding(session, "marlmoor").index
    here = draft(world, PeriodClose(through=world.today - timedelta(days=1)), mandate=founded, actor=FINANCING)
    refused(world, posting(here), "for the whole authority")


def second_version(world: World, devolution: int, *, begins: date, limit: int) -> None:
    evidence, limits = newest_evidence(world), {"GBP": limit, TIME: 6_000}
    done(
        world,
        lambda unit: agree_terms(
            unit,
            devolution=devolution,
            begins=begins,
            review_on=SUNSET,
            sunset=SUNSET,
            panel=5,
            quorum=3,
            limits=limits,
            voting_rule=VotingRule(minimum_votes=1),
            actor=LEADING,
            evidence=evidence,
            idempotency_key=f"terms-{begins}",
        ),
    )


def test_terms_that_were_replaced_rule_nothing_new_and_those_to_come_do_not_rule_yet(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    first = agree_on_terms(world, devolution)
    second_version(world, devolution.index, begins=MONDAY + timedelta(days=30), limit=1_000)
    with world.database.reading() as session:
        assert getattr(terms_at(session, "glodbrook", on=world.today), "entry", None) == first

    def fill(key: str) -> Draft | object:
        return lambda unit: fill_purse(
            unit, terms=first.index, resource="GBP", amount=9_000, purpose="x", actor=FINANCING, idempotency_key=key
        )

    done(world, fill("now"))  # type: ignore[arg-type]  # a step
    world.today += timedelta(days=30)
    refused(world, fill("later"), "were replaced by version 2")  # type: ignore[arg-type]  # a step


def test_the_founding_registrar_can_be_relieved(world: World) -> None:
    done(
        world,
        lambda unit: appoint(
            unit, authority="marlmoor", person=CHAIR, role=Role.REGISTRAR, registrar=REGISTRAR, idempotency_key="second"
        ),
    )
    done(
        world,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            person=REGISTRAR,
            role=Role.REGISTRAR,
            registrar=CHAIR,
            idempotency_key="relieve",
            change=Change.ENDED,
        ),
    )
    refused(
        world,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            person=LEADER,
            role=Role.CHIEF_FINANCE_OFFICER,
            registrar=REGISTRAR,
            idempotency_key="still",
        ),
        "do not hold the role of registrar",
    )


def test_a_project_number_alone_belongs_to_no_round(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    open_a_round(world)
    rules = RulesFrozen(
        round="glodbrook-one", ballot="approval", rule=VotingRule(minimum_votes=1), quorum=3, asks=(Ask(project="7", cost=1),)
    )
    refused(
        world,
        posting(draft(world, rules, mandate=newest(world, Kind.ROUND), actor=Actor(CHAIR, Role.CHAIR))),
        "does not belong",
    )


def opening(world: World, ref: str) -> Opening:
    return Opening(
        ref=ref,
        partnership="glodbrook",
        title="Glodbrook: round",
        summary="",
        budget={"GBP": 1_500_000, TIME: 6_000},
        opens_on=world.today,
        closes_on=world.today,
        electorate=Electorate.PANEL,
    )


def asking(*costs: int) -> list[Proposal]:
    return [
        Proposal(ref="", round="", number=number, code=str(number), title="x", cost=cost)
        for number, cost in enumerate(costs, start=1)
    ]


def test_what_could_win_but_never_be_awarded_does_not_reach_the_ballot(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    chair = Actor(CHAIR, Role.CHAIR)
    refused(
        world,
        lambda unit: open_round(
            unit, opening=opening(world, "dear"), proposals=asking(1_200_000), actor=chair, idempotency_key="dear"
        ),
        "£12,000 is over the limit of £10,000",
    )


def test_opening_a_round_is_safe_to_send_again_even_after_new_terms(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    agree_on_terms(world, devolution)
    chair = Actor(CHAIR, Role.CHAIR)
    for attempt in ("first", "again"):
        with world.unit() as unit:
            row = open_round(unit, opening=opening(world, "r"), proposals=asking(100), actor=chair, idempotency_key="r")
            assert row.ref == "r"
            unit.commit()
        if attempt == "first":
            second_version(world, devolution.index, begins=MONDAY, limit=1_000)
    size = world.size()
    with world.unit() as unit, pytest.raises(KeyUsedTwice):
        open_round(unit, opening=opening(world, "r"), proposals=asking(200), actor=chair, idempotency_key="r")
    assert world.size() == size


def test_founding_and_appointing_are_safe_to_send_again_on_another_day(world: World) -> None:
    for _ in range(2):
        with world.unit() as unit:
            open_books(
                unit,
                authority=Authority(slug="other", name="Other", currency="GBP"),
                registrar=REGISTRAR,
                operator="p-operator",
                idempotency_key="other",
            )
            appoint(
                unit, authority="other", person=LEADER, role=Role.AUTHORITY_LEADER, registrar=REGISTRAR, idempotency_key="lead"
            )
            unit.commit()
        size = world.size()
        world.today += timedelta(days=1)
    assert world.size() == size


@pytest.mark.parametrize("resource", ["GBP", TIME])
def test_a_places_position_adds_up(decided: World, resource: str) -> None:
    order = committed(decided)
    done(decided, paying(order, 60))
    with decided.database.reading() as session:
        stands = position(session, place="glodbrook", resource=resource)
    assert stands.devolved == stands.returned + stands.purse + stands.reserved + stands.awarded + stands.available
    assert stands.awarded == stands.uncommitted + stands.committed + stands.delivered + stands.given_back
    assert stands.awarded == {"GBP": sum(cost for _, cost, _ in PROPOSALS[:2]), TIME: 3_600}[resource]
