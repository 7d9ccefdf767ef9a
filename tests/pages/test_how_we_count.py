"""The page that says how votes are counted, what a round's page says of its count, and counts that visitors try."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.public import counting
from app.public.lessons import ALDER_LANE, CHOICES, LESSONS
from ledger.entries import tree_size
from ledger.tally import count
from tests.pages.conftest import database_of
from tests.tally.small_elections import GOOD
from tests.web.inspecting import InspectingClient, Page

DATA = Path(__file__).parents[1] / "data" / "pabulib"
ASSEN = DATA / "Netherlands_Assen_2024.pb"


def tried(visitor: InspectingClient, *, rule: str, sent: bytes = b"", ref: str = "", status: int = 200) -> Page:
    token = visitor.page("/how-we-count").form().values["csrf_token"]
    form: dict[str, object] = {"csrf_token": token, "round": ref, "rule": rule}
    if sent:
        form["file"] = FileStorage(BytesIO(sent), "mine.pb")
    boundary, body = encode_multipart(form)  # the client's own way leaves a file open where the body is large
    answer = visitor.post("/how-we-count", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code == status
    return Page(answer)


def test_every_rule_counts_the_same_small_election_on_the_page(visitor: InspectingClient) -> None:
    page = visitor.page("/how-we-count")
    for lesson in LESSONS:
        assert lesson.heading in page.text
        for why in count(ALDER_LANE, lesson.rule).why.values():
            assert f"{why.votes} people voted for it" in page.text
    assert page.text.count("What it guarantees") == len(LESSONS)


def test_a_counted_round_says_what_its_count_did_and_what_the_other_rule_would_have_done(visitor: InspectingClient) -> None:
    page = visitor.page("/rounds/glodbrook-first")
    assert "How the count went" in page.text
    assert "get something they voted for with greedy" in page.text
    assert "What differs" in page.text
    assert "How the count went" not in visitor.page("/rounds/glodbrook-open").text


@pytest.mark.parametrize("rule", [key for key, _, _ in CHOICES])
def test_a_visitor_counts_a_real_election_by_any_rule_and_nothing_is_kept(
    site: Flask, visitor: InspectingClient, rule: str
) -> None:
    with database_of(site).reading() as session:
        before = tree_size(session)
    page = tried(visitor, rule=rule, sent=ASSEN.read_bytes())
    assert "of 14 proposals were chosen" in page.text
    assert "Of 84 voters" in page.text
    assert "What differs" in page.text
    with database_of(site).reading() as session:
        assert tree_size(session) == before


def test_a_round_counted_here_is_tried_by_another_rule(visitor: InspectingClient) -> None:
    page = tried(visitor, rule="equal-shares", ref="glodbrook-first")
    assert "counted by this rule: Equal Shares." in page.text
    assert "does not share out staff time" in tried(visitor, rule="phragmen", ref="glodbrook-first", status=422).text


def test_what_is_wrong_with_a_file_is_said_beside_it_with_its_line(visitor: InspectingClient) -> None:
    page = tried(visitor, rule="greedy", sent=GOOD.replace("budget;100", "budget;NaN").encode(), status=422)
    assert "your-file.pb, line 6" in page.text
    assert "Nothing was recorded" in page.text


def test_without_a_round_or_a_file_nothing_is_counted(visitor: InspectingClient) -> None:
    assert "Choose a round or a file to count" in tried(visitor, rule="greedy", status=422).text


def test_an_election_of_too_many_proposals_is_not_tried_here(visitor: InspectingClient) -> None:
    lines = "".join(f"p{number};1;0;P{number};0\n" for number in range(301))
    text = GOOD.replace("num_projects;2", "num_projects;301").replace("num_votes;3", "num_votes;0")
    head, _, _ = text.partition("1;60;")
    page = tried(visitor, rule="greedy", sent=f"{head}{lines}VOTES\nvoter_id;vote;age\n".encode(), status=422)
    assert "more than 300 proposals" in page.text


def test_a_file_that_is_too_long_is_refused(visitor: InspectingClient) -> None:
    assert "larger than 3 MB" in tried(visitor, rule="greedy", sent=b"x" * 3_000_001, status=422).text


def test_a_count_that_takes_too_long_is_ended(visitor: InspectingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_SECONDS", 0)
    page = tried(visitor, rule="raised-shares", sent=ASSEN.read_bytes(), status=422)
    assert "the count takes longer than 0 seconds" in page.text


def test_while_somebody_counts_the_next_is_told_to_wait(visitor: InspectingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_SECONDS", 0.1)
    with counting._at_once:
        assert "Others are trying a count" in tried(visitor, rule="greedy", sent=ASSEN.read_bytes(), status=422).text
