"""Greedy beside its plain twin: by votes, by votes for each unit of cost, by points; with and without limited staff time."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from ledger.tally import Candidate, Election, Group, Rule, count
from tests.tally.plain_greedy import plain_greedy
from tests.tally.small_elections import limited, with_staff_time

RULES = [
    Rule(),
    Rule(satisfaction="cardinality"),
    Rule(satisfaction="points"),
    Rule(satisfaction="cardinality", minimum_votes=3),
    Rule(satisfaction="cardinality", stop_at_first_miss=True),
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(max_examples=200)
@given(election=with_staff_time() | limited(with_staff_time()))
def test_the_count_is_the_plain_one(rule: Rule, election: Election) -> None:
    assert list(count(election, rule).winners) == plain_greedy(election, rule)


def test_by_votes_for_each_unit_of_cost_the_reason_says_what_a_vote_costs() -> None:
    groups = tuple(Group(((ref, 1),), votes) for ref, votes in (("hall", 60), ("bench", 40), ("trees", 30), ("thanks", 1)))
    candidates = (Candidate("hall", 80), Candidate("bench", 50), Candidate("trees", 20), Candidate("thanks", 0))
    result = count(Election((*candidates, Candidate("moat", 1)), 100, groups), Rule(satisfaction="cardinality"))
    assert result.winners == ("thanks", "trees", "bench", "moat")
    assert [why.sentence for why in result.why.values()] == [
        "60 people voted for it, one for every 1.33 of its cost; when its turn came 30 was left, 50 short of its cost.",
        "40 people voted for it, one for every 1.25 of its cost; when its turn came 80 was left, enough for its cost.",
        "30 people voted for it, one for every 0.67 of its cost; when its turn came 100 was left, enough for its cost.",
        "1 person voted for it; when its turn came 100 was left, enough for its cost.",
        "Nobody voted for it; when its turn came 30 was left, enough for its cost.",
    ]


@settings(max_examples=300)
@given(election=with_staff_time() | limited(with_staff_time()))
def test_so_many_votes_would_have_been_enough_and_one_fewer_would_not(election: Election) -> None:
    result = count(election, Rule())
    for ref, why in result.why.items():
        if why.enough is None:
            continue
        assert not why.chosen
        for missing, chosen in ((0, True), (1, False)):
            more = why.enough - why.votes - missing
            voters = (*election.groups, Group(((ref, 1),), more)) if more else election.groups
            assert (ref in count(replace(election, groups=voters), Rule()).winners) is chosen


@settings(max_examples=200)
@given(election=with_staff_time() | limited(with_staff_time()))
def test_where_no_number_of_votes_is_told_none_would_have_done(election: Election) -> None:
    result = count(election, Rule())
    for ref, why in result.why.items():
        if why.enough is None and not why.chosen:
            loved = (*election.groups, Group(((ref, 1),), election.voters + 1))
            assert ref not in count(replace(election, groups=loved), Rule()).winners
