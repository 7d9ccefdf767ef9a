"""Ballot papers and guides: what a resident fills in, and what they read before."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.commands import main
from app.printing.papers import Printed, write_ballot, write_guide
from app.printing.sheets import Sheets, printable
from ledger.rounds.reading import Line, RoundView, round_view
from tests.ballot.living import REF, SecretRound
from tests.pages.conftest import database_of
from tests.paper.reading import pages, pieces, words
from tests.web.inspecting import InspectingClient

STRIP = 74.0  # mm


@pytest.fixture
def view(secret_round: SecretRound) -> RoundView:
    with secret_round.world.database.reading() as session:
        return round_view(session, REF, today=secret_round.world.today)


def ballot(view: RoundView, *, large: bool = False) -> bytes:
    out = io.BytesIO()
    write_ballot(out, view, Printed(large=large))
    return out.getvalue()


def guide(view: RoundView, *, large: bool = False) -> bytes:
    out = io.BytesIO()
    write_guide(out, view, Printed(large=large))
    return out.getvalue()


def test_a_ballot_paper_keeps_the_code_and_the_choices_apart(view: RoundView) -> None:
    page = pieces(pages(ballot(view))[0])
    titles = [line.proposal.title for line in view.lines]
    assert all(piece.top > STRIP for piece in page for title in titles if title in piece.words)
    assert all(piece.top < STRIP for piece in page if "24 letters" in piece.words)
    said = words(ballot(view))
    assert "cut off before anybody looks at your choices" in said
    assert "each proposal that you support, at most 2" in said
    assert all(title in said for title in titles)


def test_a_guide_says_what_each_proposal_costs_in_money_and_hours(view: RoundView) -> None:
    said = words(guide(view))
    for line in view.lines:
        assert f"{line.proposal.number}. {line.proposal.title}" in said
    assert "£4,000" in said
    assert "hours of staff time" in said or "hour of staff time" in said
    assert "not for statutory elections" in said


def test_large_print_is_larger_and_says_the_same(view: RoundView) -> None:
    """What differs is only on which page it stands."""
    plain, large = words(guide(view)), words(guide(view, large=True))
    foot = f"Guide: {view.row.title} · page"
    assert plain.partition(foot)[0].split()[:40] == large.partition(foot)[0].split()[:40]
    assert len(pages(guide(view, large=True))) >= len(pages(guide(view)))


def with_more(view: RoundView, many: int) -> RoundView:
    """The round with so many proposals."""
    line = view.lines[0]
    made = []
    for number in range(1, many + 1):
        proposal = line.proposal.model_copy(update={"number": number, "title": f"Idea {number} " * 6, "ref": f"{REF}-{number}"})
        made.append(Line(proposal, None, None))
    return replace(view, lines=tuple(made))


@pytest.mark.parametrize("large", [False, True], ids=["plain", "large"])
def test_a_long_ballot_goes_on_on_further_pages_and_says_so(view: RoundView, large: bool) -> None:  # noqa: FBT001 - a parameter of the test
    many = with_more(view, 40)
    written = ballot(many, large=large)
    assert len(pages(written)) > 1
    assert f"This ballot has {len(pages(written))} pages." in words(written)
    assert all(f"{number}. Idea" in words(written) for number in range(1, 41))
    assert all(0 < piece.top < 297 and piece.left >= 5 for page in pages(written) for piece in pieces(page))


@given(st.text(max_size=200))
def test_whatever_people_wrote_is_drawn_and_never_read_as_markup(text: str) -> None:
    out = io.BytesIO()
    sheets = Sheets(out, title=text)
    sheets.text(text)
    sheets.save()
    assert out.getvalue().startswith(b"%PDF-")


def test_markup_in_a_proposal_is_letters(view: RoundView) -> None:
    hostile = '<img src="file:///etc/passwd"/><font color="[[x for x in ()]]">red</font>'
    line = view.lines[0]
    changed = Line(line.proposal.model_copy(update={"summary": hostile}), None, None)
    said = words(guide(replace(view, lines=(changed, *view.lines[1:]))))
    assert '<img src="file:///etc/passwd"/>' in said


def test_a_letter_that_our_fonts_do_not_have_is_a_square() -> None:
    assert printable("Café 深 \x00") == "Café □ □"


def test_the_page_of_a_round_offers_both_and_an_unchanged_file_is_not_sent_again(visitor: InspectingClient) -> None:
    for name in ("ballot", "guide"):
        answer = visitor.get(f"/rounds/glodbrook-open/{name}.pdf")
        assert (answer.status_code, answer.content_type) == (200, "application/pdf")
        again = visitor.get(f"/rounds/glodbrook-open/{name}.pdf", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        large = visitor.get(f"/rounds/glodbrook-open/{name}.pdf?print=large")
        assert large.get_data() != answer.get_data()
        assert visitor.get(f"/rounds/nowhere/{name}.pdf").status_code == 404
    assert "The guide to the proposals (PDF)" in visitor.page("/rounds/glodbrook-open").text


def test_the_command_writes_the_same_files(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_of(site).url.render_as_string(hide_password=False))
    for _ in range(2):
        answer = CliRunner().invoke(main, ["round", "papers", "glodbrook-open", str(tmp_path)])
        assert answer.exit_code == 0, answer.output
    names = ["ballot-large.pdf", "ballot.pdf", "guide-large.pdf", "guide.pdf"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert (tmp_path / "guide.pdf").read_bytes() == site.test_client().get("/rounds/glodbrook-open/guide.pdf").get_data()
