"""A round from its opening to its ratification: each rule broken once is refused, and every vote cast is kept."""

from datetime import timedelta

import pytest

from ledger.errors import LedgerError
from ledger.kinds.deciding import SamePerson, TooFewVotes
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import appoint
from ledger.records import Actor
from ledger.rounds.ballots import VoteRefused, cast
from ledger.rounds.process import ratify, refuse
from ledger.rounds.reading import round_view
from ledger.rounds.stages import Stage
from tests.ledger.conftest import (
    CHAIR,
    FINANCE,
    REGISTRAR,
    SUNSET,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    open_a_round,
    ratify_result,
    vote,
)
from tests.ledger.steps import done, refused


def test_a_round_over_the_pot_is_refused(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    size = world.size()
    with pytest.raises(LedgerError, match="the pot holds £50,000"):
        open_a_round(world, budget=5_000_001)
    assert world.size() == size


def test_a_round_is_closed_only_with_its_quorum(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1}, owen={2})
    size = world.size()
    with pytest.raises(TooFewVotes, match=r"2 have voted and the terms of reference ask for 3.*every vote cast is kept"):
        close(world, ref)
    assert world.size() == size


def test_a_vote_can_be_changed_until_the_close_and_not_after(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1}, owen={1}, nasreen={1})
    vote(world, ref, bea={3}, owen={3})
    result = close(world, ref)
    assert getattr(result.payload, "winners", None) == (f"{ref}-3", f"{ref}-1")
    with pytest.raises(VoteRefused, match="This round is closed"):
        vote(world, ref, pat={2})


@pytest.mark.parametrize(
    ("voter", "choices", "words"),
    [
        ("p-bea", set(), "at least one"),
        ("p-bea", {1, 2, 3}, "no more than 2"),
        ("p-bea", {9}, "not on the ballot"),
        (FINANCE, {1}, "Only members of this partnership's panel"),
    ],
)
def test_a_vote_outside_the_rules_is_refused(world: World, voter: str, choices: set[int], words: str) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    with world.unit() as unit, pytest.raises(VoteRefused, match=words):
        cast(unit, round_ref=ref, voter=voter, choices=frozenset(choices))


def test_votes_are_taken_on_the_rounds_days_only(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    world.today += timedelta(days=22)
    with pytest.raises(VoteRefused, match="Votes are taken from"):
        vote(world, ref, bea={1})


def test_whoever_closes_the_vote_cannot_ratify_it(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1}, owen={1}, nasreen={1})
    close(world, ref)
    done(
        world,
        lambda unit: appoint(
            unit, authority="marlmoor", person=CHAIR, role=Role.FINANCE_OFFICER, registrar=REGISTRAR, idempotency_key="also"
        ),
    )
    size = world.size()
    with pytest.raises(SamePerson, match="two different people"):
        ratify_result(world, ref, officer=CHAIR)
    assert world.size() == size


def test_a_refused_result_allocates_nothing_and_is_decided_once(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1}, owen={1}, nasreen={1})
    close(world, ref)
    done(
        world,
        lambda unit: refuse(
            unit,
            round_ref=ref,
            power="P",
            reasons="Ordered already.",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER),
            idempotency_key="no",
        ),
    )
    assert world.balance("pot/glodbrook") == 5_000_000
    with world.database.reading() as session:
        view = round_view(session, ref, today=world.today)
    assert (view.stage, view.reasons) == (Stage.REFUSED, "Ordered already.")
    with pytest.raises(LedgerError, match="decided on already"):
        ratify_result(world, ref)


def test_ratifying_allocates_to_each_winner_what_was_voted_and_twice_is_once(decided: World) -> None:
    size = decided.size()
    assert decided.balance("award/glodbrook-one-1") == 400_000
    assert decided.balance("award/glodbrook-one-1", TIME) == 600
    assert decided.balance("award/glodbrook-one-2") == 900_000
    assert decided.balance("award/glodbrook-one-3") == 0
    assert decided.balance("pot/glodbrook") == 5_000_000 - 1_300_000
    ratify_result(decided, "glodbrook-one")
    assert decided.size() == size


def test_the_result_shows_why_and_where_it_stands(decided: World) -> None:
    with decided.database.reading() as session:
        view = round_view(session, "glodbrook-one", today=decided.today)
    assert view.stage is Stage.RATIFIED
    assert [(line.proposal.title, line.chosen) for line in view.lines] == [
        ("Warm room", True),
        ("Benches", True),
        ("Tool library", False),
    ]
    outcome = view.lines[2].outcome
    assert outcome is not None
    assert "£1,000 short of its cost" in outcome.sentence


def test_an_award_after_the_sunset_is_refused_and_nothing_is_recorded(world: World) -> None:
    """Terms of reference end 31 December 2026; the result is ratified on 1 January."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    world.today = SUNSET - timedelta(days=2)
    ref = open_a_round(world)
    vote(world, ref, bea={1}, owen={1}, nasreen={1})
    close(world, ref)
    world.today = SUNSET + timedelta(days=1)
    size = world.size()
    with pytest.raises(LedgerError, match=r"Renew the terms first; nothing was recorded\. Awards already made are still paid"):
        ratify_result(world, ref)
    assert world.size() == size


def test_ratifying_before_the_count_is_refused(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    refused(
        world,
        lambda unit: ratify(
            unit, round_ref=ref, power="P", reasons="R", actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key="early"
        ),
        "not counted yet",
    )
