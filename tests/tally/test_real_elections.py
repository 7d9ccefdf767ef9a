"""Thirteen real elections: our winners are those that two independent implementations agree on, and what cities published."""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from ledger.pabulib import PabulibFile, read
from ledger.tally import Rule, count
from ledger.tally.equal_shares import endowment, outcome
from ledger.tally.profile import Profile

DATA = Path(__file__).parents[1] / "data" / "pabulib"
EXPECTED: dict[str, dict[str, object]] = json.loads((DATA / "expected.json").read_text())

RULES = {
    "greedy-cost": Rule(),
    "greedy-cardinality": Rule(satisfaction="cardinality"),
    "equal-shares": Rule(name="equal-shares"),
    "phragmen": Rule(name="phragmen"),
    "equal-shares-add1": Rule(name="equal-shares", completion="add1"),
    "equal-shares-add1-exhaustive-greedy": Rule(name="equal-shares", completion="add1-exhaustive-greedy"),
}


def expected_counts() -> list[object]:
    return [
        pytest.param(name, rule, id=f"{name.removesuffix('.pb')}-{rule}")
        for name, rules in EXPECTED.items()
        for rule in rules
        if rule != "published"
    ]


def published_rule(file: PabulibFile, said: dict[str, object]) -> Rule:
    """The rule that the README of the data names for what the city announced."""
    words = str(said["rule"])
    if "add1" in words:
        return Rule(name="equal-shares", completion="add1")
    return Rule(
        satisfaction="points" if said["by"] == "score" else "cost",
        stop_at_first_miss="stopping" in words,
        minimum_votes=int(file.meta.get("min_project_score_threshold", "0")),
    )


@pytest.mark.parametrize(("name", "rule"), expected_counts())
def test_the_winners_are_those_that_two_other_implementations_found(name: str, rule: str) -> None:
    result = count(read(DATA / name).election(), RULES[rule])
    assert sorted(result.winners) == EXPECTED[name][rule]


def published_outcomes() -> list[object]:
    return [
        pytest.param(name, rules["published"], id=name.removesuffix(".pb"))
        for name, rules in EXPECTED.items()
        if isinstance(rules.get("published"), dict) and rules["published"]["rule"] is not None  # type: ignore[index]  # a dict
    ]


@pytest.mark.parametrize(("name", "said"), published_outcomes())
def test_what_the_city_published_comes_out_by_the_rule_it_named(name: str, said: dict[str, object]) -> None:
    file = read(DATA / name)
    result = count(file.election(), published_rule(file, said))
    assert sorted(result.winners) == said["winners"]
    assert sorted(result.winners) == sorted(project.id for project in file.projects if project.selected == 1)


def test_every_file_of_the_collection_has_expectations() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in DATA.glob("*.pb"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_proposal_of_a_real_election_has_a_reason_and_the_winners_fit_the_budget(name: str) -> None:
    election = read(DATA / name).election()
    for rule in (Rule(), Rule(satisfaction="points"), Rule(name="equal-shares"), Rule(name="phragmen")):
        result = count(election, rule)
        assert result.cost == sum(result.why[ref].cost for ref in result.winners) <= result.budget
        assert set(result.why) == {candidate.id for candidate in election.candidates}
        assert {why.step: ref for ref, why in result.why.items() if why.chosen} == dict(enumerate(result.winners, start=1))
        assert all("voted for it" in why.sentence for why in result.why.values())


def test_the_largest_election_is_raised_until_one_more_unit_would_overspend() -> None:
    """Łódź: 90,494 ballots, and 58 units more for each voter than an equal share of the budget."""
    election = read(DATA / "Poland_Lodz_2022.pb").election()
    rule, profile = Rule(name="equal-shares", completion="add1"), Profile(election)

    def cost(each: Fraction) -> int:
        return sum(profile.candidates[ref].cost for ref in outcome(profile, rule, each))

    (raised,) = endowment(profile, rule)
    assert raised == Fraction(election.budget, election.voters) + 58
    assert cost(raised) <= election.budget < cost(raised + 1)
