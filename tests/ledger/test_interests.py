"""An interested member neither votes on an item nor counts towards its quorum."""

import pytest

from ledger.kinds.deciding import Counted
from ledger.retention import part_from_voters
from ledger.rounds.ballots import VoteRefused, ballot_of
from ledger.rounds.counting import tally_of
from ledger.rounds.declaring import declare
from ledger.rounds.interests import Interest, interests_in, without_quorum
from ledger.rounds.proposals import Outcome, round_called
from ledger.rounds.shaping import Incomplete, NotInThisStage, NotYours
from tests.ledger.conftest import FINANCE, MONDAY, World, agree_on_terms, close, devolve_to_glodbrook, open_a_round, vote
from tests.ledger.forgetting import BEA, end_role, erasing, forget


@pytest.fixture
def ref(world: World) -> str:
    """A round whose quorum is three, in which votes are taken."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    return open_a_round(world)


def interested(world: World, proposal: str, who: str, what: str = "My sister runs it.") -> None:
    with world.unit() as unit:
        declare(unit, proposal=proposal, what=what, by=f"p-{who}")
        unit.commit()


def test_an_interested_member_does_not_vote_on_the_item_and_votes_on_the_others(world: World, ref: str) -> None:
    interested(world, f"{ref}-1", "bea")
    with pytest.raises(VoteRefused, match="You declared an interest in “Benches”, so you do not vote on it"):
        vote(world, ref, bea={1, 2})
    vote(world, ref, bea={2}, owen={1, 2})


def test_a_vote_that_was_kept_before_goes_when_the_interest_is_declared(world: World, ref: str) -> None:
    vote(world, ref, bea={1, 2}, owen={1})
    interested(world, f"{ref}-1", "bea")
    interested(world, f"{ref}-1", "owen")
    with world.database.reading() as session:
        assert (ballot_of(session, ref, "p-bea"), ballot_of(session, ref, "p-owen")) == ({2: 1}, {})
    vote(world, ref, nasreen={2}, pat={2})
    result = close(world, ref)
    assert isinstance(result.payload, Counted)
    assert (result.payload.votes, result.payload.winners) == (4, (f"{ref}-2",))


def test_an_item_on_which_too_few_voted_who_have_no_interest_cannot_win(world: World, ref: str) -> None:
    """Four vote and three are the quorum: with two interested in the warm room, two are left, and it is out."""
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2}, pat={2, 3})
    for who in ("bea", "owen"):
        interested(world, f"{ref}-2", who)
    result = close(world, ref)
    assert isinstance(result.payload, Counted)
    assert set(result.payload.winners) == {f"{ref}-1", f"{ref}-3"}
    with world.database.reading() as session:
        outcome = session.get_one(Outcome, f"{ref}-2")
    assert outcome.step is None
    assert outcome.sentence == "Left out: 2 voted who have no interest in it, and the quorum is 3."


def test_an_interest_goes_on_counting_when_the_member_is_erased_while_votes_are_taken(world: World, ref: str) -> None:
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2}, pat={2, 3})
    for who in ("bea", "owen"):
        interested(world, f"{ref}-2", who)
    end_role(world, BEA)
    forget(world, erasing(BEA))
    with world.database.reading() as session:
        left = {interest.person: interest.what for interest in interests_in(session, ref)}
        assert BEA not in left
        assert set(left.values()) == {"", "My sister runs it."}
    result = close(world, ref)
    assert isinstance(result.payload, Counted)
    assert f"{ref}-2" not in result.payload.winners


def test_what_was_barred_stays_so_when_ballots_are_parted_from_their_voters(world: World, ref: str) -> None:
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2}, pat={2, 3})
    for who in ("bea", "owen"):
        interested(world, f"{ref}-2", who)
    close(world, ref)
    with world.unit() as unit:
        part_from_voters(unit, ref)
        unit.commit()
    with world.database.reading() as session:
        again = tally_of(session, round_called(session, ref))
        assert f"{ref}-2" not in again.winners
        assert again.result.why["2"].sentence == "Left out: 2 voted who have no interest in it, and the quorum is 3."


def test_with_the_quorum_met_by_the_others_the_item_can_win(world: World, ref: str) -> None:
    vote(world, ref, bea={1, 2}, owen={2}, nasreen={2}, pat={2, 3})
    interested(world, f"{ref}-2", "bea")
    result = close(world, ref)
    assert isinstance(result.payload, Counted)
    assert f"{ref}-2" in result.payload.winners


def test_an_interest_is_declared_once_by_the_member_themselves_and_in_words(world: World, ref: str) -> None:
    for what in ("My sister runs it.", "My sister founded it."):
        interested(world, f"{ref}-1", "bea", what)
    with world.database.reading() as session:
        assert [(row.person, row.what) for row in interests_in(session, ref)] == [("p-bea", "My sister founded it.")]
    with pytest.raises(Incomplete, match="what the interest is"):
        interested(world, f"{ref}-1", "bea", " ")
    with pytest.raises(Incomplete, match="There is no proposal"):
        interested(world, f"{ref}-9", "bea")
    with pytest.raises(NotYours, match="Only a panel member or chair"):
        interested(world, f"{ref}-1", FINANCE.removeprefix("p-"))


def test_no_interest_is_declared_once_the_count_is_there(world: World, ref: str) -> None:
    vote(world, ref, bea={1}, owen={1}, nasreen={1})
    close(world, ref)
    with pytest.raises(NotInThisStage, match="until voting is over"):
        interested(world, f"{ref}-1", "bea")


@pytest.mark.parametrize(
    ("voters", "people", "quorum", "out"),
    [("abcde", "ab", 4, True), ("abcde", "ab", 3, False), ("abc", "xyz", 3, False), ("", "a", 1, True), ("abc", "", 9, False)],
)
def test_only_those_who_voted_and_are_interested_are_missing_from_an_items_quorum(
    voters: str, people: str, quorum: int, *, out: bool
) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 - one moment of one test

    at = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC)
    interests = [Interest(proposal="r-1", person=who, round="r", what="x", declared=at) for who in people]
    assert bool(without_quorum(set(voters), interests, quorum)) == out
