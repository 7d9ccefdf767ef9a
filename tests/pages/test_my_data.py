"""One's own data: seen, taken away, corrected, erased on request; and what the registrar does about it."""

import json

import pytest
from flask import Flask
from sqlmodel import col, select

from ledger.entries import Entry
from ledger.kinds.authority import Change
from ledger.people import Person, add_person, person
from ledger.powers import appoint
from ledger.roles import Role
from ledger.subject_requests import requests_by
from ledger.unit_of_work import UnitOfWork
from tests.pages.conftest import client_of, database_of
from tests.signing_in import let_in
from tests.web.inspecting import InspectingClient

MINE, REQUESTS = "/me/data", "/registrar/requests"
VOTE = "/panel/rounds/glodbrook-open/vote"
REGISTRAR, CHAIR, MEMBER, NORA = "p-demo-registrar", "p-demo-glodbrook-0", "p-demo-glodbrook-1", "p-nora"


@pytest.fixture
def nora(site: Flask) -> InspectingClient:
    """Nora, who holds no role."""
    with database_of(site).unit_of_work(appends=False) as unit:
        add_person(unit.session, ref=NORA, name="Nora Finhc")
        unit.commit()
    client = client_of(site)
    let_in(site, client, NORA)
    return client


@pytest.fixture
def registrar(site: Flask) -> InspectingClient:
    return client_of(site, REGISTRAR)


def send(client: InspectingClient, page: str, action: str, **values: str) -> int:
    form = client.page(page).form(action)
    return client.post(form.action, data={**form.values, **values}).status_code


def name_of(site: Flask, ref: str) -> str | None:
    with database_of(site).reading() as session:
        return person(session, ref).name


def asked(site: Flask, ref: str) -> list[tuple[str, str | None]]:
    with database_of(site).reading() as session:
        return [(row.what, row.declined) for row in requests_by(session, ref)]


def newest(site: Flask) -> tuple[str, str, str]:
    with database_of(site).reading() as session:
        entry = session.exec(select(Entry).order_by(col(Entry.index).desc())).first()
    assert entry is not None
    return entry.kind, str(entry.subject), entry.person


def test_the_page_and_the_file_show_all_that_is_held(site: Flask) -> None:
    client = client_of(site, CHAIR)
    form = client.page(VOTE).form(VOTE)
    client.post(form.action, data={**form.values, "choices": ["1"]})
    page = client.page(MINE)
    answer = client.get("/me/data/file")
    held = json.loads(answer.text)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=held-about-p-demo")
    assert answer.headers["Cache-Control"] == "no-store"
    assert held["person"]["name"] in page.text
    assert held["roles"]
    assert held["ballots"]
    for each in [*held["roles"], *held["entries"]]:
        assert f"Entry {each['entry']}" in page.text
    for ballot in held["ballots"]:
        assert ballot["round"] in page.text


def test_nobody_sees_what_is_held_about_somebody_else(site: Flask, nora: InspectingClient) -> None:
    assert json.loads(nora.get("/me/data/file").text)["person"]["reference"] == NORA
    visitor = client_of(site)
    assert [visitor.get(address).headers["Location"].partition("?")[0] for address in (MINE, "/me/data/file")] == [
        "/sign-in"
    ] * 2


def test_whoever_holds_no_role_corrects_their_own_name(site: Flask, nora: InspectingClient) -> None:
    assert send(nora, MINE, "/me/data/name", name=" Nora  Finch ") == 302
    assert name_of(site, NORA) == "Nora Finch"
    assert "Your name is corrected" in nora.page(MINE).text
    assert asked(site, NORA) == []


def test_what_is_no_name_is_said_beside_the_field_and_changes_nothing(site: Flask, nora: InspectingClient) -> None:
    form = nora.page(MINE).form("/me/data/name")
    answer = nora.post(form.action, data={**form.values, "name": "x" * 101})
    assert answer.status_code == 422
    assert "at most 100 characters" in answer.text
    assert name_of(site, NORA) == "Nora Finhc"


def test_the_name_of_whoever_holds_a_role_is_corrected_by_a_registrar(site: Flask, registrar: InspectingClient) -> None:
    member, before = client_of(site, MEMBER), name_of(site, MEMBER)
    assert send(member, MINE, "/me/data/name", name="Ann Other") == 302
    assert name_of(site, MEMBER) == before
    assert "Your registrar has to answer by" in member.page(MINE).text
    assert "to be called Ann Other" in registrar.page(REQUESTS).text
    address = f"{REQUESTS}/{MEMBER}/name"
    assert send(registrar, address, address, answer="done") == 302
    assert name_of(site, MEMBER) == "Ann Other"
    assert asked(site, MEMBER) == []


def test_a_name_that_was_changed_after_the_registrar_had_read_it_is_not_granted(
    site: Flask, registrar: InspectingClient
) -> None:
    member, before, address = client_of(site, MEMBER), name_of(site, MEMBER), f"{REQUESTS}/{MEMBER}/name"
    send(member, MINE, "/me/data/name", name="Ann Other")
    form = registrar.page(address).form(address)
    send(member, MINE, "/me/data/name", name="The Mayor")
    registrar.post(form.action, data={**form.values, "answer": "done"})
    assert name_of(site, MEMBER) == before
    assert asked(site, MEMBER) == [("name", None)]


def test_an_erasure_is_asked_for_and_recorded_by_the_registrar(
    site: Flask, nora: InspectingClient, registrar: InspectingClient
) -> None:
    assert send(nora, MINE, "/me/data/erase") == 302
    assert name_of(site, NORA) == "Nora Finhc"
    address = f"{REQUESTS}/{NORA}/erasure"
    form = registrar.page(address).form(address)
    sent = {**form.values, "answer": "done"}
    assert registrar.post(form.action, data=sent).status_code == 302
    assert newest(site) == ("erasure", NORA, REGISTRAR)
    assert name_of(site, NORA) is None
    assert nora.get(MINE).status_code == 302  # signed out, with everything else
    before = newest(site)
    assert registrar.post(form.action, data=sent).status_code == 302  # sent twice, it is recorded once
    assert newest(site) == before
    assert registrar.get(address).status_code == 302


def test_whoever_holds_a_role_is_not_erased_and_reads_why(site: Flask, registrar: InspectingClient) -> None:
    member, before, address = client_of(site, MEMBER), newest(site), f"{REQUESTS}/{MEMBER}/erasure"
    send(member, MINE, "/me/data/erase")
    form = registrar.page(address).form(address)
    refused = registrar.post(form.action, data={**form.values, "answer": "done"})
    assert refused.status_code == 422
    assert "still holds the role" in refused.text
    assert newest(site) == before
    assert send(registrar, address, address, answer="in_office") == 302
    assert "declined because you hold a role" in member.page(MINE).text
    assert asked(site, MEMBER) == [("erasure", "in_office")]
    send(member, MINE, "/me/data/erase")
    assert asked(site, MEMBER) == [("erasure", None)]
    member.post("/me/data/erasure/take-back", data=member.page(MINE).form("/me/data/erasure/take-back").values)
    assert asked(site, MEMBER) == []


def test_a_registrar_sees_the_requests_of_their_own_authority_only(site: Flask, nora: InspectingClient) -> None:
    """Nora was given a role at the invented authority, so no other registrar may answer her."""

    def role(unit: UnitOfWork, change: Change, key: str) -> None:
        appoint(
            unit, authority="marlmoor", place="glodbrook", person=NORA, role=Role.RESIDENT, change=change,
            registrar=REGISTRAR, idempotency_key=key,
        )  # fmt: skip

    with database_of(site).unit_of_work() as unit:
        role(unit, Change.APPOINTED, "nora-1")
        role(unit, Change.ENDED, "nora-2")
        unit.commit()
    send(nora, MINE, "/me/data/erase")
    with database_of(site).reading() as session:
        clerks = session.exec(select(Person.ref).where(col(Person.ref).like("%wieliczka%"))).all()
    for clerk in clerks:
        client = client_of(site)
        let_in(site, client, clerk)
        assert client.get(f"{REQUESTS}/{NORA}/erasure").status_code in {403, 404}
    assert clerks
    assert requests_waiting(client_of(site, REGISTRAR)) == 1


def requests_waiting(client: InspectingClient) -> int:
    return sum(
        "Answer" in (link.text or "")
        for link in client.page(REQUESTS).root.iter("a")
        if "/registrar/requests/" in link.get("href", "")
    )


def test_asking_to_be_called_what_one_is_called_asks_nothing(site: Flask) -> None:
    send(client_of(site, MEMBER), MINE, "/me/data/name", name=str(name_of(site, MEMBER)))
    assert asked(site, MEMBER) == []
