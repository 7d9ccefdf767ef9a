"""The desks: every form has its errors in words, its token, and survives being sent twice."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import func, select

from ledger.entries import Entry, tree_size
from ledger.rounds.ballots import Ballot, ballot_of
from tests.pages.conftest import client_of, database_of

CHAIR, IVY, FINANCE, LEADER = "p-demo-glodbrook-0", "p-demo-glodbrook-8", "p-demo-finance", "p-demo-leader"
VOTE, CLOSE, DECIDE = (
    "/panel/rounds/glodbrook-open/vote",
    "/panel/rounds/glodbrook-open/close",
    "/finance/rounds/glodbrook-open",
)


def size(site: Flask) -> int:
    with database_of(site).reading() as session:
        return tree_size(session)


def entries_of(site: Flask, kind: str) -> int:
    with database_of(site).reading() as session:
        return session.exec(select(func.count()).select_from(Entry).where(Entry.kind == kind)).one()


def vote(site: Flask, person: str, *choices: int) -> None:
    client = client_of(site, person)
    answer = client.submit(client.page(VOTE).form(VOTE), choices=[str(number) for number in choices])
    assert answer.status_code == 200, answer.get_data(as_text=True)


def test_a_vote_is_kept_and_changed_until_the_close(site: Flask) -> None:
    vote(site, IVY, 1, 2)
    vote(site, IVY, 3)
    with database_of(site).reading() as session:
        assert ballot_of(session, "glodbrook-open", IVY) == {3: 1}
        assert session.exec(select(func.count()).select_from(Ballot).where(Ballot.voter == IVY)).one() == 1


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([], "Choose at least one proposal"),
        (["1", "2", "3", "4", "5"], "Choose no more than 4; you chose 5"),
        (["99"], "choice"),
    ],
)
def test_a_vote_outside_the_rules_is_answered_in_words_and_the_earlier_one_is_kept(
    site: Flask, choices: list[str], words: str
) -> None:
    vote(site, IVY, 1)
    client = client_of(site, IVY)
    form = client.page(VOTE).form(VOTE)
    form.values.pop("choices", None)
    answer = client.post(VOTE, data={**form.values, "choices": choices})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    with database_of(site).reading() as session:
        assert ballot_of(session, "glodbrook-open", IVY) == {1: 1}


def test_without_its_token_no_form_is_taken(site: Flask) -> None:
    before = size(site)
    for person, address in ((IVY, VOTE), (CHAIR, CLOSE), (FINANCE, DECIDE), (LEADER, "/authority/devolve")):
        client = client_of(site, person)
        form = client.page(address).form(address) if address != DECIDE else None
        values = {name: value for name, value in form.values.items() if name != "csrf_token"} if form else {}
        answer = client.post(address, data=values)
        assert answer.status_code == 400
        assert "open for too long" in answer.get_data(as_text=True)
    assert size(site) == before


def close_the_round(site: Flask) -> None:
    vote(site, IVY, 1, 2)
    chair = client_of(site, CHAIR)
    form = chair.page(CLOSE).form(CLOSE)
    for _ in range(2):
        assert chair.submit(form).status_code == 200


def test_the_quorum_is_needed_to_close(site: Flask) -> None:
    chair = client_of(site, CHAIR)
    page = chair.page(CLOSE)
    assert "1 more vote is needed" in page.text
    answer = chair.submit(page.form(CLOSE))
    assert answer.status_code == 422
    assert "4 have voted and the terms of reference ask for 5" in answer.get_data(as_text=True)


def test_closing_twice_counts_once(site: Flask) -> None:
    before = entries_of(site, "result")
    close_the_round(site)
    assert entries_of(site, "result") == before + 1
    answer = client_of(site, IVY).get(VOTE)
    assert "no vote can be given or changed any more" in answer.get_data(as_text=True)


def test_a_decision_needs_its_outcome_its_power_and_its_reasons(site: Flask) -> None:
    close_the_round(site)
    before = size(site)
    officer = client_of(site, FINANCE)
    page = officer.page(DECIDE)
    assert [row[1] for row in page.table("Powers, limits and funds")[1:]] == ["In order"] * 9
    answer = officer.submit(page.form(DECIDE))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for words in ("Choose whether you ratify or refuse", "Name the power you rely on", "Give your reasons"):
        assert words in text
    assert size(site) == before


@pytest.mark.parametrize(("outcome", "allocations"), [("ratified", 1), ("refused", 0)])
def test_a_decision_sent_twice_is_recorded_once(site: Flask, outcome: str, allocations: int) -> None:
    close_the_round(site)
    before = entries_of(site, "allocation")
    officer = client_of(site, FINANCE)
    form = officer.page(DECIDE).form(DECIDE)
    for _ in range(2):
        answer = officer.submit(form, outcome=outcome, power="Delegation 4.2", reasons="Read and weighed.")
        assert answer.status_code == 200
    made = entries_of(site, "allocation") - before
    assert (made > 0) == bool(allocations)
    assert made <= 8
    text = officer.page("/rounds/glodbrook-open").text
    assert "Read and weighed." in text
    assert outcome.capitalize() in text


TODAY = datetime.now(UTC).date()


def typed(day: date) -> list[str]:
    """A day as the three fields of a form send it."""
    return [str(day.day), str(day.month), str(day.year)]


DEVOLVE: dict[str, str | list[str]] = {
    "partnership": "upper-weir",
    "title": "Winter instrument",
    "power": "Minute 31",
    "money": "£1,000",
    "award_money": "500",
    "begins": typed(TODAY),
    "ends": typed(TODAY + timedelta(days=364)),
}


def test_an_instrument_sent_twice_is_recorded_once(site: Flask) -> None:
    before = entries_of(site, "devolution")
    leader = client_of(site, LEADER)
    form = leader.page("/authority/devolve").form("/authority/devolve")
    for _ in range(2):
        answer = leader.submit(form, **DEVOLVE)
        assert "devolved £1,000 to Upper Weir" in answer.get_data(as_text=True)
    assert entries_of(site, "devolution") == before + 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"money": "NaN"}, "Enter an amount in numbers"),
        ({"money": "10.005"}, "no more than 2 numbers after the point"),
        ({"money": ""}, "Enter an amount of money, of hours, or both"),
        ({"award_money": ""}, "Enter the most money that one award may take"),
        ({"hours": "5"}, "Enter the most staff time that one award may take"),
        ({"hours": "7:75"}, "Enter hours in numbers"),
        ({"title": ""}, "Give the instrument a name"),
        ({"power": "x" * 301}, "at most 300 characters"),
        ({"money": "-10"}, "Enter an amount without a minus"),
        ({"begins": ["31", "2", "2027"]}, "Enter a real date as day, month and year, such as 27 3 2027. Nothing was recorded."),
        ({"begins": ["", "", ""]}, "Enter the first day as day, month and year. Nothing was recorded."),
        ({"begins": []}, "Enter the first day as day, month and year. Nothing was recorded."),
        ({"begins": ["1"]}, "Enter a real date as day, month and year"),
        ({"ends": typed(TODAY - timedelta(days=1))}, "The last day is before the first"),
        ({"begins": ["1", "1", "2020"], "ends": ["1", "1", "2021"]}, "The last day is over already"),
        ({"begins": typed(TODAY + timedelta(days=1))}, "The first day has not come yet"),
        ({"award_money": "1000.01"}, "One award may not take more money than is handed over"),
        ({"partnership": "wieliczka"}, "Not a valid choice"),
        ({"idempotency_key": "x"}, "was not sent whole"),
    ],
)
def test_an_instrument_with_a_fault_is_answered_in_words(site: Flask, changed: dict[str, str | list[str]], words: str) -> None:
    before = size(site)
    leader = client_of(site, LEADER)
    answer = leader.submit(leader.page("/authority/devolve").form("/authority/devolve"), **{**DEVOLVE, **changed})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert size(site) == before


def test_signing_out_ends_the_session(site: Flask) -> None:
    client = client_of(site, FINANCE)
    page = client.page("/finance")
    token = next(field for field in page.root.iter("input") if field.get("name") == "csrf_token").get("value", "")
    client.post("/sign-out", data={"csrf_token": token})
    assert client.get("/finance").status_code == 302
