"""Prototypes and data sharing at the desks and in public: started, decided, adopted, weighed, refused, each in a sentence."""

import pytest
from flask import Flask

from ledger.people import Role
from tests.pages.conftest import client_of
from tests.people.conftest import site as site  # noqa: PLC0414 - the site with two authorities
from tests.people.conftest import two_authorities as two_authorities  # noqa: PLC0414 - as above
from tests.people.filled import HERE, LEARNED, PROTOTYPE, SHARING, day, prototype_of
from tests.people.two_authorities import MARLMOOR, OVERVALE
from tests.web.inspecting import Page

LEADER, CHAIR = MARLMOOR.holder(Role.AUTHORITY_LEADER), MARLMOOR.holder(Role.CHAIR)
Values = dict[str, str | list[str]]


def sent(site: Flask, person: str, address: str, values: Values, *, status: int = 302) -> Page:
    """Fill in the form at the address as that person; the page that comes of it."""
    client = client_of(site, person)
    form = client.page(address).form(address.partition("?")[0])
    answer = client.post(form.action, data={**form.values, **values})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return client.page(answer.headers["Location"]) if status == 302 else Page(answer)


def test_a_prototype_is_started_whole_at_the_authoritys_desk_and_read_by_everyone(site: Flask) -> None:
    address = f"/authority/prototypes/{HERE}"
    blank = sent(site, LEADER, address, {**PROTOTYPE, "power": "", "risk_cap": ""}, status=422)
    assert "this leaves blank: its power, the cap on its risk." in blank.text
    started = sent(site, LEADER, address, PROTOTYPE)
    assert started.heading == "Warm visits"
    assert "60%, at most £500" in started.text


@pytest.mark.parametrize("typed", ["101", "x"])
def test_a_share_of_risk_is_a_percentage(site: Flask, typed: str) -> None:
    page = sent(site, LEADER, f"/authority/prototypes/{HERE}", {**PROTOTYPE, "risk_share": typed}, status=422)
    assert "Nothing was recorded." in page.text


def test_the_chair_decides_on_what_was_learned_and_it_stands_under_its_theme(site: Flask) -> None:
    index = prototype_of(site)
    address = f"/panel/prototypes/{index}/decide"
    assert "Nothing that was learned" in sent(site, CHAIR, address, {**LEARNED, "practice": ""}, status=422).text
    decided = sent(site, CHAIR, address, LEARNED)
    assert "Mainstream" in decided.text
    assert "People asked sooner." in client_of(site).page("/learning").text
    assert "cannot be decided on today: it is mainstreamed" in client_of(site, CHAIR).page(address).text


def test_another_authority_adopts_the_agreement_and_both_pages_show_it(site: Flask) -> None:
    first, there = prototype_of(site), OVERVALE.places[0]
    leader = OVERVALE.holder(Role.AUTHORITY_LEADER)
    address = f"/authority/prototypes/{there}?adopt={first}"
    form = client_of(site, leader).page(address).form(f"/authority/prototypes/{there}")
    assert (form.values["power"], form.values["adopted_from"]) == (["Help without a form"], [str(first)])
    theirs: Values = {"leader_1": OVERVALE.holder(Role.CHAIR), "learning_on": day(20), "ends": day(40)}
    adopted = sent(site, leader, address, theirs)
    assert "started from, the oldest first" in adopted.text
    assert "Prototypes that started from this one" in client_of(site).page(f"/prototypes/{first}").text
    no_number = sent(site, leader, address, {**theirs, "adopted_from": "the first one"}, status=422)
    assert "Enter the number of the entry" in no_number.text


def test_data_sharing_is_weighed_at_the_desk_and_a_refusal_needs_the_risk_of_not_sharing(site: Flask) -> None:
    refusal: Values = {**SHARING, "outcome": "refuse", "not_sharing_likelihood": ""}
    assert (
        "A refusal needs the risk of not sharing weighed"
        in sent(site, LEADER, "/authority/data-sharing", refusal, status=422).text
    )
    shared = sent(site, LEADER, "/authority/data-sharing", SHARING)
    assert shared.table("Both risks, weighed")[2] == ["Risk of not sharing", "4 of 5", "5 of 5", "20 of 25"]
    assert "Not sharing leaves people cold." in shared.text
    assert "Visits before winter" in client_of(site).page("/data-sharing").text


def test_a_party_that_nobody_knows_is_asked_for_again(site: Flask) -> None:
    page = sent(site, LEADER, "/authority/data-sharing", {**SHARING, "party_2": "Nobody Ltd"}, status=422)
    assert "No organisation is known here by that name" in page.text
