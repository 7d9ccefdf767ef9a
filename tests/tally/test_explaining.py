"""Who got what, tenth by tenth, and greedy beside equal shares: beside a twin that goes voter by voter."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tally import Candidate, Election, Group, Rule, count
from ledger.tally.explaining import Tenth, beside, paid, tenths
from tests.tally.small_elections import approvals, elections, larger_elections, with_staff_time

RULES = [
    Rule(),
    Rule(satisfaction="points"),
    Rule(name="equal-shares"),
    Rule(name="equal-shares", satisfaction="points", completion="greedy"),
    Rule(name="phragmen"),
]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30)), max_size=12), st.integers(1, 9))
def test_tenths_are_those_of_the_voters_in_a_row(amounts: list[tuple[int, int]], scale: int) -> None:
    amounts.sort()
    row = [Fraction(amount, scale) for amount, many in amounts for _ in range(many)]
    cuts = [len(row) * part // 10 for part in range(11)]
    parts = [row[before:after] for before, after in pairwise(cuts)]
    assert tenths(amounts, scale) == tuple(Tenth(len(part), sum(part, Fraction(0)) / len(part)) for part in parts if part)


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=80)
@given(election=elections(most_points=4) | larger_elections())
def test_what_went_each_voters_way_comes_to_what_was_spent_on_what_anybody_wanted(rule: Rule, election: Election) -> None:
    found = beside(election, count(election, rule))
    ballots = [{ref for ref, points in group.choices if points > 0} for group in election.groups for _ in range(group.count)]
    costs = {candidate.id: candidate.cost for candidate in election.candidates}
    for side in (found.greedy, found.shares):
        wanted = [ref for ref in side.result.winners if any(ref in ballot for ballot in ballots)]
        assert sum((tenth.average * tenth.voters for tenth in side.tenths), Fraction(0)) == sum(costs[ref] for ref in wanted)
        assert side.heard == sum(bool(ballot & set(side.result.winners)) for ballot in ballots)
        averages = [tenth.average for tenth in side.tenths]
        assert averages == sorted(averages)
    assert {*found.both, *found.only_greedy} == set(found.greedy.result.winners)
    assert {*found.both, *found.only_shares} == set(found.shares.result.winners)


@pytest.mark.parametrize(
    "rule", [Rule(name="equal-shares"), Rule(name="equal-shares", completion="add-opt"), Rule(name="phragmen")]
)
@settings(max_examples=80)
@given(election=elections() | larger_elections())
def test_what_voters_paid_comes_to_what_was_bought_with_their_shares(rule: Rule, election: Election) -> None:
    result = count(election, rule)
    assert result.shares is not None
    assert sum((tenth.average * tenth.voters for tenth in paid(result.shares)), Fraction(0)) == result.cost
    assert all(0 <= tenth.average <= result.shares.each for tenth in paid(result.shares))


@settings(max_examples=60)
@given(election=with_staff_time())
def test_with_staff_time_both_rules_still_stand_side_by_side(election: Election) -> None:
    found = beside(election, count(election, Rule()))
    assert (found.greedy.result.rule.name, found.shares.result.rule.name) == ("greedy", "equal-shares")


def test_where_the_many_agree_greedy_leaves_the_few_with_nothing() -> None:
    """Seven want the two halls and three the garden: with greedy the three get nothing, with equal shares their own."""
    candidates = (Candidate("hall", 50), Candidate("second hall", 50), Candidate("garden", 30))
    groups = (Group((("hall", 1), ("second hall", 1)), 7), Group((("garden", 1),), 3))
    found = beside(Election(candidates, 100, groups), count(Election(candidates, 100, groups), Rule()))
    assert (found.greedy.heard, found.shares.heard) == (7, 10)
    assert (found.both, found.only_greedy, found.only_shares) == (("hall",), ("second hall",), ("garden",))
    assert [tenth.average for tenth in found.greedy.tenths][:3] == [0, 0, 0]
    assert [tenth.average for tenth in found.shares.tenths] == [Fraction(50, 7)] * 7 + [10, 10, 10]


def test_how_much_money_there_was_for_each_and_how_much_was_missing() -> None:
    candidates = (Candidate("trees", 6), Candidate("bench", 4), Candidate("shelter", 5), Candidate("statue", 1))
    election = Election(candidates, 12, approvals("trees bench", "trees bench", "trees shelter"))
    why = count(election, Rule(name="equal-shares")).why
    assert [said.had for said in why.values()] == [6, 4, 2, None]
    assert [said.short for said in why.values()] == [0, 0, 3, 0]
