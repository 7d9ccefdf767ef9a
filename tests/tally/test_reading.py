"""Reading `.pb` files: what is met in the wild is read, exactly, and what disagrees is told."""

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.pabulib import NoElectionFile, PabulibFile, read
from tests.tally.small_elections import GOOD, WITH_POINTS, written

DATA = Path(__file__).parents[1] / "data" / "pabulib"


def test_a_good_file_is_read_to_the_last_field(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD))
    assert (file.budget, file.vote_type, file.currency) == (Decimal(100), "approval", "PLN")
    assert [(p.id, p.cost, p.name, p.votes, p.selected, p.line) for p in file.projects] == [
        ("1", Decimal(60), "Bench", 2, 1, 12),
        ("OGM/0015", Decimal(50), 'Trees; "old" ones', 2, 0, 13),
    ]
    assert [(b.voter, [ref for ref, _ in b.choices], b.line) for b in file.ballots] == [
        ("a", ["1", "OGM/0015"], 16),
        ("b", ["1"], 17),
        ("c", ["OGM/0015"], 18),
    ]
    assert (file.line_of("budget"), file.line_of("language")) == (6, 1)
    assert file.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert file.remarks == ()


def test_a_real_file_says_where_and_when_it_was_held() -> None:
    file = read(DATA / "Poland_Gdynia_2020.pb")
    told = (file.country, file.unit, file.instance, file.currency, file.description)
    assert told == ("Poland", "Gdynia", "2020", "PLN", "Municipal PB in Gdynia")
    assert file.sha256 == hashlib.sha256((DATA / "Poland_Gdynia_2020.pb").read_bytes()).hexdigest()


@pytest.mark.parametrize("path", sorted(DATA.glob("*.pb")), ids=lambda path: path.stem)
def test_every_real_file_is_accepted_and_its_ballots_bear_out_its_columns(path: Path) -> None:
    file = read(path)
    assert len(file.ballots) == int(file.meta["num_votes"])
    assert file.remarks == ()
    assert file.election().voters == len(file.ballots)


WILD = {
    "CR LF": ("\n", "\r\n"),
    "byte-order mark": ("META\n", "\ufeffMETA\n"),
    "decimal point": ("1;60", "1;60.00"),
    "decimal comma": ("1;60", "1; 60,0"),
    "non-breaking space": ("budget;100", "budget;\u00a0100"),
    "space between thousands": ("1;60", "1;0 060"),
    "empty ballot": ("b;1;", "b;;"),
    "empty ballot below the least length": ("max_length;2", "min_length;1"),
    "semicolons to the right": ("META\n", "META;;\n"),
    "a line of semicolons": ("VOTES\n", ";;;;\nVOTES\n"),
    "blank lines": ("PROJECTS\n", "\n  \nPROJECTS\n"),
    "more columns": ("voter_id;vote;age", "voter_id;vote;age;sex;neighborhood"),
    "a trailing empty column": ("voter_id;vote;age", "voter_id;vote;age;"),
    "spaces around an id": ("b;1;", "b; 1 ;"),
    "a limit of nothing is none": ("max_length;2", "max_length;0"),
    "capitals": ("approval", "Approval"),
    "no final line end": ("c;OGM/0015\n", "c;OGM/0015"),
    "a quotation mark inside": (";Bench;", ';The "good" bench;'),
    "words after a quotation": (";Bench;", ';"The good" bench;'),
    "a line break in quotation marks": (";Bench;", ';"Bench\nand\ntable";'),
    "a semicolon in META": ("Benches and trees", "Benches; trees"),
}


@pytest.mark.parametrize("case", WILD)
def test_what_is_met_in_the_wild_is_read(tmp_path: Path, case: str) -> None:
    file = read(written(tmp_path, GOOD.replace(*WILD[case])))
    assert file.budget == Decimal(100)
    assert [project.cost for project in file.projects] == [Decimal(60), Decimal(50)]
    assert [ballot.choices for ballot in file.ballots][::2] == [(("1", 1), ("OGM/0015", 1)), (("OGM/0015", 1),)]


def test_quotation_marks_and_line_breaks_are_read_as_they_are_meant(tmp_path: Path) -> None:
    changes = [WILD[case] for case in WILD if "quotation" in case]
    names = [read(written(tmp_path, GOOD.replace(*change))).projects[0].name for change in changes]
    assert names == ['The "good" bench', "The good bench", "Bench and table"]
    broken_line = read(written(tmp_path, GOOD.replace(*WILD["a line break in quotation marks"])))
    assert [project.line for project in broken_line.projects] == [12, 15]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example writes the file anew
@given(
    budget=st.decimals(min_value="0.01", max_value="999999999", places=2),
    cost=st.decimals(min_value=0, max_value="999999999999999", places=6),
)
def test_no_digit_of_an_amount_is_ever_lost(tmp_path: Path, budget: Decimal, cost: Decimal) -> None:
    file = read(written(tmp_path, GOOD.replace("budget;100", f"budget;{budget}").replace("1;60", f"1;{cost:f}")))
    election = file.election()
    assert (file.budget, file.projects[0].cost) == (budget, cost)
    assert election.budget == file.parts * budget
    assert election.candidates[0].cost == file.parts * cost
    assert election.unit == file.parts


def test_an_election_is_scaled_no_further_than_it_needs(tmp_path: Path) -> None:
    def scaled(budget: str) -> tuple[int, int, int]:
        election = read(written(tmp_path, GOOD.replace("budget;100", f"budget;{budget}"))).election()
        return election.unit, election.budget, election.candidates[0].cost

    assert scaled("100.00") == (1, 100, 60)
    assert scaled("100.50") == (10, 1005, 600)
    assert scaled("100,05") == (100, 10005, 6000)


def test_identical_ballots_stand_together_whatever_the_order_on_them(tmp_path: Path) -> None:
    election = read(written(tmp_path, GOOD.replace("b;1;", "b;OGM/0015,1;"))).election()
    assert [(group.choices, group.count) for group in election.groups] == [
        ((("1", 1), ("OGM/0015", 1)), 2),
        ((("OGM/0015", 1),), 1),
    ]


def test_a_votes_column_that_disagrees_is_told_and_not_mended(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD.replace("1;60;2;", "1;60;9;")))
    assert file.remarks == ("line 12: the file says 9 votes for project 1, and its ballots hold 2.",)
    assert sum(group.count for group in file.election().groups if ("1", 1) in group.choices) == 2


def test_a_score_column_that_disagrees_is_told_as_well(tmp_path: Path) -> None:
    file = read(written(tmp_path, WITH_POINTS.replace("cost;votes", "cost;score").replace("1;60;2;", "1;60;10;")))
    assert file.remarks == ("line 13: the file says 2 points for project OGM/0015, and its ballots hold 5.",)


def test_remarks_are_told_until_there_are_many(tmp_path: Path) -> None:
    projects = "".join(f"q{number};1;5;Bench;0\n" for number in range(30))
    file = read(written(tmp_path, GOOD.replace("num_projects;2", "num_projects;32").replace("VOTES\n", f"{projects}VOTES\n")))
    assert len(file.remarks) == 21
    assert file.remarks[-1] == "And 10 more like these."


def test_a_ranking_gives_borda_points(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD.replace("approval", "ordinal")))
    assert file.ballots[0].choices == (("1", 2), ("OGM/0015", 1))
    assert file.ballots[1].choices == (("1", 2),)


def test_points_stand_beside_the_projects_they_are_for(tmp_path: Path) -> None:
    assert read(written(tmp_path, WITH_POINTS)).ballots[0].choices == (("1", 3), ("OGM/0015", 4))


def test_scoring_may_take_points_away(tmp_path: Path) -> None:
    file = read(written(tmp_path, WITH_POINTS.replace("cumulative", "scoring").replace("OGM/0015;3,4", "OGM/0015;3,-4")))
    assert file.ballots[0].choices == (("1", 3), ("OGM/0015", -4))


def test_one_choice_is_read_as_an_approval_of_one(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD.replace("approval", "choose-1").replace("a;1,OGM/0015", "a;1")))
    assert [ballot.choices for ballot in file.ballots] == [(("1", 1),), (("1", 1),), (("OGM/0015", 1),)]


def test_progress_hears_of_all_the_bytes() -> None:
    heard: list[tuple[int, int]] = []
    path = DATA / "Poland_Gdynia_2020.pb"
    read(path, lambda done, of: heard.append((done, of)))
    size = path.stat().st_size
    assert heard[-1] == (size, size)
    assert len(heard) > 10
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)


@pytest.mark.parametrize("name", ["nowhere.pb", "."])
def test_a_file_that_is_not_there_gets_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(NoElectionFile, match="There is no file"):
        read(tmp_path / name)


def test_the_whole_file_is_a_value_that_two_readings_share(tmp_path: Path) -> None:
    readings: list[PabulibFile] = [read(written(tmp_path, GOOD)) for _ in range(2)]
    assert readings[0] == readings[1]
