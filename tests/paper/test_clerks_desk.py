"""The clerks' desk: a batch taken in, papers entered by two people apart, a third who decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.rounds.paper import progress_of
from tests.ballot.booths import Booth, a_booth
from tests.ballot.living import REF
from tests.databases import SqliteFiles
from tests.pages.conftest import client_of, database_of
from tests.paper.hall import ANA, BEN, CAT, DEE, Hall, a_hall
from tests.web.inspecting import InspectingClient, Page

DICE = "4 1 6 2 5 3 3 1 2 6 4 4"
HALL = f"/clerk/rounds/{REF}"


@pytest.fixture
def booth(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Booth]:
    with a_booth(sqlite_files, tmp_path) as made:
        a_hall(made.living)
        yield made


def send(client: InspectingClient, what: str, **values: object) -> Page | None:
    """Fill in the form as it stands and send it; the page when it is refused, nothing when it is taken."""
    form = client.page(f"{HALL}/{what}").form(f"{HALL}/{what}")
    answer = client.post(form.action, data={**form.values, **values})
    return None if answer.status_code == 302 else Page(answer)


def strips(booth: Booth, clerk: InspectingClient, voters: range, papers: str = "2") -> Page | None:
    return send(clerk, "strips", papers=papers, codes="\n".join(booth.living.codes[voter] for voter in voters))


def test_three_clerks_settle_the_papers_of_a_round(booth: Booth) -> None:
    ana, ben, cat = (client_of(booth.site, who) for who in (ANA, BEN, CAT))
    assert strips(booth, ana, range(2)) is None
    page = ana.page(HALL)
    assert "Batch 1 is taken in. Number its papers now: 1 to 2." in page.text
    assert not any(code in page.text for code in booth.living.codes)
    assert send(ana, "enter", choices=["1"]) is None
    assert "paper 2" in ana.page(f"{HALL}/enter").text, "the next one that Ana has not entered"
    assert "paper 1" in ben.page(f"{HALL}/enter").text
    assert " checked" not in ben.page(f"{HALL}/enter").response.get_data(as_text=True)
    assert send(ben, "enter", choices=["2"]) is None
    assert send(ana, "enter", choices=["3"]) is None
    assert send(ben, "enter", choices=["3"]) is None
    assert "Nothing waits for you" in ben.page(f"{HALL}/enter").text
    assert "Nothing waits for you" in ana.page(f"{HALL}/decide").text
    shown = cat.page(f"{HALL}/decide").text
    assert "paper 1" in shown
    assert "Two people read it differently" in shown
    assert send(cat, "decide", choices=["2"]) is None
    with database_of(booth.site).reading() as session:
        assert progress_of(session, REF).done


def test_a_batch_whose_piles_differ_is_refused_in_a_sentence_and_keeps_what_was_typed(booth: Booth) -> None:
    ana = client_of(booth.site, ANA)
    page = strips(booth, ana, range(2), papers="3")
    assert page is not None
    assert "The batch has 3 papers and 2 strips." in page.text
    assert booth.living.codes[0] in page.response.get_data(as_text=True)
    for papers in ("many", "", "9999999", "٣"):
        refused = strips(booth, ana, range(2), papers=papers)
        assert refused is not None
        assert "Enter a whole number of papers" in refused.text


def test_somebody_who_sends_another_papers_number_enters_nothing_twice(booth: Booth) -> None:
    ana = client_of(booth.site, ANA)
    strips(booth, ana, range(2))
    send(ana, "enter", choices=["1"])
    for paper, said in (("1", "You have entered paper 1 already"), ("7", "There is no paper 7"), ("x", "not sent whole")):
        page = send(ana, "enter", paper=paper, choices=["2"])
        assert page is not None
        assert said in page.text
    page = send(ana, "enter", choices=["1", "2", "3"])
    assert page is not None
    assert "no valid choice" in page.text


def test_the_desk_is_for_clerks_and_registrars(booth: Booth) -> None:
    assert client_of(booth.site, DEE).get(HALL).status_code == 403
    assert client_of(booth.site).get(HALL).status_code == 302
    assert REF in client_of(booth.site, ANA).page("/clerk").response.get_data(as_text=True)


def test_the_audit_is_drawn_by_dice_and_compared_and_shown_on_the_rounds_page(booth: Booth) -> None:
    cat, living = client_of(booth.site, CAT), booth.living
    hall = Hall(living)
    early = send(cat, "dice", wrong="1", dice=DICE)
    assert early is not None
    assert "This round is not closed" in early.text
    hall.take(range(3))
    for paper in (1, 2, 3):
        hall.twice(paper, {1})
    living.close()
    for wrong, dice, said in (("4", DICE, "from 1 to 3"), ("1", "12", "at least 10 dice"), ("x", DICE, "whole number")):
        page = send(cat, "dice", wrong=wrong, dice=dice)
        assert page is not None
        assert said in page.text
    assert send(cat, "dice", wrong="1", dice=DICE) is None
    assert "Of 3 papers, 3 are compared" in cat.page(f"{HALL}/dice").text
    for chosen, said in ((["1"], "says what was recorded"), (["2"], "does not say what was recorded"), (["1"], "says what")):
        assert send(cat, "audit", choices=chosen) is None
        assert said in cat.page(f"{HALL}/audit").text
    assert "Every drawn paper is compared." in cat.page(f"{HALL}/audit").text
    public = client_of(booth.site).page(f"/rounds/{REF}").text
    assert "3 are compared so far, and 1 of them does not say what was recorded" in public


def test_extra_fields_enter_nothing_in_anothers_name(booth: Booth) -> None:
    ana, ben = client_of(booth.site, ANA), client_of(booth.site, BEN)
    strips(booth, ana, range(1), papers="1")
    assert send(ana, "enter", choices=["1"], clerk=BEN, person=BEN, actor=BEN, turn="2") is None
    assert "Nothing waits for you" in ana.page(f"{HALL}/enter").text
    assert send(ben, "enter", choices=["1"]) is None
