"""What a form does not ask for is not read: extra fields change neither who acts, nor for whom, nor what is recorded."""

import json

import pytest
from flask import Flask
from sqlmodel import col, select

from app.access import declared
from ledger.entries import Entry
from ledger.people import Role
from ledger.rounds.ballots import Ballot
from tests.databases import SqliteFiles
from tests.pages.conftest import client_of, database_of
from tests.people.conftest import over
from tests.people.filled import filled
from tests.people.two_authorities import MARLMOOR, NOBODY, OVERVALE

FORMS = (
    "panel.vote",
    "panel.close",
    "finance.decide",
    "authority.new_devolution",
    "terms.agree",
    "overriding.overrule",
    "roles.take_up",
    "roles.end",
    "requests.answer",
    "authority_risks.new",
    "authority_risks.sign",
    "authority_risks.decide",
    "partner.sign",
    "panel.sign_risk",
    "partner.reserve",
    "finance_risks.call",
    "finance_risks.gain",
    "authority_prototypes.new_prototype",
    "authority_prototypes.new_sharing",
    "panel_prototypes.decision",
    "rounds.open_one",
    "rounds.rules",
    "interests.say",
    "meetings.call",
    "my_signatures.sign",
    "my_ideas.new",
    "connector.write_for",
    "connector.merge_two",
    "comments.write",
)
EXTRA = {
    "role": Role.AUTHORITY_LEADER.value, "roles": Role.REGISTRAR.value, "status": "ratified", "state": "open",
    "stage": "counted", "authority": OVERVALE.slug, "authority_id": OVERVALE.slug, "place": OVERVALE.places[0],
    "partnership": OVERVALE.places[0], "person": OVERVALE.holder(Role.CHAIR), "actor": OVERVALE.holder(Role.CHAIR),
    "voter": MARLMOOR.holder(Role.PANEL_MEMBER), "leader": "p-x", "registrar": "p-x", "round": f"{OVERVALE.places[0]}-open",
    "ref": f"{OVERVALE.places[0]}-open", "index": "0", "mandate": "0", "kind": "payment", "amount": "999999",
    "effective_on": "2020-01-01", "recorded_at": "2020-01-01T00:00:00Z", "transfers": "[]", "is_admin": "1", "invented": "1",
}  # fmt: skip


# What stands beside the log has tests of its own: each reads the fields it names, and no other.
BESIDE = {
    "picture.change",
    "picture.remove",
    "registrar.new",
    "registrar.withdraw",
    "rounds.freeze",
    "meetings.here",
    "meetings.end",
    "clerk.strips",
    "clerk.enter",
    "clerk.decide",
    "clerk.dice",
    "clerk.compare_paper",
}


def kept(site: Flask, since: int) -> list[object]:
    """What was recorded since: entries without their moment and without salted digests; and every ballot."""
    with database_of(site).reading() as session:
        written = session.exec(select(Entry.written).where(col(Entry.index) >= since).order_by(col(Entry.index))).all()
        entries = [json.loads(line) for line in written]
        ballots = sorted(session.exec(select(Ballot.round, Ballot.voter, Ballot.choices)).all())
    for entry in entries:
        entry.pop("recorded_at")
        entry["payload"].pop("reasons", None)
        entry["payload"].pop("story", None)
    return [*entries, *ballots]


def length(site: Flask) -> int:
    with database_of(site).reading() as session:
        return len(session.exec(select(Entry.index)).all())


def test_every_form_behind_a_role_is_tried(site: Flask) -> None:
    """A new desk breaks this until its form is filled in, in tests/people/filled.py."""
    behind = set()
    for rule in site.url_map.iter_rules():
        said = declared(site.view_functions[rule.endpoint])
        if said is not None and said.permission.roles and "POST" in (rule.methods or set()):
            behind.add(rule.endpoint)
    assert behind - BESIDE == set(FORMS) == set(filled(site))


@pytest.mark.parametrize("endpoint", FORMS)
def test_extra_fields_change_nothing(two_authorities: str, sqlite_files: SqliteFiles, endpoint: str) -> None:
    outcomes = []
    for extra in ({}, EXTRA):
        with over(two_authorities, sqlite_files) as site:
            form, before = filled(site)[endpoint], length(site)
            client = client_of(site, form.person)
            sent = client.page(form.address).form(form.address)
            values = {**extra, **sent.values, **form.values, "idempotency_key": "9f0c8f2e-2f6b-4a52-8d2b-0c7b6a2d9a11"}
            answer = client.post(sent.action, data=values)
            assert answer.status_code == 302, answer.get_data(as_text=True)
            outcomes.append((answer.headers["Location"], kept(site, before)))
    assert outcomes[0] == outcomes[1]


def test_signing_in_with_extra_fields_gives_no_role(site: Flask) -> None:
    client = client_of(site)
    page = client.page("/sign-in")
    token = next(field for field in page.root.iter("input") if field.get("name") == "csrf_token").get("value", "")
    assert client.post("/sign-in", data={**EXTRA, "csrf_token": token, "person": NOBODY}).status_code == 302
    desks = ("/panel", "/finance", "/authority", "/registrar/roles")
    assert [client.get(address).status_code for address in desks] == [403] * 4
