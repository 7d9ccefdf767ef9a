"""Exact Equal Shares and its Add-Opt beside the plain twin, which tries every share at which anything could change."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tally import Candidate, Election, Group, Rule, count
from ledger.tally.election import Satisfaction
from ledger.tally.exact_shares import Course
from ledger.tally.profile import Profile
from tests.tally.plain_exact_shares import plain_add_opt, plain_exact_shares
from tests.tally.small_elections import approvals, elections, larger_elections, limited

SATISFACTIONS: tuple[Satisfaction, ...] = ("cost", "cardinality")


def add_opt(satisfaction: Satisfaction = "cost") -> Rule:
    return Rule(name="equal-shares", satisfaction=satisfaction, completion="add-opt")


@st.composite
def tiny_elections(draw: st.DrawFn) -> Election:
    """So few candidates and voters that every share can be tried; costs that often come out equal."""
    ids = [f"p{number}" for number in range(draw(st.integers(1, 4)))]
    costs = draw(st.lists(st.integers(0, 12), min_size=len(ids), max_size=len(ids)))
    ballots = draw(st.lists(st.sets(st.sampled_from(ids)), min_size=1, max_size=5))
    return Election(
        candidates=tuple(Candidate(ref, cost) for ref, cost in zip(ids, costs, strict=True)),
        budget=draw(st.integers(0, 30)),
        groups=tuple(Group(tuple((ref, 1) for ref in sorted(ballot)), 1) for ballot in ballots),
    )


@settings(max_examples=500)
@given(tiny_elections(), st.sampled_from(SATISFACTIONS))
def test_going_from_change_to_change_is_trying_every_share(election: Election, satisfaction: Satisfaction) -> None:
    assert list(count(election, add_opt(satisfaction)).winners) == plain_add_opt(election, add_opt(satisfaction))


@settings(max_examples=300)
@given(
    elections() | larger_elections() | limited(larger_elections()),
    st.sampled_from(SATISFACTIONS),
    st.fractions(0, 300, max_denominator=12),
)
def test_from_one_share_the_fast_course_is_the_plain_one(
    election: Election, satisfaction: Satisfaction, each: Fraction
) -> None:
    rule = add_opt(satisfaction)
    assert Course(Profile(election), rule, each).chosen() == plain_exact_shares(election, rule, each)


@settings(max_examples=150)
@given(elections() | larger_elections() | limited(elections()), st.sampled_from(SATISFACTIONS))
def test_each_change_is_the_first_one_and_is_counted_as_if_from_the_beginning(
    election: Election, satisfaction: Satisfaction
) -> None:
    rule, profile = add_opt(satisfaction), Profile(election)
    course = Course(profile, rule, Fraction(election.budget, election.voters))
    for _ in range(12):
        following = course.next_share()
        if following is None:
            break
        between = (course.each + following) / 2
        assert course.each < following
        assert plain_exact_shares(election, rule, between) == course.chosen()
        course.raise_to(following)
        assert course.chosen() == plain_exact_shares(election, rule, following)


def test_numbers_that_have_no_exact_float_are_counted_exactly() -> None:
    large = 2**53 + 1
    election = Election(
        (Candidate("bridge", large), Candidate("dam", 2 * large)), 3 * large, approvals("bridge dam", "bridge", "dam")
    )
    assert list(count(election, add_opt()).winners) == plain_add_opt(election, add_opt()) == ["bridge", "dam"]


def test_the_worked_table_of_exact_shares() -> None:
    candidates = (Candidate("trees", 8), Candidate("bench", 4), Candidate("pond", 5))
    election = Election(candidates, 12, approvals("trees bench", "trees bench", "trees pond", "trees"))
    assert Course(Profile(election), add_opt(), Fraction(3)).chosen() == ["trees"]
    result = count(election, add_opt())
    assert result.winners == ("trees", "bench")
    assert [why.sentence for why in result.why.values()] == [
        "4 people voted for it, and all of them bought it, each paying exactly 2 of a share of 4.",
        "2 people voted for it, and all of them bought it, each paying exactly 2 of a share of 4.",
        "1 person voted for it; to pay equal parts, each share of 4 would have had to be 3 larger.",
    ]


def test_who_cannot_pay_an_equal_part_pays_nothing() -> None:
    """Ann spent all on her own; equal shares would let her pay the nothing that she has left, here only Ben and Cat pay."""
    candidates = (Candidate("statue", 6), Candidate("bench", 8))
    election = Election(candidates, 14, approvals("statue bench", "statue bench", "bench"))
    each = Fraction(14, 3)
    assert plain_exact_shares(election, add_opt("cardinality"), each) == ["bench"]
    result = count(election, add_opt("cardinality"))
    assert result.cost <= 14


@pytest.mark.parametrize("satisfaction", SATISFACTIONS)
def test_ties_on_the_way_are_told(satisfaction: Satisfaction) -> None:
    election = Election((Candidate("b", 2), Candidate("a", 2)), 2, approvals("a b", "a b"))
    result = count(election, add_opt(satisfaction))
    assert result.winners == ("a",)
    assert [(tie.candidates, tie.first) for tie in result.ties] == [(("a", "b"), "a")]
