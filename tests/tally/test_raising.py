"""Floats sift the endowments of Add1: what they say is exact, and where they cannot tell they say nothing."""

from fractions import Fraction
from itertools import islice, takewhile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.pabulib import read
from ledger.tally import Candidate, Election, Group, Rule, count
from ledger.tally.election import Satisfaction
from ledger.tally.equal_shares import outcome
from ledger.tally.profile import Profile
from ledger.tally.raising import Raised
from tests.tally.small_elections import elections, larger_elections, limited

DATA = Path(__file__).parents[1] / "data" / "pabulib"
ADD1 = Rule(name="equal-shares", completion="add1")


def shares_of(election: Election, many: int) -> list[Fraction]:
    return [Fraction(election.budget, max(election.voters, 1)) + step * election.unit for step in range(many)]


def exact(profile: Profile, rule: Rule, each: Fraction) -> frozenset[str]:
    return outcome(profile, rule, each)


@settings(max_examples=300)
@given(
    elections(most_points=5) | larger_elections(most_points=4) | limited(larger_elections()),
    st.sampled_from(["cost", "cardinality", "points"]),
    st.integers(1, 30),
)
def test_what_floats_say_is_what_the_exact_count_says(election: Election, satisfaction: Satisfaction, many: int) -> None:
    rule = Rule(name="equal-shares", satisfaction=satisfaction, completion="add1")
    profile, shares = Profile(election), shares_of(election, many)
    said, _ = Raised(profile, rule).outcomes(shares)
    assert all(told in {None, exact(profile, rule, each)} for each, told in zip(shares, said, strict=True))


@settings(max_examples=300)
@given(
    elections(most_points=5) | larger_elections(most_points=4) | limited(larger_elections()),
    st.sampled_from(["cost", "cardinality", "points"]),
    st.integers(2, 9),
)
def test_between_neighbours_that_are_alike_every_endowment_takes_their_course(
    election: Election, satisfaction: Satisfaction, stride: int
) -> None:
    rule = Rule(name="equal-shares", satisfaction=satisfaction, completion="add1")
    profile, shares = Profile(election), shares_of(election, 12 * stride)
    said, alike = Raised(profile, rule).outcomes(shares[::stride])
    for place, same in enumerate(alike):
        if same:
            between = {exact(profile, rule, each) for each in shares[place * stride : (place + 1) * stride + 1]}
            assert between == {said[place]}


@settings(max_examples=100)
@given(elections(most_points=3) | larger_elections(most_points=4), st.sampled_from(["cost", "cardinality", "points"]))
def test_what_is_left_out_on_the_way_up_is_what_was_told_last(election: Election, satisfaction: Satisfaction) -> None:
    rule = Rule(name="equal-shares", satisfaction=satisfaction, completion="add1")
    profile = Profile(election)
    told = dict(islice(Raised(profile, rule).rising(shares_of(election, 1)[0], 1), 60))
    last = None
    for each in shares_of(election, 60):
        last = told[each] or exact(profile, rule, each) if each in told else last
        assert last == exact(profile, rule, each)


def test_where_prices_are_high_most_endowments_are_left_out() -> None:
    """Between one purchase and the next lie millions of pounds, and of every thousand endowments hardly one is asked."""
    candidates = (Candidate("bridge", 6_000_000), Candidate("dam", 6_000_001))
    election = Election(candidates, 10_000_000, (Group((("bridge", 1), ("dam", 1)), 1), Group((), 9)))
    rising = Raised(Profile(election), ADD1).rising(Fraction(1_000_000), 1)
    asked = list(takewhile(lambda each: each[0] <= election.budget + 2_000_001, rising))
    outcomes = dict(asked)
    assert (outcomes[Fraction(5_999_999)], outcomes[Fraction(12_000_000)]) == (frozenset(), frozenset({"bridge"}))
    assert len(asked) < 2_000
    assert count(election, ADD1).winners == ("bridge",)


@pytest.mark.parametrize("name", ["Poland_Warszawa_2019_Sielce", "Poland_Wieliczka_2023_Green_Budget"])
def test_of_a_real_election_floats_can_tell_every_endowment(name: str) -> None:
    profile = Profile(read(DATA / f"{name}.pb").election())
    shares = shares_of(profile.election, 24)
    assert Raised(profile, ADD1).outcomes(shares)[0] == [exact(profile, ADD1, each) for each in shares]


def test_of_two_that_ask_the_same_while_somebody_is_poor_floats_say_nothing() -> None:
    """Ann pays £3 of her £6 for the trees. Then bench and swing, £7 each, both ask her last £3 and £4 of Bea."""
    choices = {"Ann": ("bench", "swing", "trees"), "Bea": ("bench", "swing")}
    election = Election(
        candidates=(Candidate("trees", 3), Candidate("bench", 7), Candidate("swing", 7)),
        budget=12,
        groups=tuple(Group(tuple((ref, 1) for ref in named), 1) for named in choices.values()),
    )
    rule = Rule(name="equal-shares", satisfaction="cardinality", completion="add1")
    assert exact(Profile(election), rule, Fraction(6)) == {"trees", "bench"}
    assert Raised(Profile(election), rule).outcomes([Fraction(6)]) == ([None], [])


def test_numbers_that_have_no_exact_float_are_left_to_the_exact_count() -> None:
    election = Election(candidates=(Candidate("bridge", 2**53 + 1),), budget=2**53 + 1, groups=(Group((("bridge", 1),), 3),))
    assert Raised(Profile(election), ADD1).outcomes(shares_of(election, 2)) == ([None, None], [False])
