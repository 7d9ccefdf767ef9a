"""Reading `.pb` files: what is met in the wild is read, what is broken gets one sentence with its line."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.pabulib import BadElectionFile, read

GOOD = """META
key;value
description;Benches and trees
num_projects;2
num_votes;3
budget;100
vote_type;approval
currency;PLN
max_length;2
PROJECTS
project_id;cost;votes;name;selected
1;60;2;Bench;1
OGM/0015;50;2;"Trees; ""old"" ones";0
VOTES
voter_id;vote;age
a;1,OGM/0015;30
b;1;
c;OGM/0015
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "election.pb"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_good_file_is_read_to_the_last_field(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD))
    assert (file.budget, file.vote_type, file.meta["currency"]) == (Decimal(100), "approval", "PLN")
    assert [(p.id, p.cost, p.name, p.selected) for p in file.projects] == [
        ("1", Decimal(60), "Bench", 1),
        ("OGM/0015", Decimal(50), 'Trees; "old" ones', 0),
    ]
    assert [(b.voter, [ref for ref, _ in b.choices]) for b in file.ballots] == [
        ("a", ["1", "OGM/0015"]),
        ("b", ["1"]),
        ("c", ["OGM/0015"]),
    ]
    assert file.remarks == ()


@pytest.mark.parametrize(
    "change",
    [
        ("\n", "\r\n"),
        ("META\n", "\ufeffMETA\n"),
        ("1;60", "1;60.00"),
        ("1;60", "1; 60,0"),
        ("budget;100", "budget;\u00a0100"),
        ("b;1;", "b;;"),
        ("META\n", "META;;\n"),
    ],
    ids=["CR LF", "byte-order mark", "decimal point", "decimal comma", "non-breaking space", "empty ballot", "semicolons"],
)
def test_what_is_met_in_the_wild_is_read(tmp_path: Path, change: tuple[str, str]) -> None:
    file = read(written(tmp_path, GOOD.replace(*change)))
    assert file.budget == Decimal(100)
    assert file.projects[0].cost == Decimal(60)
    assert len(file.ballots) == 3


def test_parts_of_a_currency_unit_stay_exact(tmp_path: Path) -> None:
    election = read(written(tmp_path, GOOD.replace("budget;100", "budget;100.05"))).election()
    assert (election.unit, election.budget, election.candidates[0].cost) == (100, 10005, 6000)


def test_a_votes_column_that_disagrees_is_told_and_not_mended(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD.replace("1;60;2;", "1;60;9;")))
    assert file.remarks == ("line 12: the file says 9 votes for project 1, and its ballots hold 2.",)


def test_a_ranking_gives_borda_points(tmp_path: Path) -> None:
    file = read(written(tmp_path, GOOD.replace("approval", "ordinal")))
    assert file.ballots[0].choices == (("1", 2), ("OGM/0015", 1))


def test_points_stand_beside_the_projects_they_are_for(tmp_path: Path) -> None:
    text = GOOD.replace("approval", "cumulative").replace("vote;age", "vote;points").replace("OGM/0015;30", "OGM/0015;3,4")
    text = text.replace("b;1;", "b;1;7").replace("c;OGM/0015", "c;OGM/0015;1")
    assert read(written(tmp_path, text)).ballots[0].choices == (("1", 3), ("OGM/0015", 4))


BROKEN = {
    "cut short in the votes": (GOOD[: GOOD.rindex("c;")], 17, "META says 3 votes and the file has 2"),
    "cut short before the votes": (GOOD[: GOOD.index("VOTES")], 13, "VOTES should begin"),
    "cut short before the projects": (GOOD[: GOOD.index("PROJECTS")], 9, "PROJECTS should begin"),
    "empty": ("", 0, "META should begin"),
    "one vote too many": (GOOD + "d;1\n", 19, "META says 3 votes, and here is one more"),
    "one project too many": (GOOD.replace("VOTES\n", "7;1;0;x;0\nVOTES\n"), 14, "META says 2 projects, and here is one"),
    "one project too few": (GOOD.replace("num_projects;2", "num_projects;3"), 18, "META says 3 projects and the file has 2"),
    "an unknown project": (GOOD.replace("b;1;", "b;99;"), 17, "names project “99”"),
    "a project twice in a vote": (GOOD.replace("b;1;", "b;1,1;"), 17, "names a project twice"),
    "a negative cost": (GOOD.replace("1;60", "1;-60"), 12, "is negative"),
    "a cost that is no number": (GOOD.replace("1;60", "1;NaN"), 12, "“NaN”, which is not an amount"),
    "a cost in powers of ten": (GOOD.replace("1;60", "1;1e9"), 12, "not an amount"),
    "a cost of 10³⁰": (GOOD.replace("1;60", "1;1" + 30 * "0"), 12, "not an amount"),
    "no budget": (GOOD.replace("budget;100\n", ""), 9, "budget is “”"),
    "a budget of nothing": (GOOD.replace("budget;100", "budget;0"), 10, "more than zero"),
    "a voter twice": (GOOD.replace("b;1;", "a;1;"), 17, "voter a stands here a second time"),
    "a project twice": (GOOD.replace("OGM/0015;50", "1;50"), 13, "project 1 stands here a second time"),
    "a ballot over its limit": (GOOD.replace("max_length;2", "max_length;1"), 16, "names 2 projects and 1 are allowed"),
    "an unknown kind of ballot": (GOOD.replace("approval", "telepathy"), 10, "“telepathy”"),
    "no count of votes": (GOOD.replace("num_votes;3\n", ""), 14, "num_votes"),
    "a voter without a name": (GOOD.replace("b;1;", ";1;"), 17, "needs a voter_id"),
    "a key twice": (GOOD.replace("currency;PLN", "budget;7"), 8, "“budget” twice"),
    "no header for votes": (GOOD.replace("voter_id;vote;age", "who;what"), 15, "no column “voter_id”"),
    "a column twice": (GOOD.replace("vote;age", "vote;vote"), 15, "a column twice"),
    "too many fields": (GOOD.replace("b;1;", "b;1;30;x;y"), 17, "5 fields and the header has 3"),
    "points for fewer than it names": (
        GOOD.replace("approval", "cumulative").replace("vote;age", "vote;points"), 16, "names 2 projects and gives points to 1",
    ),
    "a zero byte": (GOOD.replace("Bench;", "Ben\x00ch;"), 12, "zero byte"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gets_one_sentence_with_its_line(tmp_path: Path, case: str) -> None:
    text, line, says = BROKEN[case]
    with pytest.raises(BadElectionFile) as refused:
        read(written(tmp_path, text))
    sentence = refused.value.sentence
    assert f"line {line}:" in sentence
    assert says in sentence
    assert "Nothing was recorded" in sentence
    assert "\n" not in sentence


def test_a_file_that_is_not_utf_8_is_told_so_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadElectionFile, match=r"line 12: this line is not UTF-8"):
        read(written(tmp_path, GOOD.encode().replace(b"Bench;", b"\xff\xfe;")))


def test_two_hundred_megabytes_of_noise_are_refused_at_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "noise.pb"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # a sparse file: zeros to whoever reads it
    heard: list[int] = []
    with pytest.raises(BadElectionFile, match="line 1: this line is longer"):
        read(path, lambda done, _of: heard.append(done))
    assert not heard


def test_noise_after_a_good_beginning_is_refused_where_it_begins(tmp_path: Path) -> None:
    def noise() -> Iterator[str]:
        yield GOOD[: GOOD.index("1;60")]
        for number in range(100_000):
            yield f"n{number};{number};;;\n"

    with pytest.raises(BadElectionFile, match=r"line 14: META says 2 projects"):
        read(written(tmp_path, "".join(noise())))


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_mutation_is_read_or_refused_and_never_crashes(tmp_path: Path, data: st.DataObject) -> None:
    raw = bytearray(GOOD.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "repeat"])):
            case "flip":
                raw[at] = data.draw(st.integers(0, 255))
            case "cut":
                del raw[at : at + data.draw(st.integers(1, 30))]
            case "insert":
                raw[at:at] = data.draw(st.binary(max_size=6))
            case _:
                raw[at:at] = raw[at : at + 20]
        if not raw:
            raw = bytearray(b"x")
    try:
        file = read(written(tmp_path, bytes(raw)))
    except BadElectionFile as refused:
        assert "line " in refused.sentence  # noqa: PT017 - either outcome is right, and each has its own promise
    else:
        assert len(file.ballots) == int(file.meta["num_votes"])
        assert len(file.projects) == int(file.meta["num_projects"])
