"""The rules on elections that Hypothesis makes up, beside pabutools (exact), and on the worked tables of their docstrings."""

from fractions import Fraction
from typing import Any

import pabutools.rules as pabutools_rules
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pabutools import election as pb
from pabutools.tiebreaking import TieBreakingRule

from ledger.errors import LedgerError
from ledger.tally import Candidate, Election, Group, Rule, count
from ledger.tally.equal_shares import most_each_pays

RULES = [
    Rule(),
    Rule(satisfaction="cardinality"),
    Rule(name="equal-shares"),
    Rule(name="equal-shares", satisfaction="cardinality"),
    Rule(name="equal-shares", completion="add1"),
    Rule(name="equal-shares", completion="add1-exhaustive"),
    Rule(name="equal-shares", completion="greedy"),
    Rule(name="phragmen"),
]


@st.composite
def elections(draw: st.DrawFn) -> Election:
    ids = [f"p{number}" for number in range(draw(st.integers(1, 6)))]
    costs = draw(st.lists(st.integers(1, 12), min_size=len(ids), max_size=len(ids)))
    ballots = draw(st.lists(st.sets(st.sampled_from(ids)), min_size=1, max_size=8))
    return Election(
        candidates=tuple(Candidate(ref, cost) for ref, cost in zip(ids, costs, strict=True)),
        budget=draw(st.integers(1, 30)),
        groups=tuple(Group(tuple((ref, 1) for ref in sorted(ballot)), 1) for ballot in ballots),
    )


def by_pabutools(election: Election, rule: Rule) -> list[str]:
    projects = {c.id: pb.Project(c.id, c.cost) for c in election.candidates}
    instance = pb.Instance(projects.values(), budget_limit=election.budget)
    profile = pb.ApprovalProfile(
        [pb.ApprovalBallot({projects[ref] for ref, _ in group.choices}) for group in election.groups], instance=instance
    )
    votes = {ref: sum(1 for group in election.groups if (ref, 1) in group.choices) for ref in projects}
    ties = TieBreakingRule(lambda _i, _p, project: (-votes[project.name], project.cost, project.name))
    satisfaction = pb.Cost_Sat if rule.satisfaction == "cost" else pb.Cardinality_Sat
    options: dict[str, Any] = {"tie_breaking": ties}
    if rule.name == "greedy":
        won = pabutools_rules.greedy_utilitarian_welfare(instance, profile, sat_class=satisfaction, **options)
    elif rule.name == "phragmen":
        won = pabutools_rules.sequential_phragmen(instance, profile, **options)
    else:
        if rule.completion.startswith("add1"):
            options["voter_budget_increment"] = 1
        won = pabutools_rules.method_of_equal_shares(instance, profile, sat_class=satisfaction, **options)
    return sorted(project.name for project in won)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.completion in {"none", "add1-exhaustive"}], ids=str)
@settings(max_examples=150)
@given(election=elections())
def test_winners_equal_those_of_pabutools(rule: Rule, election: Election) -> None:
    theirs = by_pabutools(election, rule)
    if rule.name == "phragmen":
        # pabutools adds what nobody voted for when it still fits; the paper's voters buy only what they approve of.
        voted = {ref for group in election.groups for ref, _ in group.choices}
        theirs = [ref for ref in theirs if ref in voted]
    assert sorted(count(election, rule).winners) == theirs


@pytest.mark.parametrize("rule", RULES, ids=str)
@settings(max_examples=60)
@given(election=elections(), seed=st.randoms(use_true_random=False))
def test_the_order_of_ballots_and_candidates_changes_nothing(rule: Rule, election: Election, seed: Any) -> None:  # noqa: ANN401 - Hypothesis' own
    groups, candidates = list(election.groups), list(election.candidates)
    seed.shuffle(groups)
    seed.shuffle(candidates)
    shuffled = Election(tuple(candidates), election.budget, tuple(groups))
    assert count(shuffled, rule).winners == count(election, rule).winners


@pytest.mark.parametrize("rule", RULES, ids=str)
@settings(max_examples=60)
@given(election=elections())
def test_twice_the_money_for_twice_the_prices_changes_nothing(rule: Rule, election: Election) -> None:
    doubled = Election(
        tuple(Candidate(c.id, 2 * c.cost) for c in election.candidates), 2 * election.budget, election.groups, unit=2
    )
    assert count(doubled, rule).winners == count(election, rule).winners


@settings(max_examples=100)
@given(election=elections(), minutes=st.lists(st.integers(0, 9), min_size=6, max_size=6), limit=st.integers(0, 20))
def test_greedy_overspends_neither_money_nor_time(election: Election, minutes: list[int], limit: int) -> None:
    both = Election(
        tuple(Candidate(c.id, c.cost, m) for c, m in zip(election.candidates, minutes, strict=False)),
        election.budget,
        election.groups,
        minutes_budget=limit,
    )
    chosen = [c for c in both.candidates if c.id in count(both, Rule()).winners]
    left = both.budget - sum(c.cost for c in chosen), limit - sum(c.minutes for c in chosen)
    assert min(left) >= 0
    assert not [c for c in both.candidates if c not in chosen and c.cost <= left[0] and c.minutes <= left[1]]


def test_a_rule_that_cannot_share_time_says_so() -> None:
    with pytest.raises(LedgerError, match="does not share out staff time"):
        count(Election((Candidate("a", 1, 5),), 1, (), minutes_budget=5), Rule(name="phragmen"))


def approvals(*ballots: str) -> tuple[Group, ...]:
    return tuple(Group(tuple((ref, 1) for ref in ballot.split()), 1) for ballot in ballots)


def test_the_worked_table_of_equal_shares() -> None:
    candidates = (Candidate("trees", 6), Candidate("bench", 4), Candidate("shelter", 5))
    result = count(
        Election(candidates, 12, approvals("trees bench", "trees bench", "trees shelter")), Rule(name="equal-shares")
    )
    assert result.winners == ("trees", "bench")
    assert "3 short" in result.why["shelter"].sentence


def test_the_worked_table_of_greedy() -> None:
    candidates = (Candidate("hall", 8), Candidate("bench", 5), Candidate("trees", 2))
    groups = tuple(Group(((ref, 1),), votes) for ref, votes in (("hall", 60), ("bench", 40), ("trees", 30)))
    assert count(Election(candidates, 10, groups), Rule()).winners == ("hall", "trees")
    assert count(Election(candidates, 10, groups), Rule(stop_at_first_miss=True)).winners == ("hall",)
    assert count(Election(candidates, 10, groups), Rule(minimum_votes=35)).winners == ("hall",)


def test_the_worked_table_of_phragmen() -> None:
    candidates = (Candidate("trees", 6), Candidate("bench", 4))
    result = count(Election(candidates, 10, approvals("trees bench", "trees bench", "trees")), Rule(name="phragmen"))
    assert result.winners == ("trees", "bench")
    assert "had earned 4" in result.why["bench"].sentence


def test_equals_are_chosen_by_votes_then_cost_then_id_and_the_tie_is_told() -> None:
    candidates = (Candidate("b", 2), Candidate("a", 2), Candidate("c", 1))
    result = count(Election(candidates, 2, approvals("a b c", "a b c")), Rule())
    assert result.winners == ("c",)
    assert [(tie.candidates, tie.first) for tie in result.ties] == [(("c", "a", "b"), "c")]


@given(st.lists(st.tuples(st.fractions(0, 9), st.integers(1, 4)), min_size=1, max_size=6), st.integers(1, 40))
def test_the_most_each_pays_collects_exactly_the_cost(purses: list[tuple[Fraction, int]], cost: int) -> None:
    purses.sort()
    most = most_each_pays(purses, cost)
    total = sum((held * number for held, number in purses), Fraction(0))
    if most is None:
        assert total < cost
    else:
        assert sum((min(held, most) * number for held, number in purses), Fraction(0)) == cost
