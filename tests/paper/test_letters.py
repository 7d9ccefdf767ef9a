"""Letters with voting codes: made offline, for a window envelope, in bounded memory, readable by their owner alone."""

import csv
import io
import stat
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands import main
from app.printing.letters import (
    BESIDE,
    LEFT,
    WHITE,
    WINDOW,
    About,
    Letter,
    LetterRefused,
    LetterTooLong,
    letters_in,
    write_letters,
)
from ledger.ballot.codes import new_code, printed
from tests.paper.reading import pages, pieces, words

BOOTH = "https://partnership.example/vote/oak-street-2026"
ABOUT = About(
    title="Oak Street 2026", booth=BOOTH, opens_on=date(2026, 12, 1), closes_on=date(2026, 12, 21),
    sender="Glodbrook Partnership, The Old Library, Glodbrook GB1 1AA", contact="Ring 01632 960001.",
)  # fmt: skip
CODE = "7F3K9QWA" * 3
LONG = "Neighbours " * 60


def a_letter(*lines: str) -> bytes:
    """One letter, to these lines."""
    out = io.BytesIO()
    assert write_letters(out, ABOUT, [Letter(lines or ("Asha Brandt", "1 Mill Lane"), CODE)]) == 1
    return out.getvalue()


def run(codes: Path, folder: Path, *more: str) -> Result:
    """The command, with a database that is not there."""
    words = [
        "round", "letters", str(codes), str(folder), "--title", "Oak Street 2026", "--booth", BOOTH,
        "--opens", "2026-12-01", "--closes", "2026-12-21", "--sender", "The Old Library", "--contact", "Ring us.", *more,
    ]  # fmt: skip
    return CliRunner(env={"DATABASE_URL": "sqlite:////nowhere/at/all.db"}).invoke(main, words)


def codes_file(path: Path, people: int) -> Path:
    """What “round roll” writes."""
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["name", "street", "code"])
        out.writerows([f"Resident {number}", f"{number} Mill Lane", printed(new_code())] for number in range(people))
    return path


def test_a_letter_says_who_when_how_with_which_code_and_what_is_not_promised() -> None:
    said = words(a_letter())
    for part in (
        "Asha Brandt", "1 December 2026", "21 December 2026", BOOTH, "7F3K 9QWA 7F3K", "7F3K-9QWA-7F3K-9QWA-7F3K-9QWA",
        "You need no account", "the paper counts instead", "not for statutory elections", "Ring 01632 960001.",
    ):  # fmt: skip
        assert part in said


def test_a_window_shows_the_address_and_nothing_else_however_the_page_lies_in_its_envelope() -> None:
    six = tuple(f"Line {number} of a long address" for number in range(6))
    shown = [piece for piece in pieces(pages(a_letter(*six))[0]) if WHITE[0] < piece.top < WHITE[1] and piece.left < BESIDE]
    assert [piece.words for piece in shown] == list(six)
    assert all(WINDOW[0] < piece.top < WINDOW[1] and piece.left >= LEFT - 0.1 for piece in shown)


def test_a_letter_names_people_whose_names_english_does_not_spell() -> None:
    assert "Łucja Nguyễn" in words(a_letter("Łucja Nguyễn", "Ελλάδα", "Київ"))
    assert "É" in words(a_letter("E\N{COMBINING ACUTE ACCENT}va")), "an accent is on its letter"


def test_the_square_leads_to_the_booth_and_holds_no_code() -> None:
    """The page of another person draws the very same square: it is one form that every page refers to."""
    out = io.BytesIO()
    write_letters(out, ABOUT, [Letter(("Asha",), CODE), Letter(("Bilal",), "0" * 24)])
    forms = {str(page["/Resources"]["/XObject"]) for page in pages(out.getvalue())}  # type: ignore[index]  # a PDF's own dictionary
    assert len(forms) == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"name": "Asha", "code": "7F3K"}, "Row 2 .* has no voting code"),
        ({"name": "", "code": CODE}, "one to 6 lines, and this one has 0"),
        ({**{str(n): "x" for n in range(7)}, "code": CODE}, "one to 6 lines, and this one has 7"),
        ({"name": "深", "code": CODE}, "cannot print “深”"),
        ({"name": None, "code": CODE}, "more or fewer columns"),
    ],
)
def test_a_row_that_cannot_be_a_letter_is_named(row: dict[str, str], problem: str) -> None:
    with pytest.raises(LetterRefused, match=problem):
        list(letters_in([row]))


def test_a_code_that_stands_twice_is_refused() -> None:
    with pytest.raises(LetterRefused, match=r"Row 3 .* stands in an earlier row"):
        list(letters_in([{"name": "Asha", "code": CODE}, {"name": "Bilal", "code": printed(CODE).lower()}]))


@pytest.mark.parametrize(
    "about",
    [replace(ABOUT, title=LONG), replace(ABOUT, sender=LONG), replace(ABOUT, contact=LONG)],
    ids=["title", "from", "to"],
)
def test_a_letter_that_would_run_over_its_page_is_refused(about: About) -> None:
    with pytest.raises(LetterTooLong):
        write_letters(io.BytesIO(), about, [Letter(("Asha",), CODE)])


def test_the_command_makes_files_that_only_their_owner_reads(tmp_path: Path) -> None:
    """Five letters, two in a file; again, the same files to the byte."""
    codes = codes_file(tmp_path / "codes.csv", 5)
    assert run(codes, tmp_path / "out", "--each", "2").output.startswith("5 letters are in")
    files = sorted((tmp_path / "out").iterdir())
    first = [path.read_bytes() for path in files]
    assert [len(pages(written)) for written in first] == [2, 2, 1]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert run(codes, tmp_path / "out", "--each", "2").exit_code == 0
    assert [path.read_bytes() for path in sorted((tmp_path / "out").iterdir())] == first
    assert ["Resident 4" in words(written) for written in first] == [False, False, True]


@pytest.mark.parametrize(
    "content", ["name,street\nAsha,Mill Lane\n", "name,code\n", "", "name,code\nAsha\n", "name,code\n\xff"]
)
def test_a_file_that_holds_no_letters_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "codes.csv").write_bytes(content.encode("latin-1"))
    answer = run(tmp_path / "codes.csv", tmp_path / "out")
    assert (answer.exit_code, len(answer.output.strip().splitlines())) == (2, 1), answer.output
    assert not list((tmp_path / "out").glob("*.pdf"))


def test_ten_times_as_many_letters_need_hardly_more_memory(tmp_path: Path) -> None:
    def peak(people: int) -> int:
        codes = codes_file(tmp_path / f"{people}.csv", people)
        tracemalloc.start()
        try:
            assert run(codes, tmp_path / "out", "--each", "50").exit_code == 0
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(50)  # what is loaded once
    assert peak(1_000) < 2 * peak(100)


def test_letters_are_read_only_as_far_as_they_are_written() -> None:
    """A broken row late in the file is found when its turn comes: nobody holds the whole list."""

    def rows() -> Iterator[dict[str, str]]:
        yield {"name": "Asha", "code": CODE}
        raise AssertionError("read too far")

    assert next(letters_in(rows())).lines == ("Asha",)
