"""How many papers are audited and which: exact, drawn by dice, the same for everybody."""

import hashlib
from fractions import Fraction

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.commands import main
from ledger.ballot.sampling import NoSample, drawn, explained, sample_size
from ledger.tally import UnsoundElection

DICE = "4 1 6 2 5 3 3 1 2 6 4 4"


@pytest.mark.parametrize(("papers", "wrong", "size"), [(800, 8, 249), (800, 20, 110), (1, 1, 1), (10, 10, 1), (10, 1, 10)])
def test_a_sample_is_as_large_as_it_has_to_be(papers: int, wrong: int, size: int) -> None:
    assert sample_size(papers, wrong) == size


def missed(papers: int, wrong: int, size: int) -> Fraction:
    """The slow and obvious twin: paper after paper is drawn, and none of them is a wrong one."""
    chance = Fraction(1)
    for taken in range(size):
        chance *= Fraction(max(papers - wrong - taken, 0), papers - taken)
    return chance


@given(st.integers(1, 300).flatmap(lambda papers: st.tuples(st.just(papers), st.integers(1, papers))))
def test_one_paper_fewer_would_miss_too_often_and_this_size_does_not(sizes: tuple[int, int]) -> None:
    papers, wrong = sizes
    size = sample_size(papers, wrong)
    assert missed(papers, wrong, size) <= Fraction(5, 100) < missed(papers, wrong, size - 1)


def test_the_same_dice_draw_the_same_papers_and_other_dice_draw_others() -> None:
    first = drawn(800, 8, DICE)
    assert (len(first), len(set(first)), min(first) >= 1, max(first) <= 800) == (249, 249, True, True)
    assert drawn(800, 8, DICE.replace(" ", "")) == first
    assert drawn(800, 8, DICE[:-1] + "5") != first
    assert drawn(800, 20, DICE) == first[:110], "a smaller sample is the beginning of a larger one"
    order = [hashlib.sha256(f"sample\n{DICE.replace(' ', '')}\n{number}\n".encode()).hexdigest() for number in range(1, 801)]
    assert [number - 1 for number in first] == sorted(range(800), key=lambda place: order[place])[:249]


def test_what_cannot_be_drawn_is_a_sentence() -> None:
    with pytest.raises(NoSample, match="from 1 to 10"):
        sample_size(10, 11)
    with pytest.raises(NoSample, match="thrown in public"):
        drawn(10, 1, "")
    with pytest.raises(UnsoundElection, match="each a figure from 1 to 6"):
        drawn(10, 1, "7" * 12)


def test_a_city_of_papers_is_sampled_too() -> None:
    assert sample_size(200_000, 100) < 6_000
    assert "249 are compared" in explained(800, 8)


def test_the_command_draws_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")
    answer = CliRunner().invoke(main, ["round", "sample", "800", "--wrong", "8", "--dice", DICE])
    assert answer.exit_code == 0
    lines = answer.output.splitlines()
    assert "249 are compared" in lines[0]
    assert [int(number) for number in lines[1].split()] == list(drawn(800, 8, DICE))
    again = CliRunner().invoke(main, ["round", "sample", "800", "--wrong", "900", "--dice", DICE])
    assert (again.exit_code, len(again.output.splitlines())) == (2, 1)
