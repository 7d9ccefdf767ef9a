"""`commonpurse tally`: the contract of its options, its JSON, its exit codes and its one sentence."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands import main
from tests.tally.small_elections import GOOD, written

DATA = Path(__file__).parents[1] / "data" / "pabulib"
EXPECTED = json.loads((DATA / "expected.json").read_text())

OPTIONS = {
    "greedy-cost": ["--rule", "greedy", "--satisfaction", "cost"],
    "greedy-cardinality": ["--rule", "greedy", "--satisfaction", "cardinality"],
    "equal-shares": ["--rule", "equal-shares", "--satisfaction", "cost", "--completion", "none"],
    "phragmen": ["--rule", "phragmen"],
    "equal-shares-add1": ["--rule", "equal-shares", "--completion", "add1"],
    "equal-shares-add1-exhaustive-greedy": ["--rule", "equal-shares", "--completion", "add1-exhaustive-greedy"],
}


def tally(path: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["tally", str(path), *options])


@pytest.mark.parametrize("rule", OPTIONS)
def test_the_command_gives_the_winners_of_a_real_city_by_every_rule(rule: str) -> None:
    name = "Netherlands_Assen_2024.pb"
    said = tally(DATA / name, *OPTIONS[rule], "--json")
    assert (said.exit_code, said.stderr) == (0, "")
    assert sorted(json.loads(said.stdout)["winners"]) == EXPECTED[name][rule]


def test_the_options_of_greedy_reach_the_count() -> None:
    path = DATA / "Poland_Gdynia_2020.pb"
    said = json.loads(tally(path, "--rule", "greedy", "--stop-at-first-miss", "--minimum-votes", "1000", "--json").stdout)
    assert sorted(said["winners"]) == EXPECTED["Poland_Gdynia_2020.pb"]["published"]["winners"]
    none = json.loads(tally(path, "--rule", "greedy", "--minimum-votes", "99999", "--json").stdout)
    assert none["winners"] == []


def test_a_limit_for_a_category_and_the_dice_reach_the_count(tmp_path: Path) -> None:
    text = GOOD.replace("votes;name;selected", "votes;name;category;selected").replace("Bench;1", "Bench;Seats,Play;1")
    path = written(tmp_path, text.replace('""old"" ones";0', '""old"" ones";Green;0').replace("budget;100", "budget;200"))
    both = json.loads(tally(path, "--rule", "greedy", "--json").stdout)
    assert both["winners"] == ["OGM/0015", "1"]
    said = json.loads(tally(path, "--rule", "greedy", "--limit", "Play=59", "--lot", "3 3 1 6 2 4 5 1 1 6", "--json").stdout)
    assert (said["winners"], said["lot"]) == (["OGM/0015"], "3 3 1 6 2 4 5 1 1 6")
    assert "of the 59 for “Play” 59 was left, 1 short of its cost" in said["projects"]["1"]["why"]


@pytest.mark.parametrize("limit", ["Play", "Play=", "Play=-1", "Play=NaN", "Play=1e99999", "Boats=5", "=5", "Play=0.5"])
def test_what_is_no_limit_is_one_sentence_and_exit_code_2(tmp_path: Path, limit: str) -> None:
    text = GOOD.replace("votes;name;selected", "votes;name;category;selected").replace("Bench;1", "Bench;Play;1")
    path = written(tmp_path, text.replace('""old"" ones";0', '""old"" ones";Green;0'))
    said = tally(path, "--rule", "greedy", "--limit", limit)
    assert (said.exit_code, said.stdout) == (2, "")
    assert "is no limit for this file" in said.stderr


def test_the_json_says_everything_in_the_files_own_currency(tmp_path: Path) -> None:
    said = tally(written(tmp_path, GOOD.replace("budget;100", "budget;100.10")), "--rule", "greedy", "--json")
    assert json.loads(said.stdout, parse_float=Decimal) == {
        "rule": "greedy",
        "satisfaction": "cost",
        "completion": "none",
        "votes": 3,
        "budget": Decimal("100.1"),
        "cost": 50,
        "winners": ["OGM/0015"],
        "ties": [{"candidates": ["OGM/0015", "1"], "first": "OGM/0015"}],
        "projects": {
            "1": {
                "votes": 2,
                "points": 2,
                "cost": 60,
                "chosen": False,
                "step": None,
                "why": "2 people voted for it; when its turn came 50.10 was left, 9.90 short of its cost.",
            },
            "OGM/0015": {
                "votes": 2,
                "points": 2,
                "cost": 50,
                "chosen": True,
                "step": 1,
                "why": "2 people voted for it; when its turn came 100.10 was left, enough for its cost.",
            },
        },
    }


def test_no_digit_of_a_large_amount_is_lost_in_the_json(tmp_path: Path) -> None:
    text = GOOD.replace("budget;100", "budget;999999999999999.000001").replace("1;60", "1;900000000000000.070001")
    said = json.loads(tally(written(tmp_path, text), "--rule", "greedy", "--json").stdout, parse_float=Decimal)
    assert said["budget"] == Decimal("999999999999999.000001")
    assert said["cost"] == Decimal("900000000000050.070001")


def test_a_person_reads_a_short_table() -> None:
    said = tally(DATA / "Poland_Krakow_2023_Grzegorzki.pb", "--rule", "greedy", "--satisfaction", "points")
    lines = said.stdout.splitlines()
    assert lines[0] == "1,997 ballots, budget 1,310,641.1 PLN, spent 1,309,700."
    assert [line.split() for line in lines if "BO.D2.39/23" in line] == [
        ["2", "BO.D2.39/23", "Przystań", "w", "Parku", "przy", "Fabrycznej!", "1,098", "150,000"]
    ]
    assert lines[-1].startswith("8 chosen, 15 not. 1 tie was broken by votes, then cost, then id.")
    assert (said.exit_code, said.stderr) == (0, "")


def test_a_person_is_told_when_nothing_won(tmp_path: Path) -> None:
    said = tally(written(tmp_path, GOOD), "--rule", "greedy", "--minimum-votes", "3")
    assert said.stdout == "3 ballots, budget 100 PLN, spent 0.\n0 chosen, 2 not. With --json, each has its reason.\n"


def test_what_a_file_names_cannot_write_on_the_screen(tmp_path: Path) -> None:
    said = tally(written(tmp_path, GOOD.replace(";Bench;", ";\x1b[31m[red]Bench;").replace("1;60", "1;10")), "--rule", "greedy")
    assert "\x1b" not in said.stdout
    assert "[red]Bench" in said.stdout


def test_what_disagrees_in_a_file_is_remarked_on_stderr(tmp_path: Path) -> None:
    said = tally(written(tmp_path, GOOD.replace("1;60;2;", "1;60;9;")), "--rule", "greedy")
    assert said.stderr == "Remark: line 12: the file says 9 votes for project 1, and its ballots hold 2.\n"
    assert said.exit_code == 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("b;1;", "b;99;"), "election.pb, line 17: this vote names project “99”, which is not in PROJECTS."),
        (GOOD[: GOOD.rindex("c;")], "election.pb, line 17: META says 3 votes and the file has 2; it may have been cut short."),
        ("\x00" * 300_000, "election.pb, line 1: this line is longer than 100,000 bytes, so this is not an election file."),
    ],
    ids=["unknown project", "cut short", "noise"],
)
def test_an_unusable_file_is_one_sentence_on_stderr_and_exit_code_2(tmp_path: Path, text: str, says: str) -> None:
    said = tally(written(tmp_path, text), "--rule", "greedy", "--json")
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr == f"{says} Nothing was recorded; correct the file and try again.\n"


def test_a_file_that_is_not_there_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    said = tally(tmp_path / "nowhere.pb", "--rule", "greedy")
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr.startswith("There is no file nowhere.pb that can be read.")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--rule", "greedy", "--completion", "add1"],
        ["--rule", "phragmen", "--satisfaction", "cardinality"],
        ["--rule", "equal-shares", "--satisfaction", "points", "--completion", "add-opt"],
        ["--rule", "phragmen", "--stop-at-first-miss"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_one_sentence_and_exit_code_2(tmp_path: Path, options: list[str]) -> None:
    said = tally(written(tmp_path, GOOD), *options)
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr.startswith("There is no such way of counting: ")
    assert said.stderr.count("\n") == 1


@pytest.mark.parametrize("options", [[], ["--rule", "dictator"], ["--rule", "greedy", "--minimum-votes", "-1"]], ids=str)
def test_options_that_do_not_exist_have_exit_code_2_and_no_trace(tmp_path: Path, options: list[str]) -> None:
    said = tally(written(tmp_path, GOOD), *options)
    assert (said.exit_code, said.stdout) == (2, "")
    assert "Traceback" not in said.stderr
