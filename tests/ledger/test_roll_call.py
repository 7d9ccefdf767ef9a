"""Where the terms of reference ask for open votes, everybody reads who voted for what once the round is counted."""

import pytest

from ledger.kinds.devolving import VotingRule
from ledger.money import TIME
from ledger.people import ERASED, Role
from ledger.powers import agree_terms
from ledger.records import Actor
from ledger.retention import part_from_voters
from ledger.rounds.reading import round_view
from ledger.rounds.roll_call import OpenBallot, roll_call
from tests.ledger.conftest import LEADER, MONDAY, SUNSET, World, close, devolve_to_glodbrook, open_a_round, vote


def open_round_under(world: World, *, open_vote: bool) -> str:
    with_terms = devolve_to_glodbrook(world)
    with world.unit() as unit:
        agree_terms(
            unit, devolution=with_terms.index, begins=MONDAY, review_on=SUNSET, sunset=SUNSET, panel=5, quorum=3,
            limits={"GBP": 1_000_000, TIME: 6_000}, voting_rule=VotingRule(minimum_votes=1),
            actor=Actor(LEADER, Role.AUTHORITY_LEADER), idempotency_key=world.key(), open_vote=open_vote,
        )  # fmt: skip
        unit.commit()
    return open_a_round(world)


def read(world: World, ref: str) -> tuple[OpenBallot, ...]:
    with world.database.reading() as session:
        return roll_call(session, round_view(session, ref, today=world.today))


@pytest.mark.parametrize("open_vote", [True, False])
def test_who_voted_for_what_is_read_after_the_count_and_only_where_votes_are_open(world: World, *, open_vote: bool) -> None:
    ref = open_round_under(world, open_vote=open_vote)
    vote(world, ref, pat={3, 1}, bea={1, 2}, owen={2})
    assert read(world, ref) == ()
    close(world, ref)
    names = [(ballot.name.split()[0], ballot.titles) for ballot in read(world, ref)]
    told = [("Bea", ("Benches", "Warm room")), ("Owen", ("Warm room",)), ("Pat", ("Benches", "Tool library"))]
    assert names == (told if open_vote else [])
    with world.unit() as unit:
        part_from_voters(unit, ref)
        unit.commit()
    assert {ballot.name for ballot in read(world, ref)} == ({ERASED} if open_vote else set())
