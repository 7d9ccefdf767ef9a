"""Broken `.pb` files: each gets one sentence with its line, early and in little memory, and nothing else ever happens."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.pabulib import BadElectionFile, read
from ledger.tally import Rule, count
from tests.tally.small_elections import GOOD, WITH_POINTS, written

BROKEN = {
    "cut short in the votes": (GOOD[: GOOD.rindex("c;")], 17, "META says 3 votes and the file has 2"),
    "cut short in a line": (GOOD[: GOOD.rindex(";OGM")], 18, "this line has 1 field and the header has 3"),
    "cut short before the votes": (GOOD[: GOOD.index("VOTES")], 13, "VOTES should begin"),
    "cut short before the projects": (GOOD[: GOOD.index("PROJECTS")], 9, "PROJECTS should begin"),
    "cut short before a header": (GOOD[: GOOD.index("voter_id")], 14, "where a header line should begin"),
    "empty": ("", 1, "META should begin"),
    "something else": ("voter;vote\n1;2\n", 1, "META should begin here, and this line begins “voter”"),
    "one vote too many": (GOOD + "d;1\n", 19, "META says 3 votes, and here is one more"),
    "one project too many": (GOOD.replace("VOTES\n", "7;1;0;x;0\nVOTES\n"), 14, "META says 2 projects, and here is one"),
    "one project too few": (GOOD.replace("num_projects;2", "num_projects;3"), 18, "META says 3 projects and the file has 2"),
    "more votes than can be read": (GOOD.replace("votes;3", "votes;999999999"), 5, "num_votes can be 2,000,000 at most"),
    "an unknown project": (GOOD.replace("b;1;", "b;99;"), 17, "names project “99”"),
    "a project twice in a vote": (GOOD.replace("b;1;", "b;1,1;"), 17, "names a project twice"),
    "a negative cost": (GOOD.replace("1;60", "1;-60"), 12, "an amount cannot be negative"),
    "a cost with a minus sign": (GOOD.replace("1;60", "1;−60"), 12, "an amount cannot be negative"),
    "a cost that is no number": (GOOD.replace("1;60", "1;NaN"), 12, "“NaN”, which is not an amount"),
    "an infinite cost": (GOOD.replace("1;60", "1;inf"), 12, "“inf”, which is not an amount"),
    "a cost in powers of ten": (GOOD.replace("1;60", "1;1e9"), 12, "not an amount"),
    "a cost in other figures": (GOOD.replace("1;60", "1;٦٠"), 12, "not an amount"),
    "a cost of 10³⁰": (GOOD.replace("1;60", "1;1" + 30 * "0"), 12, "more than any budget"),
    "thousands or thousandths": (GOOD.replace("1;60", "1;60,000"), 12, "may mean thousands or thousandths"),
    "no cost": (GOOD.replace("1;60", "1;"), 12, "the cost of project “1” is “”"),
    "no budget": (GOOD.replace("budget;100\n", ""), 9, "the budget is “”"),
    "a budget of nothing": (GOOD.replace("budget;100", "budget;0"), 6, "more than zero, and META says “0”"),
    "a negative budget": (GOOD.replace("budget;100", "budget;-5"), 6, "an amount cannot be negative"),
    "a voter twice": (GOOD.replace("b;1;", "a;1;"), 17, "voter “a” stands here a second time"),
    "a project twice": (GOOD.replace("OGM/0015;50", "1;50"), 13, "project “1” stands here a second time"),
    "a project without an id": (GOOD.replace("1;60", ";60"), 12, "needs an id without commas"),
    "an id with a comma": (GOOD.replace("1;60", "1,2;60"), 12, "needs an id without commas"),
    "a ballot over its limit": (GOOD.replace("max_length;2", "max_length;1"), 16, "names 2 projects, and at most 1 may be"),
    "a ballot under its limit": (GOOD.replace("max_length", "min_length"), 17, "names 1 project, and at least 2 must"),
    "two choices where one is": (GOOD.replace("approval", "choose-1"), 16, "names 2 projects, and at most 1 may"),
    "a basket too dear": (GOOD.replace("max_length;2", "max_sum_cost;100"), 16, "projects for 110, and at most 100"),
    "an unknown kind of ballot": (GOOD.replace("approval", "telepathy"), 7, "META says “telepathy”"),
    "no count of votes": (GOOD.replace("num_votes;3\n", ""), 13, "num_votes has to be a whole number"),
    "a count that is no number": (GOOD.replace("num_votes;3", "num_votes;three"), 5, "META says “three”"),
    "a voter without a name": (GOOD.replace("b;1;", ";1;"), 17, "needs a voter_id"),
    "a key twice": (GOOD.replace("currency;PLN", "budget;7"), 8, "META says “budget” a second time"),
    "no line of META": (GOOD.replace("currency;PLN", "once upon a time"), 8, "this is not a line of META"),
    "no header for projects": (GOOD.replace("project_id;cost", "what;much"), 11, "no column “project_id”"),
    "no header for votes": (GOOD.replace("voter_id;vote;age", "who;what"), 15, "no column “voter_id”"),
    "a column twice": (GOOD.replace("vote;age", "vote;vote"), 15, "a column twice"),
    "too many fields": (GOOD.replace("b;1;", "b;1;30;x;y"), 17, "5 fields and the header has 3"),
    "a quotation that never ends": (GOOD.replace(";Bench;", ';"Bench;'), 12, "this line has 6 fields and the header has 5"),
    "a last quotation that never ends": (GOOD.replace("c;OGM", 'c;"OGM'), 18, "none closes it"),
    "a zero byte": (GOOD.replace("Bench;", "Ben\x00ch;"), 12, "zero byte"),
    "a carriage return in a number": (GOOD.replace("1;60", "1;6\r0e"), 12, "“6�0e”, which is not an amount"),
    "no points": (WITH_POINTS.replace("vote;points", "vote;age"), 15, "no column “points”"),
    "points for fewer than it names": (WITH_POINTS.replace(";3,4", ";3"), 16, "names 2 projects and gives points to 1"),
    "points below nothing": (WITH_POINTS.replace(";3,4", ";3,-4"), 16, "points are whole numbers from 0"),
    "points in parts": (WITH_POINTS.replace(";3,4", ";3,4.5").replace("cumulative", "scoring"), 16, "gives “4.5”"),
    "more points than there are": (WITH_POINTS.replace("max_length;2", "max_sum_points;6"), 16, "7 points, and at most 6"),
    "more points to one": (WITH_POINTS.replace("max_length;2", "max_points;6"), 17, "7 points to one project, and at most 6"),
    "fewer points than asked": (WITH_POINTS.replace("max_length;2", "min_sum_points;2"), 18, "1 point, and at least 2 must"),
    "fewer points to one": (WITH_POINTS.replace("max_length;2", "min_points;4"), 16, "3 points to one project, and at least 4"),
    "points for the unnamed": (WITH_POINTS.replace("max_length;2", "default_score;1"), 9, "counted as 0 here, and META"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gets_one_sentence_with_its_line(tmp_path: Path, case: str) -> None:
    text, line, says = BROKEN[case]
    with pytest.raises(BadElectionFile) as refused:
        read(written(tmp_path, text))
    sentence = refused.value.sentence
    assert f"election.pb, line {line}: " in sentence
    assert says in sentence
    assert "Nothing was recorded" in sentence
    assert sentence.isprintable()


@pytest.mark.parametrize("broken", [b"\xff\xfe;", "Ławka;".encode("iso-8859-2"), b"\xc5;"])
def test_a_file_that_is_not_utf_8_is_told_so_with_its_line(tmp_path: Path, broken: bytes) -> None:
    with pytest.raises(BadElectionFile, match=r"line 12: this line is not UTF-8"):
        read(written(tmp_path, GOOD.encode().replace(b"Bench;", broken)))


def test_what_a_file_says_cannot_write_on_the_screen(tmp_path: Path) -> None:
    with pytest.raises(BadElectionFile) as refused:
        read(written(tmp_path, GOOD.replace("b;1;", "b;\x1b[2J" + 200 * "9")))
    assert "“�[2J" in refused.value.sentence
    assert "9" * 37 not in refused.value.sentence


def test_a_file_cut_anywhere_is_refused_or_told(tmp_path: Path) -> None:
    """Cut after “c;” the last ballot reads as an empty one: nobody can know, but the votes column does not agree."""
    raw = GOOD.encode()
    read_in_spite_of_it = []
    for end in range(len(raw.rstrip())):
        try:
            file = read(written(tmp_path, raw[:end]))
        except BadElectionFile:
            continue
        assert file.remarks
        read_in_spite_of_it.append(raw[:end].rpartition(b"\n")[2])
    assert read_in_spite_of_it == [b"c;"]


BEGIN_PROJECTS, BEGIN_VOTES = GOOD.index("1;60"), GOOD.index("a;1")
MANY_VOTES = GOOD[:BEGIN_VOTES].replace("num_votes;3", "num_votes;300")
NOISE: dict[str, tuple[str, Callable[[int], str]]] = {
    "one endless line": ("", lambda number: f"{number} ink"),
    "lines of anything": ("", lambda number: f"{number} ink\n"),
    "blank lines": ("", lambda _: "\n"),
    "lines of semicolons": (GOOD[:BEGIN_PROJECTS], lambda _: ";;;;\n"),
    "quotation marks": ("", lambda _: '"\n"'),
    "an open quotation": (GOOD[:BEGIN_PROJECTS], lambda number: f"{'' if number else chr(34)}{number};ink\n"),
    "an open quotation over long lines": (GOOD[:BEGIN_PROJECTS], lambda number: f"{'' if number else chr(34)}{'ink' * 300}\n"),
    "endless META": (GOOD[: GOOD.index("PROJECTS")], lambda number: f"key{number};{'ink' * 20}\n"),
    "endless projects": (GOOD[:BEGIN_PROJECTS], lambda number: f"n{number};{number};;;\n"),
    "endless votes": (MANY_VOTES, lambda number: f"n{number};1;\n"),
}


@pytest.mark.parametrize("kind", NOISE)
def test_noise_is_refused_where_it_begins_and_in_little_memory(tmp_path: Path, kind: str) -> None:
    beginning, line = NOISE[kind]
    path = written(tmp_path, beginning)
    with path.open("a") as file:
        for number in range(1_000_000):
            file.write(line(number))
            if number % 1_000 == 0 and file.tell() > 2_000_000:
                break
    heard: list[int] = []
    tracemalloc.start()
    with pytest.raises(BadElectionFile, match=r"line \d+: "):
        read(path, lambda done, _of: heard.append(done))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    assert max(heard, default=0) < 200_000


def test_two_hundred_megabytes_are_refused_before_a_byte_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    with path.open("r+b") as file:
        file.truncate(200_000_000)  # a sparse file: zeros to whoever reads it
    heard: list[int] = []
    tracemalloc.start()
    with pytest.raises(BadElectionFile, match="line 1: a file of more than 100 MB is not read"):
        read(path, lambda done, _of: heard.append(done))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert not heard


def test_a_device_that_never_ends_is_refused() -> None:
    with pytest.raises(BadElectionFile, match="line 1: this line is longer than 100,000 bytes"):
        read(Path("/dev/zero"))


TOKENS = [
    '"',
    '""',
    "\r",
    "\n",
    ";",
    ",",
    "\u00a0",
    "\u2028",
    "²",
    "٣",
    "−",
    "-",
    "1e5",
    "VOTES",
    "\ufeff",
    "\x1c",
    "999999999999",
]


@pytest.mark.parametrize("good", [GOOD, WITH_POINTS, GOOD.replace("approval", "ordinal")], ids=["plain", "points", "ranking"])
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example writes the file anew
@given(data=st.data())
def test_any_mutation_is_read_or_refused_and_never_crashes(tmp_path: Path, good: str, data: st.DataObject) -> None:
    raw = good.encode()
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw)))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "token", "repeat"])):
            case "flip":
                raw = raw[:at] + bytes([data.draw(st.integers(0, 255))]) + raw[at + 1 :]
            case "cut":
                raw = raw[:at] + raw[at + data.draw(st.integers(1, 30)) :]
            case "insert":
                raw = raw[:at] + data.draw(st.binary(max_size=6)) + raw[at:]
            case "token":
                raw = raw[:at] + data.draw(st.sampled_from(TOKENS)).encode() + raw[at:]
            case _:
                raw = raw[:at] + raw[max(at - 20, 0) :]
    try:
        file = read(written(tmp_path, raw))
    except BadElectionFile as refused:
        assert "line " in refused.sentence  # noqa: PT017 - either outcome is right, and each has its own promise
        assert refused.sentence.isprintable()  # noqa: PT017 - as above
    else:
        assert len(file.ballots) == int(file.meta["num_votes"])
        assert len(file.projects) == int(file.meta["num_projects"])
        result = count(file.election(), Rule(satisfaction="points"))
        assert 0 <= result.cost <= result.budget
