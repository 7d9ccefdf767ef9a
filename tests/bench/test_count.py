"""The rows about the count: both sides count the same file, and whoever has other winners is named."""

import pytest

from ledger.pabulib import read
from ledger.tally import Rule, count
from tests.bench import counter, row_count
from tests.bench.measuring import Bench

ASSEN = row_count.DATA / "Netherlands_Assen_2024.pb"


def bench() -> Bench:
    return Bench(1, 1, 1, 0.05, False, None, [], [])


@pytest.mark.parametrize("rule", [{"name": "greedy"}, {"name": "equal-shares"}, {"name": "phragmen"}], ids=str)
def test_a_process_of_its_own_counts_as_we_do_here_and_pabutools_does_the_same(rule: dict[str, str]) -> None:
    winners = sorted(count(read(ASSEN).election(), Rule(**rule)).winners)  # type: ignore[arg-type]  # words of the rules
    ours = row_count._counted(ASSEN, rule=rule, explain=True)
    theirs = counter.pabutools({"file": str(ASSEN), "rule": rule, "own_reader": True})
    assert ours["winners"] == winners == theirs["winners"]
    assert ours["memory"] > 1_000_000
    assert {"read", "count", "explain", "other"} <= set(ours)


def test_with_our_reader_pabutools_counts_the_raised_shares() -> None:
    rule = {"name": "equal-shares", "completion": "add1"}
    theirs = counter.pabutools({"file": str(ASSEN), "rule": rule, "own_reader": False})
    assert theirs["winners"] == counter.ours({"file": str(ASSEN), "rule": rule})["winners"]


def test_whoever_has_other_winners_is_named() -> None:
    running = bench()
    row_count._same(running, "greedy on Assen", {"winners": ["1"]}, {"winners": ["2"]})
    row_count._same(running, "greedy on Assen", {"winners": ["1"]}, {"winners": ["1"]})
    assert running.wrong == ["greedy on Assen: our winners are ['1'], those of pabutools ['2']"]
