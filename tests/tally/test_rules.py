"""What holds for every rule: worked tables, ties, reasons, staff time, and changes that must change nothing."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.tally import (
    Candidate,
    Completion,
    Election,
    Group,
    Rule,
    Satisfaction,
    UnsoundElection,
    UnsoundRule,
    count,
)
from ledger.tally.profile import plain_amount
from ledger.tally.purses import Purses, most_each_pays
from tests.tally.small_elections import approvals, elections, limited
from tests.tally.test_beside_pabutools import RULES, name_of

ADD_OPT = [
    Rule(name="equal-shares", completion="add-opt"),
    Rule(name="equal-shares", satisfaction="cardinality", completion="add-opt"),
]
BY_POINTS = [
    Rule(name="equal-shares", satisfaction="points"),
    Rule(name="equal-shares", satisfaction="points", completion="add1"),
]
ALL_RULES = [*RULES, *ADD_OPT, *BY_POINTS, Rule(satisfaction="points"), Rule(stop_at_first_miss=True), Rule(minimum_votes=2)]


def described(rule: Rule) -> str:
    return f"{name_of(rule)}-{rule.stop_at_first_miss}-{rule.minimum_votes}"


@pytest.mark.parametrize("rule", ALL_RULES, ids=described)
@settings(max_examples=60)
@given(election=elections(most_points=3), seed=st.randoms(use_true_random=False))
def test_the_order_of_ballots_and_candidates_changes_nothing(rule: Rule, election: Election, seed: Random) -> None:
    ballots = [Group(tuple(reversed(group.choices)), 1) for group in election.groups for _ in range(group.count)]
    candidates = list(election.candidates)
    seed.shuffle(ballots)
    seed.shuffle(candidates)
    assert count(Election(tuple(candidates), election.budget, tuple(ballots)), rule) == count(election, rule)


@pytest.mark.parametrize("rule", ALL_RULES, ids=described)
@settings(max_examples=60)
@given(election=limited(elections(most_points=3)), chosen=st.data())
def test_what_is_barred_is_as_if_it_did_not_stand_though_its_votes_are_told(
    rule: Rule, election: Election, chosen: st.DataObject
) -> None:
    ids = [candidate.id for candidate in election.candidates]
    barred = frozenset(chosen.draw(st.sets(st.sampled_from(ids))))
    result = count(replace(election, barred=tuple((ref, "Not today.") for ref in sorted(barred))), rule)
    assert result.winners == count(without(election, barred), rule).winners
    for ref in barred:
        assert (result.why[ref].sentence, result.why[ref].chosen) == ("Not today.", False)
        assert result.why[ref].votes == sum(g.count for g in election.groups if dict(g.choices).get(ref, 0) > 0)


def without(election: Election, gone: frozenset[str]) -> Election:
    """The same voters, and a ballot on which these do not stand."""
    return replace(
        election,
        candidates=tuple(each for each in election.candidates if each.id not in gone),
        groups=tuple(Group(tuple(each for each in g.choices if each[0] not in gone), g.count) for g in election.groups),
        limits=tuple(replace(limit, among=limit.among - gone) for limit in election.limits),
    )


def test_nobody_is_barred_who_does_not_stand() -> None:
    with pytest.raises(UnsoundElection, match="no candidate of this election"):
        count(Election((Candidate("a", 1),), 1, (), barred=(("b", "Not today."),)), Rule())


@pytest.mark.parametrize("rule", ALL_RULES, ids=described)
@settings(max_examples=60)
@given(election=elections(), times=st.integers(2, 100))
def test_more_money_for_prices_as_much_higher_changes_nothing(rule: Rule, election: Election, times: int) -> None:
    dearer = Election(
        tuple(Candidate(c.id, times * c.cost) for c in election.candidates), times * election.budget, election.groups, times
    )
    changed, before = count(dearer, rule), count(election, rule)
    assert (changed.winners, changed.ties, changed.cost) == (before.winners, before.ties, times * before.cost)
    assert [why.sentence for why in changed.why.values()] == [why.sentence for why in before.why.values()]


@pytest.mark.parametrize("rule", ALL_RULES, ids=described)
@settings(max_examples=60)
@given(election=elections(most_points=3))
def test_every_candidate_is_told_why_and_the_winners_fit_the_budget(rule: Rule, election: Election) -> None:
    result = count(election, rule)
    assert result.cost == sum(result.why[ref].cost for ref in result.winners) <= election.budget
    assert set(result.why) == {candidate.id for candidate in election.candidates}
    assert {why.step: ref for ref, why in result.why.items() if why.chosen} == dict(enumerate(result.winners, start=1))
    for ref, why in result.why.items():
        assert why.votes == sum(group.count for group in election.groups if ref in dict(group.choices))
        assert "voted for it" in why.sentence
        assert why.sentence.endswith(".")
        assert not why.chosen or "short" not in why.sentence.rpartition("The rest went by votes")[2]


@settings(max_examples=200)
@given(
    election=elections(),
    minutes=st.lists(st.integers(0, 9), min_size=6, max_size=6),
    limit=st.integers(0, 20),
    satisfaction=st.sampled_from(["cost", "cardinality", "points"]),
)
def test_greedy_overspends_neither_money_nor_time_and_leaves_out_nothing_that_fits(
    election: Election, minutes: list[int], limit: int, satisfaction: Satisfaction
) -> None:
    both = Election(
        tuple(Candidate(c.id, c.cost, m) for c, m in zip(election.candidates, minutes, strict=False)),
        election.budget,
        election.groups,
        minutes_budget=limit,
    )
    winners = count(both, Rule(satisfaction=satisfaction)).winners
    chosen = [c for c in both.candidates if c.id in winners]
    left = both.budget - sum(c.cost for c in chosen), limit - sum(c.minutes for c in chosen)
    assert min(left) >= 0
    assert not [c for c in both.candidates if c not in chosen and c.cost <= left[0] and c.minutes <= left[1]]


def test_greedy_tells_which_of_money_and_time_was_short() -> None:
    candidates = (
        Candidate("advice", 500, 600),
        Candidate("club", 300, 900),
        Candidate("hall", 900, 60),
        Candidate("tea", 100, 30),
    )
    groups = tuple(Group(((ref, 1),), votes) for ref, votes in (("advice", 9), ("club", 8), ("hall", 7), ("tea", 6)))
    result = count(Election(candidates, 1000, groups, minutes_budget=660), Rule())
    assert result.winners == ("advice", "tea")
    assert [why.sentence.partition("; ")[2] for why in result.why.values()] == [
        "when its turn came 1,000 was left, enough for its cost, and 11 hours of staff time, enough as well.",
        "when its turn came 500 was left, enough for its cost, and 1 hour of staff time, 14 hours short of what it asks for.",
        "when its turn came 500 was left, 400 short of its cost, and 1 hour of staff time, enough as well.",
        "when its turn came 500 was left, enough for its cost, and 1 hour of staff time, enough as well.",
    ]


def test_without_a_limit_on_time_nobody_asks_for_it() -> None:
    election = Election((Candidate("advice", 5, minutes=10**6),), 5, approvals("advice"))
    assert [count(election, Rule(name=name)).winners for name in ("greedy", "equal-shares", "phragmen")] == [("advice",)] * 3


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule(name="phragmen"), "phragmen does not share out staff time; choose greedy or equal-shares"),
        (
            Rule(name="equal-shares", completion="add1"),
            "add1 raises shares of money only; with staff time choose none or greedy",
        ),
    ],
)
def test_a_rule_that_cannot_share_time_says_so(rule: Rule, says: str) -> None:
    with pytest.raises(LedgerError, match=says):
        count(Election((Candidate("a", 1, 5),), 1, (), minutes_budget=5), rule)


def test_the_worked_table_of_equal_shares() -> None:
    candidates = (Candidate("trees", 6), Candidate("bench", 4), Candidate("shelter", 5), Candidate("statue", 1))
    election = Election(candidates, 12, approvals("trees bench", "trees bench", "trees shelter"))
    result = count(election, Rule(name="equal-shares"))
    assert result.winners == ("trees", "bench")
    assert [why.sentence for why in result.why.values()] == [
        "3 people voted for it and bought it together, each paying 2 of their share of 4.",
        "2 people voted for it and bought it together, each paying 2 of their share of 4.",
        "1 person voted for it and had 2 of their shares left together, 3 short of its cost.",
        "Nobody voted for it, so nobody paid for it.",
    ]
    greedy = count(election, Rule(name="equal-shares", completion="greedy"))
    assert greedy.winners == ("trees", "bench", "statue")
    assert greedy.why["shelter"].sentence.endswith(
        "The rest went by votes: 1 person voted for it; when its turn came 2 was left, 3 short of its cost."
    )


def test_those_who_hold_less_pay_all_they_hold() -> None:
    candidates = (Candidate("trees", 4), Candidate("hall", 7))
    result = count(Election(candidates, 12, approvals("trees", "trees hall", "hall")), Rule(name="equal-shares"))
    assert result.winners == ("trees",)
    candidates = (Candidate("trees", 4), Candidate("hall", 6))
    result = count(Election(candidates, 12, approvals("trees", "trees hall", "hall")), Rule(name="equal-shares"))
    assert result.winners == ("trees", "hall")
    assert result.why["hall"].sentence == (
        "2 people voted for it and bought it together, each paying 4 of their share of 4, or all that they had left."
    )


def test_the_worked_table_of_greedy() -> None:
    candidates = (Candidate("hall", 8), Candidate("bench", 5), Candidate("trees", 2))
    groups = tuple(Group(((ref, 1),), votes) for ref, votes in (("hall", 60), ("bench", 40), ("trees", 30)))
    election = Election(candidates, 10, groups)
    assert count(election, Rule()).winners == ("hall", "trees")
    assert count(election, Rule(satisfaction="cardinality")).winners == ("trees", "bench")
    stopped = count(election, Rule(stop_at_first_miss=True))
    assert stopped.winners == ("hall",)
    assert stopped.why["bench"].sentence == "40 people voted for it; when its turn came 2 was left, 3 short of its cost."
    assert stopped.why["trees"].sentence == "30 people voted for it; the count had ended before its turn."
    considered = count(election, Rule(minimum_votes=35))
    assert considered.winners == ("hall",)
    assert considered.why["trees"].sentence == "30 people voted for it, and 35 votes were needed to be considered."


def test_the_worked_table_of_phragmen() -> None:
    candidates = (Candidate("trees", 6), Candidate("bench", 4))
    election = Election(candidates, 10, approvals("trees bench", "trees bench", "trees"))
    result = count(election, Rule(name="phragmen"))
    assert result.winners == ("trees", "bench")
    assert [why.sentence for why in result.why.values()] == [
        "3 people voted for it, and it was bought when each voter had earned 2.",
        "2 people voted for it, and it was bought when each voter had earned 4.",
    ]


def test_phragmen_ends_at_the_first_that_does_not_fit_and_says_so() -> None:
    candidates = (
        Candidate("trees", 2),
        Candidate("hall", 9),
        Candidate("swing", 9),
        Candidate("bench", 8),
        Candidate("pool", 99),
    )
    election = Election(candidates, 10, approvals("trees hall", "trees hall", "hall pool", "pool", "bench", "swing pool"))
    result = count(election, Rule(name="phragmen"))
    assert result.winners == ("trees",)
    assert {ref: why.sentence.partition("voted for it")[2] for ref, why in result.why.items()} == {
        "trees": ", and it was bought when each voter had earned 1.",
        "hall": "; when its turn came 8 was left, 1 short, and the count ended.",
        "swing": "; its turn would have come when each voter had earned 9, and the count had ended.",
        "bench": "; its turn would have come when each voter had earned 8, and the count had ended.",
        "pool": "; it costs more than the whole budget.",
    }


def test_phragmen_ends_as_well_when_one_of_several_equals_does_not_fit() -> None:
    candidates = (Candidate("trees", 4), Candidate("hall", 8), Candidate("bench", 4))
    result = count(Election(candidates, 10, approvals("trees", "trees", "hall", "hall bench")), Rule(name="phragmen"))
    assert result.winners == ("trees",)
    assert [result.why[ref].sentence.partition("; ")[2] for ref in ("hall", "bench")] == [
        "when its turn came 6 was left, 2 short, and the count ended.",
        "its turn came together with one that no longer fitted, and the count ended.",
    ]
    assert [(tie.candidates, tie.first) for tie in result.ties] == [(("hall", "bench"), "hall")]


@pytest.mark.parametrize("rule", [Rule(), Rule(name="equal-shares"), Rule(name="phragmen")], ids=name_of)
def test_equals_are_chosen_by_votes_then_cost_then_id_and_the_tie_is_told(rule: Rule) -> None:
    candidates = (Candidate("b", 2), Candidate("a", 2), Candidate("10", 2))
    result = count(Election(candidates, 2, approvals("a b 10", "a b 10")), rule)
    assert result.winners == ("10",)
    assert (result.ties[0].candidates, result.ties[0].first) == (("10", "a", "b"), "10")


def test_of_equal_merit_the_cheaper_is_first_and_before_that_the_one_with_more_votes() -> None:
    cheaper = Election((Candidate("a", 3), Candidate("b", 2)), 3, approvals("a b"))
    assert count(cheaper, Rule()).winners == ("b",)
    more_votes = Election((Candidate("a", 1), Candidate("b", 2)), 2, approvals("a b", "b"))
    assert count(more_votes, Rule(satisfaction="cardinality")).winners == ("b",)


def test_what_costs_nothing_wins_by_every_rule() -> None:
    election = Election((Candidate("thanks", 0), Candidate("bench", 5)), 5, approvals("thanks", "bench", "bench"))
    for rule in (Rule(), Rule(satisfaction="cardinality"), Rule(name="equal-shares"), Rule(name="phragmen")):
        assert set(count(election, rule).winners) >= {"thanks"}


@pytest.mark.parametrize("rule", ALL_RULES, ids=described)
def test_an_election_without_ballots_ends(rule: Rule) -> None:
    result = count(Election((Candidate("bench", 5),), 10, ()), rule)
    assert result.votes == 0
    assert set(result.winners) <= {"bench"}


def test_points_below_one_are_no_support() -> None:
    election = Election((Candidate("bench", 5),), 10, (Group((("bench", 0),), 3), Group((("bench", -2),), 1)))
    why = count(election, Rule(name="phragmen")).why["bench"]
    assert (why.votes, why.points, why.chosen) == (0, -2, False)
    assert count(election, Rule(name="equal-shares")).winners == ()


def test_raising_shares_ends_when_all_that_anyone_wants_is_bought() -> None:
    election = Election((Candidate("bench", 5), Candidate("unloved", 1)), 100, approvals("bench", ""))
    completions: tuple[Completion, ...] = ("add1", "add1-exhaustive", "add-opt")
    for completion in completions:
        assert count(election, Rule(name="equal-shares", completion=completion)).winners == ("bench",)


@pytest.mark.parametrize(
    "broken",
    [
        Election((Candidate("a", 1), Candidate("a", 2)), 5, ()),
        Election((Candidate("a", -1),), 5, ()),
        Election((Candidate("a", 1, -1),), 5, ()),
        Election((Candidate("a", 1),), -5, ()),
        Election((Candidate("a", 1),), 5, (), minutes_budget=-1),
        Election((Candidate("a", 1),), 5, (), unit=0),
        Election((Candidate("a", 1),), 5, (Group((), 0),)),
        Election((Candidate("a", 1),), 5, approvals("b")),
        Election((Candidate("a", 1),), 5, approvals("a a")),
    ],
    ids=["id twice", "cost", "minutes", "budget", "time", "unit", "nobody's ballot", "unknown", "named twice"],
)
def test_an_election_whose_figures_make_no_sense_is_refused(broken: Election) -> None:
    with pytest.raises(UnsoundElection, match="Nothing was recorded"):
        count(broken, Rule())


@pytest.mark.parametrize(
    "choices",
    [
        {"name": "dictator"},
        {"name": "greedy", "satisfaction": "joy"},
        {"name": "equal-shares", "completion": "add2"},
        {"name": "greedy", "completion": "add1"},
        {"name": "phragmen", "completion": "greedy"},
        {"name": "phragmen", "satisfaction": "cardinality"},
        {"name": "phragmen", "satisfaction": "points"},
        {"name": "equal-shares", "satisfaction": "points", "completion": "add-opt"},
        {"name": "greedy", "completion": "add-opt"},
        {"name": "equal-shares", "stop_at_first_miss": True},
        {"name": "greedy", "minimum_votes": -1},
    ],
    ids=str,
)
def test_choices_that_do_not_go_together_are_no_rule(choices: dict[str, object]) -> None:
    with pytest.raises(UnsoundRule, match="Nothing was recorded"):
        Rule(**choices)  # type: ignore[arg-type]  # wrong on purpose


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 4)), min_size=1, max_size=6), st.integers(1, 40))
def test_the_most_each_pays_collects_exactly_the_cost(purses: list[tuple[int, int]], cost: int) -> None:
    purses.sort()
    most = most_each_pays(purses, cost)
    if most is None:
        assert sum(held * number for held, number in purses) < cost
    else:
        assert sum((min(Fraction(held), most) * number for held, number in purses), Fraction(0)) == cost


@given(
    counts=st.lists(st.integers(1, 5), min_size=1, max_size=5),
    each=st.fractions(1, 50, max_denominator=7),
    payments=st.lists(st.tuples(st.sets(st.integers(0, 4)), st.fractions(0, 20, max_denominator=9)), max_size=6),
)
def test_purses_hold_what_plain_fractions_would(
    counts: list[int], each: Fraction, payments: list[tuple[set[int], Fraction]]
) -> None:
    purses, plain = Purses(counts, each), [each] * len(counts)
    for who, most in payments:
        groups = [group for group in sorted(who) if group < len(counts)]
        purses.take(groups, None, most)
        plain = [held - min(held, most) if group in groups else held for group, held in enumerate(plain)]
    assert [purses.least([group]) for group in range(len(counts))] == plain
    assert purses.together(range(len(counts))) == sum(held * number for held, number in zip(plain, counts, strict=True))


@pytest.mark.parametrize(
    ("amount", "unit", "reads"),
    [
        (0, 1, "0"),
        (125_000, 100, "1,250"),
        (125_050, 100, "1,250.50"),
        (Fraction(1, 3), 1, "0.33"),
        (1, 1000, "less than 0.01"),
    ],
)
def test_an_amount_reads_in_whole_currency_units(amount: Fraction | int, unit: int, reads: str) -> None:
    assert plain_amount(unit)(amount) == reads
