"""Thirteen real elections: our winners are those that two independent implementations agree on, and what cities published."""

import json
from pathlib import Path

import pytest

from ledger.pabulib import PabulibFile, read
from ledger.tally import Rule, count

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
# Raising every share by one unit at a time counts the election some hundreds of times over: these take more than ten seconds.
SLOW = {
    ("Poland_Wieliczka_2023_Green_Budget.pb", "equal-shares-add1"),
    ("Poland_Warszawa_2017_Praga-Polnoc.pb", "equal-shares-add1-exhaustive-greedy"),
    ("Poland_Warszawa_2019_Sielce.pb", "equal-shares-add1-exhaustive-greedy"),
    ("Poland_Warszawa_2024_Wesola.pb", "equal-shares-add1-exhaustive-greedy"),
    ("US_Stanford_Dataset_South_Lake_Tahoe_2021_Quadrant_1_vote_knapsacks.pb", "equal-shares-add1-exhaustive-greedy"),
}


def expected_counts() -> list[object]:
    return [
        pytest.param(name, rule, id=f"{name.removesuffix('.pb')}-{rule}", marks=[pytest.mark.slow] * ((name, rule) in SLOW))
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
    slow = {"Poland_Wieliczka_2023_Green_Budget.pb"}
    return [
        pytest.param(name, rules["published"], id=name.removesuffix(".pb"), marks=[pytest.mark.slow] * (name in slow))
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
def test_every_proposal_has_a_reason_and_the_winners_fit_the_budget(name: str) -> None:
    election = read(DATA / name).election()
    for rule in (RULES["greedy-cost"], RULES["equal-shares"], RULES["phragmen"]):
        result = count(election, rule)
        assert result.cost <= result.budget
        assert set(result.why) == {candidate.id for candidate in election.candidates}
        assert [ref for ref, why in sorted(result.why.items(), key=lambda item: item[1].step or 0) if why.chosen] == list(
            result.winners
        )
        assert all("voted for it" in why.sentence for why in result.why.values())
