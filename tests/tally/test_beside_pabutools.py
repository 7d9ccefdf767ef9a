"""Every rule beside pabutools with exact fractions, on elections that Hypothesis makes up."""

import pytest
from hypothesis import given, settings

from ledger.tally import Election, Rule, count
from tests.tally import by_pabutools
from tests.tally.small_elections import elections

RULES = [
    Rule(),
    Rule(satisfaction="cardinality"),
    Rule(name="equal-shares"),
    Rule(name="equal-shares", satisfaction="cardinality"),
    Rule(name="equal-shares", completion="greedy"),
    Rule(name="equal-shares", completion="add1"),
    Rule(name="equal-shares", satisfaction="cardinality", completion="add1"),
    Rule(name="equal-shares", completion="add1-exhaustive"),
    Rule(name="equal-shares", completion="add1-exhaustive-greedy"),
    Rule(name="equal-shares", satisfaction="cardinality", completion="add1-exhaustive-greedy"),
    Rule(name="phragmen"),
]


def name_of(rule: Rule) -> str:
    return f"{rule.name}-{rule.satisfaction}-{rule.completion}"


def agree(rule: Rule, election: Election) -> None:
    ours, theirs = list(count(election, rule).winners), by_pabutools.winners(election, rule)
    voted = {ref for group in election.groups for ref, _ in group.choices}
    if rule.completion.startswith("add1") and voted == set(ours):
        # No higher endowment buys anything else, so we stop; pabutools goes on, and gives the last order that it tried.
        assert sorted(ours) == sorted(theirs)
    elif rule.name == "phragmen":
        # pabutools adds what nobody voted for when it still fits; the paper's voters buy only what they approve of.
        assert sorted(ours) == sorted(ref for ref in theirs if ref in voted)
    else:
        assert ours == theirs


@pytest.mark.parametrize("rule", RULES, ids=name_of)
@settings(max_examples=150)
@given(election=elections())
def test_winners_and_their_order_are_those_of_pabutools(rule: Rule, election: Election) -> None:
    agree(rule, election)


@settings(max_examples=150)
@given(election=elections(most_points=5))
def test_winners_by_points_are_those_of_pabutools(election: Election) -> None:
    agree(Rule(satisfaction="points"), election)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=name_of)
@settings(max_examples=4_000)
@given(election=elections())
def test_winners_are_those_of_pabutools_in_thousands_of_elections(rule: Rule, election: Election) -> None:
    agree(rule, election)
