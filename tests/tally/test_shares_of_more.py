"""Equal shares by points, of money and staff time together, and within limits: beside the plain twin."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.tally import Candidate, Election, Group, Limit, Rule, Shares, UnsoundElection, count
from ledger.tally.election import Satisfaction
from ledger.tally.equal_shares import endowment, outcome
from ledger.tally.profile import Profile, lot_of
from tests.tally import by_pabutools
from tests.tally.plain_equal_shares import PlainShares
from tests.tally.plain_exact_shares import plain_exact_shares
from tests.tally.plain_greedy import plain_greedy
from tests.tally.plain_phragmen import plain_phragmen
from tests.tally.small_elections import approvals, elections, limited, with_staff_time

SATISFACTIONS: tuple[Satisfaction, ...] = ("cost", "cardinality", "points")


def shares(satisfaction: Satisfaction) -> Rule:
    return Rule(name="equal-shares", satisfaction=satisfaction)


@pytest.mark.parametrize("satisfaction", SATISFACTIONS)
@settings(max_examples=200)
@given(election=with_staff_time() | limited(elections(most_points=5)))
def test_what_is_bought_is_what_the_plain_twin_buys(satisfaction: Satisfaction, election: Election) -> None:
    twin = PlainShares(election, shares(satisfaction))
    assert list(count(election, shares(satisfaction)).winners) == [candidate.id for candidate in twin.chosen]


@pytest.mark.parametrize("satisfaction", SATISFACTIONS)
@settings(max_examples=150)
@given(election=with_staff_time())
def test_no_resource_is_overspent_and_nothing_is_left_that_its_supporters_could_pay_for(
    satisfaction: Satisfaction, election: Election
) -> None:
    winners = count(election, shares(satisfaction)).winners
    chosen = [candidate for candidate in election.candidates if candidate.id in winners]
    assert sum(candidate.cost for candidate in chosen) <= election.budget
    assert election.minutes_budget is None or sum(candidate.minutes for candidate in chosen) <= election.minutes_budget
    twin = PlainShares(election, shares(satisfaction))
    assert not [c.id for c in election.candidates if c.id not in winners and twin.supporters(c) and twin.can_pay(c)]


@pytest.mark.parametrize("satisfaction", SATISFACTIONS)
@pytest.mark.parametrize("completion", ["none", "greedy"])
@settings(max_examples=100)
@given(election=elections(most_points=4))
def test_of_two_resources_one_that_nobody_asks_for_changes_nothing(
    satisfaction: Satisfaction, completion: str, election: Election
) -> None:
    rule = Rule(name="equal-shares", satisfaction=satisfaction, completion=completion)  # type: ignore[arg-type]  # literals
    with_time = Election(election.candidates, election.budget, election.groups, minutes_budget=60)
    assert count(with_time, rule).winners == count(election, rule).winners


@settings(max_examples=100)
@given(election=elections())
def test_time_that_follows_the_money_changes_nothing(election: Election) -> None:
    """An hour for every pound, in costs and in the budget: what one resource says the other says as well."""
    both = Election(
        tuple(Candidate(c.id, c.cost, 60 * c.cost) for c in election.candidates),
        election.budget,
        election.groups,
        minutes_budget=60 * election.budget,
    )
    for satisfaction in ("cost", "cardinality"):
        assert count(both, shares(satisfaction)).winners == count(election, shares(satisfaction)).winners


@pytest.mark.parametrize("completion", ["none", "add1", "add1-exhaustive"])
@settings(max_examples=150)
@given(election=elections(most_points=5))
def test_by_points_the_winners_are_those_of_pabutools(completion: str, election: Election) -> None:
    rule = Rule(name="equal-shares", satisfaction="points", completion=completion)  # type: ignore[arg-type]  # literals
    ours, theirs = list(count(election, rule).winners), by_pabutools.winners(election, rule)
    if set(ours) == {ref for group in election.groups for ref, _ in group.choices}:
        assert sorted(ours) == sorted(theirs)  # see test_beside_pabutools: it goes on raising what is all bought
    else:
        assert ours == theirs


@settings(max_examples=150)
@given(election=limited(elections(most_points=5)), satisfaction=st.sampled_from(SATISFACTIONS))
def test_add1_within_limits_is_the_plain_search(election: Election, satisfaction: Satisfaction) -> None:
    """Endowment after endowment, each counted by the twin, until one overspends or a limit alone keeps the rest out."""
    rule = Rule(name="equal-shares", satisfaction=satisfaction, completion="add1")
    each = kept = Fraction(election.budget, election.voters)
    while True:
        twin = PlainShares(election, rule, (each,))
        if sum(candidate.cost for candidate in twin.chosen) > election.budget:
            break
        kept = each
        if not [c for c in election.candidates if c not in twin.chosen and twin.supporters(c) and not twin.forbidden(c)]:
            break
        each += election.unit
    assert endowment(Profile(election), rule) == (kept,)
    assert outcome(Profile(election), rule, kept) == {c.id for c in PlainShares(election, rule, (kept,)).chosen}


@settings(max_examples=200)
@given(election=limited(elections()))
def test_every_rule_keeps_within_limits_as_its_twin_does(election: Election) -> None:
    assert list(count(election, Rule()).winners) == plain_greedy(election, Rule())
    assert list(count(election, Rule(name="phragmen")).winners) == plain_phragmen(election)
    add_opt = Rule(name="equal-shares", completion="add-opt")
    result = count(election, add_opt)
    assert result.shares is not None
    assert list(result.winners) == plain_exact_shares(election, add_opt, result.shares.each)


def test_what_is_kept_for_some_is_not_spent_on_others() -> None:
    """At least 40 of 100 for young people: the hall and the road want 90, and only one of them fits in the other 60."""
    candidates = (Candidate("hall", 50), Candidate("road", 40), Candidate("youth club", 30))
    kept = Limit.kept_for("young people", frozenset({"youth club"}), candidates, most_for_others=60)
    groups = (Group((("hall", 1), ("road", 1)), 9), Group((("hall", 1),), 1), Group((("youth club", 1),), 1))
    result = count(Election(candidates, 100, groups, limits=(kept,)), Rule())
    assert result.winners == ("hall", "youth club")
    assert result.why["road"].sentence == (
        "9 people voted for it; when its turn came of the 60 for what is kept for young people 10 was left, "
        "30 short of its cost."
    )


def test_of_money_and_time_each_is_told() -> None:
    candidates = (Candidate("advice", 4, 120), Candidate("club", 2, 300))
    election = Election(candidates, 12, approvals("advice club", "advice club", "advice"), minutes_budget=360)
    result = count(election, shares("cost"))
    assert result.winners == ("advice",)
    assert [why.sentence for why in result.why.values()] == [
        "3 people voted for it and bought it together, each paying 1.33 and 40 minutes of their share of 4 and 2 hours.",
        "2 people voted for it and had 5.33 and 2 hours 40 minutes of their shares left together, 2 hours 20 minutes short.",
    ]


def test_each_pays_by_the_points_they_gave() -> None:
    groups = (Group((("trees", 3),), 1), Group((("trees", 1),), 1))
    result = count(Election((Candidate("trees", 8),), 16, groups), shares("points"))
    assert result.why["trees"].sentence == (
        "2 people voted for it and bought it together, each paying 2 for each point they gave it of their share of 8."
    )
    assert result.shares is not None
    assert result.shares == Shares(Fraction(8), ((2, 1), (6, 1)), 1)


def test_the_last_tie_is_broken_by_dice_where_they_were_thrown() -> None:
    """The lot of each is a SHA-256 that anybody works out from the dice and the id, and the lowest goes first."""
    candidates = tuple(Candidate(ref, 2) for ref in ("a", "b", "c"))
    firsts = set()
    for dice in ("1 2 3 4 5 6 1 2 3 4", "6543216543", "1111111111", "2 2 2 2 2 2 2 2 2 2"):
        result = count(Election(candidates, 2, approvals("a b c"), lot=dice), Rule())
        plain = dice.replace(" ", "")
        assert result.winners == min((lot_of(plain, ref), (ref,)) for ref in "abc")[1]
        firsts |= set(result.winners)
    assert len(firsts) > 1


@pytest.mark.parametrize("dice", ["123", "12345678901", "six six six six", "7" * 10])
def test_what_is_no_throw_of_dice_is_refused(dice: str) -> None:
    with pytest.raises(UnsoundElection, match="at least 10 dice, each a figure from 1 to 6"):
        count(Election((Candidate("a", 1),), 1, (), lot=dice), Rule())


@pytest.mark.parametrize("limit", [Limit("the north", -1, frozenset({"a"})), Limit("the north", 1, frozenset({"z"}))])
def test_a_limit_that_makes_no_sense_is_refused(limit: Limit) -> None:
    with pytest.raises(UnsoundElection, match="the limit for the north"):
        count(Election((Candidate("a", 1),), 1, (), limits=(limit,)), Rule())
