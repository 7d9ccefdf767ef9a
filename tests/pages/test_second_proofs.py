"""Officers need more than a link; a code, a recovery code or a passkey is given once; nobody adds one by reading mail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlmodel import select, update
from werkzeug.test import TestResponse

from app import mail
from ledger.credentials.codes import Authenticator
from ledger.credentials.passkeys import Passkey, passkeys_of
from ledger.credentials.visits import Visit, Way
from ledger.database import system_clock
from tests.devices import Device
from tests.mail_server import Letters, mail_server
from tests.pages.by_mail import give_address, press, settle, sign_in_by_mail
from tests.pages.conftest import client_of, database_of
from tests.signing_in import carried, let_in
from tests.web.inspecting import InspectingClient, Page

FINANCE, LEADER, PANEL = "p-demo-finance", "p-demo-leader", "p-demo-glodbrook-2"
RUTH, BEA = "ruth@marlmoor.example", "bea@glodbrook.example"
SECURITY, CODE = "/me/security", "/sign-in/code"


@pytest.fixture(autouse=True)
def letters(site: Flask) -> Iterator[Letters]:
    """The site's letters go to a real server; Ruth, a finance officer, and Bea, of a panel, have addresses."""
    with mail_server() as (url, kept):
        with site.app_context():
            settings = mail.post_office()._settings
        mail.register(site, replace(settings, smtp_url=url))
        give_address(site, FINANCE, RUTH)
        give_address(site, PANEL, BEA)
        yield kept
        settle(site)


def by_link(site: Flask, letters: Letters, address: str = RUTH) -> tuple[InspectingClient, Page]:
    client = client_of(site)
    return client, Page(sign_in_by_mail(client, letters, address))


def ways(site: Flask) -> list[str]:
    with database_of(site).reading() as session:
        return list(session.exec(select(Visit.way)))


def totp(site: Flask, person: str = FINANCE) -> pyotp.TOTP:
    with database_of(site).reading() as session:
        return pyotp.TOTP(session.get_one(Authenticator, person).secret)


def set_up_app(site: Flask, client: InspectingClient, person: str = FINANCE) -> list[str]:
    """Set up an app with the code of the step before this one; returns the recovery codes."""
    shown = Page(press(client, client.page(SECURITY), f"{SECURITY}/app/start"))
    early = totp(site, person).at(system_clock() - timedelta(seconds=30))
    page = press(client, shown, f"{SECURITY}/app", code=early)
    return re.findall(r"<li>((?:[A-Z2-7]{4}-){5}[A-Z2-7]{4})</li>", page.text)


def type_code(client: InspectingClient, code: str) -> TestResponse:
    return press(client, client.page(CODE), CODE, code=code)


def test_an_officer_with_a_link_alone_holds_nothing_and_is_led_to_set_up_a_proof(site: Flask, letters: Letters) -> None:
    client, page = by_link(site, letters)
    assert page.response.request.path == SECURITY
    assert "Your role needs more than an email link" in page.text
    for address in ("/finance", "/finance/rounds/glodbrook-first", "/authority", "/panel"):
        assert client.get(address).headers["Location"] == SECURITY
    assert client.get("/places").status_code == 200
    token = page.response.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/finance/rounds/glodbrook-open", data={"csrf_token": token}).headers["Location"] == SECURITY


def test_who_is_no_officer_needs_a_link_only(site: Flask, letters: Letters) -> None:
    _, page = by_link(site, letters, BEA)
    assert page.response.request.path == "/panel"


def test_an_officer_sets_up_an_app_and_is_in_with_a_new_session(site: Flask, letters: Letters) -> None:
    client, _ = by_link(site, letters)
    before = carried(client)
    assert len(set_up_app(site, client)) == 10
    assert carried(client) not in {"", before}
    assert client.get("/finance").status_code == 200
    assert ways(site) == [Way.LINK_AND_CODE.value]


def test_afterwards_the_code_follows_the_link_and_works_once(site: Flask, letters: Letters) -> None:
    set_up_app(site, by_link(site, letters)[0])
    client, page = by_link(site, letters)
    assert page.response.request.path == CODE
    assert client.get("/finance").headers["Location"] == CODE
    wrong = type_code(client, "000000" if totp(site).now() != "000000" else "000001")
    assert (wrong.status_code, "That code is not right" in wrong.text) == (422, True)
    now = totp(site).now()
    assert type_code(client, now).request.path == "/finance"
    other, _ = by_link(site, letters)
    assert type_code(other, now).status_code == 422


def test_whoever_reads_the_mail_of_an_officer_can_change_nothing(site: Flask, letters: Letters) -> None:
    """Mallory reads Ruth's mail, and asks for links in a browser of their own."""
    set_up_app(site, by_link(site, letters)[0])
    mallory, _ = by_link(site, letters)
    page = mallory.page(SECURITY)
    assert "Give your second proof before you change anything here" in page.text
    token = page.response.text.split('name="csrf_token" value="')[1].split('"')[0]
    for address in ("/app/start", "/app", "/app/remove", "/recovery", "/passkeys/options", "/passkeys", "/passkeys/remove"):
        answer = mallory.post(f"{SECURITY}{address}", data={"csrf_token": token, "code": "123456"})
        assert (answer.status_code, "came in without it" in answer.text) == (409, True), address
    assert mallory.get(f"{SECURITY}/app").status_code == 409
    assert mallory.get("/finance").status_code == 302


def test_after_too_many_wrong_codes_there_is_a_wait(site: Flask, letters: Letters) -> None:
    set_up_app(site, by_link(site, letters)[0])
    client, _ = by_link(site, letters)
    wrong = "000000" if totp(site).now() != "000000" else "000001"
    for _ in range(5):
        assert type_code(client, wrong).status_code == 422
    held = type_code(client, totp(site).now())
    assert "There were too many wrong codes. Wait" in held.text
    with database_of(site).unit_of_work(appends=False) as unit:
        unit.session.execute(update(Authenticator).values(waits_until=system_clock()))
        unit.commit()
    assert type_code(client, totp(site).now()).request.path == "/finance"


def test_a_recovery_code_lets_in_once(site: Flask, letters: Letters) -> None:
    codes = set_up_app(site, by_link(site, letters)[0])
    client, _ = by_link(site, letters)
    assert type_code(client, codes[3].lower()).request.path == "/finance"
    assert "You have 9 recovery codes left" in client.page(SECURITY).text
    again, _ = by_link(site, letters)
    refused = type_code(again, codes[3])
    assert "none of your recovery codes" in refused.text


def test_an_officer_keeps_at_least_one_proof(site: Flask, letters: Letters) -> None:
    client, _ = by_link(site, letters)
    set_up_app(site, client)
    refused = press(client, client.page(SECURITY), f"{SECURITY}/app/remove")
    assert "this is the last one" in refused.text
    device = Device()
    assert add_passkey(client, device)["onward"] == SECURITY
    assert press(client, client.page(SECURITY), f"{SECURITY}/app/remove").status_code == 200
    assert "this is the last one" in press(client, client.page(SECURITY), f"{SECURITY}/passkeys/remove").text


def post(client: InspectingClient, address: str, given: object, page: str) -> TestResponse:
    token = client.get(page).text.split('data-token="')[1].split('"')[0]
    return client.post(address, json=given, headers={"X-CSRFToken": token})


def add_passkey(client: InspectingClient, device: Device) -> dict[str, Any]:
    options = post(client, f"{SECURITY}/passkeys/options", {}, SECURITY).get_json()
    done: dict[str, Any] = post(client, f"{SECURITY}/passkeys", device.make(options), SECURITY).get_json()
    return done


@dataclass
class Door:
    """The sign-in page in a browser of its own."""

    client: InspectingClient

    def ask(self) -> dict[str, Any]:
        asked: dict[str, Any] = post(self.client, "/sign-in/passkey/options", {}, "/sign-in").get_json()
        return asked

    def answer(self, given: object) -> TestResponse:
        return post(self.client, "/sign-in/passkey", given, "/sign-in")


@pytest.fixture
def device(site: Flask) -> Device:
    """Ruth's phone, with a passkey of this site; it counts its signatures."""
    client = client_of(site)
    let_in(site, client, FINANCE)
    made = Device(counts=7)
    assert add_passkey(client, made) == {"onward": SECURITY}
    return made


def test_a_passkey_signs_in_fully_without_a_name_being_typed(site: Flask, device: Device) -> None:
    door = Door(client_of(site))
    options = door.ask()
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    assert door.answer(device.sign(options)).get_json() == {"onward": "/finance"}
    assert door.client.get("/finance").status_code == 200
    with database_of(site).reading() as session:
        assert [row.signs for row in passkeys_of(session, FINANCE)] == [device.counts]


def test_a_passkey_is_asked_for_as_one_that_is_kept_and_verifies_its_owner(site: Flask) -> None:
    client = client_of(site)
    let_in(site, client, LEADER)
    options = post(client, f"{SECURITY}/passkeys/options", {}, SECURITY).get_json()
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"], options["rp"]["id"]) == ("required", "required", "localhost")
    assert len(options["challenge"]) >= 86  # 64 bytes


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://localhost.evil.example"},
        {"origin": "https://localhost"},
        {"host": "evil.example"},
        {"verifies": False},
        {"key_id": b"somebody else's passkey"},
        {"key": Device().key},
        {"counts": 3},
    ],
)
def test_a_signature_that_is_not_right_signs_nobody_in(site: Flask, device: Device, wrong: dict[str, Any]) -> None:
    door = Door(client_of(site))
    answer = door.answer(replace(device, **wrong).sign(door.ask()))
    assert answer.status_code == 409
    assert re.search("could not be checked|may be a copy of it", answer.get_json()["sentence"])
    assert door.client.get("/finance").status_code == 302


@pytest.mark.parametrize("wrong", [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"verifies": False}])
def test_a_passkey_that_is_not_right_is_not_kept(site: Flask, wrong: dict[str, Any]) -> None:
    client = client_of(site)
    let_in(site, client, LEADER)
    assert "could not be checked" in add_passkey(client, replace(Device(), **wrong))["sentence"]
    with database_of(site).reading() as session:
        assert session.exec(select(Passkey)).all() == []


def test_a_signature_is_taken_once_and_only_for_what_was_asked_of_this_browser(site: Flask, device: Device) -> None:
    door, other = Door(client_of(site)), Door(client_of(site))
    signed = device.sign(door.ask())
    other.ask()
    assert other.answer(signed).status_code == 409
    assert door.answer(device.sign(door.ask(), challenge="AAAA")).status_code == 409
    signed = device.sign(door.ask())
    assert door.answer(signed).status_code == 200
    assert "answered already" in door.answer(signed).get_json()["sentence"]


@pytest.mark.parametrize("given", [None, [], "x", {}, {"id": 7}, {"id": "x" * 9000}, {"id": None, "response": []}])
def test_an_answer_that_makes_no_sense_is_refused_in_words(site: Flask, device: Device, given: object) -> None:
    door = Door(client_of(site))
    door.ask()
    assert door.answer(given).status_code == 409
    known = device.sign(door.ask())
    assert door.answer({**known, "response": given}).status_code == 409


def test_a_passkey_without_the_pages_token_is_refused(site: Flask, device: Device) -> None:
    door = Door(client_of(site))
    signed = device.sign(door.ask())
    for address in ("/sign-in/passkey", "/sign-in/passkey/options"):
        assert door.client.post(address, json=signed).status_code == 400
    assert door.client.post(f"{SECURITY}/passkeys", json=signed).status_code == 400


def test_nobody_removes_somebody_elses_passkey(site: Flask, device: Device) -> None:
    client = client_of(site)
    let_in(site, client, PANEL)
    add_passkey(client, Device(key_id=b"another"))
    with database_of(site).reading() as session:
        (ruths,) = passkeys_of(session, FINANCE)
    press(client, client.page(SECURITY), f"{SECURITY}/passkeys/remove", passkey=ruths.id)
    with database_of(site).reading() as session:
        assert len(passkeys_of(session, FINANCE)) == 1
    assert device.counts > 7
