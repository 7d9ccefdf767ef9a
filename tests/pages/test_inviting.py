"""A registrar asks somebody in; they accept, sign in by a link, and the invitation is over."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlmodel import select

from app import mail
from ledger.credentials.invitations import Invitation
from ledger.credentials.mailboxes import add_mailbox
from ledger.people import Person
from tests.mail_server import Letters, mail_server
from tests.pages.by_mail import path_in, press, settle
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient, Page

REGISTRAR, LEADER, FINANCE = "p-demo-registrar", "p-demo-leader", "p-demo-finance"
NEW, LIST, WREN = "/registrar/invitations/new", "/registrar/invitations", "wren@glodbrook.example"


@pytest.fixture
def letters(site: Flask) -> Iterator[Letters]:
    """The site's letters go to a real server."""
    with mail_server() as (url, kept):
        with site.app_context():
            settings = mail.post_office()._settings
        mail.register(site, replace(settings, smtp_url=url))
        yield kept
        settle(site)


def invite(site: Flask, **values: str) -> Page:
    client = client_of(site, REGISTRAR)
    answer = client.submit(client.page(NEW).form(NEW), **{"name": "Wren Okafor", "email": WREN, **values})
    settle(site)
    return Page(answer)


def states(site: Flask) -> list[str]:
    with database_of(site).reading() as session:
        return [row.state for row in session.exec(select(Invitation))]


def test_somebody_is_invited_accepts_and_signs_in(site: Flask, letters: Letters) -> None:
    page = invite(site)
    assert "An invitation is on its way to wren@glodbrook.example." in page.text
    assert "Wren Okafor Open" in page.text
    assert (letters[0]["To"], letters[0]["Subject"]) == (WREN, "Your invitation to Commonpurse")
    wren = client_of(site)
    shown = wren.page(path_in(letters))
    assert "Marlmoor Combined Authority invites Wren Okafor" in shown.text
    assert states(site) == ["open"]
    assert press(wren, shown, "/invitation").request.path == "/sign-in/sent"
    settle(site)
    assert wren.get("/me/sessions").status_code == 302  # accepting signs nobody in
    press(wren, wren.page(path_in(letters)), "/sign-in/link")
    assert "<strong>Wren Okafor</strong>" in wren.get("/me/sessions").text
    assert states(site) == ["accepted"]


def test_a_stolen_invitation_signs_nobody_in(site: Flask, letters: Letters) -> None:
    """A thief accepts it; the link goes to the address that was invited, and works in no other browser than the thief's."""
    invite(site)
    thief = client_of(site)
    press(thief, thief.page(path_in(letters)), "/invitation")
    settle(site)
    assert letters[-1]["To"] == WREN
    assert thief.get("/me/sessions").status_code == 302


def test_an_invitation_that_was_used_or_withdrawn_is_over(site: Flask, letters: Letters) -> None:
    invite(site)
    used = path_in(letters)
    wren = client_of(site)
    form = wren.page(used)
    press(wren, form, "/invitation")
    again = press(wren, form, "/invitation")
    assert again.status_code == 409
    assert "This invitation does not work" in wren.page(used, status=409).text
    settle(site)
    invite(site, email="owen@glodbrook.example", name="Owen")
    withdrawn = path_in(letters)
    client = client_of(site, REGISTRAR)
    action = next(
        form.get("action", "") for form in client.page(LIST).root.iter("form") if "withdraw" in form.get("action", "")
    )
    assert "That invitation no longer works." in Page(press(client, client.page(LIST), action)).text
    wren.page(withdrawn, status=409)
    assert sorted(states(site)) == ["accepted", "withdrawn"]


def test_an_invitation_that_is_sent_twice_is_one_letter(site: Flask, letters: Letters) -> None:
    client = client_of(site, REGISTRAR)
    form = client.page(NEW).form(NEW)
    for _ in range(2):
        assert client.submit(form, name="Wren", email=WREN).request.path == LIST
    settle(site)
    assert len(letters) == 1


def test_fields_that_nobody_asked_for_are_ignored(site: Flask, letters: Letters) -> None:
    invite(site, role="registrar", state="accepted", authority="wieliczka-city", inviter=LEADER, ends="2099-01-01")
    with database_of(site).reading() as session:
        row = session.exec(select(Invitation)).one()
    assert (row.state, row.authority, row.inviter, row.ends.year < 2099) == ("open", "marlmoor", REGISTRAR, True)
    assert len(letters) == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "Enter a name"),
        ({"email": "wren"}, "Enter an email address in the correct form"),
        ({"email": f"{WREN}\r\nBcc: all@glodbrook.example"}, "Enter an email address in the correct form"),
        ({"email": "ruth@marlmoor.example"}, "Somebody here has this email address already"),
        ({"person": "p-nobody"}, "There is no person called “p-nobody”"),
        ({"idempotency_key": "x"}, "was not sent whole"),
    ],
)
def test_an_invitation_with_a_fault_is_answered_in_words(
    site: Flask, letters: Letters, values: dict[str, str], words: str
) -> None:
    with database_of(site).unit_of_work(appends=False) as unit:
        add_mailbox(unit, person=FINANCE, address="ruth@marlmoor.example")
        unit.commit()
    page = invite(site, **values)
    assert page.response.status_code == 422
    assert words in " ".join(page.errors).replace("’", "'")
    assert letters == []


@pytest.mark.parametrize("person", [LEADER, FINANCE, "p-demo-operator", "p-demo-glodbrook-0"])
def test_nobody_else_sees_or_sends_invitations(site: Flask, person: str) -> None:
    client = client_of(site, person)
    assert [client.get(address).status_code for address in (LIST, NEW)] == [403, 403]


def test_another_authoritys_invitation_is_not_there(site: Flask, letters: Letters) -> None:
    invite(site)
    with database_of(site).unit_of_work(appends=False) as unit:
        unit.session.exec(select(Invitation)).one().authority = "wieliczka-city"
        unit.commit()
    client: InspectingClient = client_of(site, REGISTRAR)
    page = client.page(LIST)
    assert "Wren" not in page.text
    with database_of(site).reading() as session:
        ref = session.exec(select(Invitation.ref)).one()
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page.response.text)[0]
    assert client.post(f"{LIST}/{ref}/withdraw", data={"csrf_token": token}).status_code == 404
    assert states(site) == ["open"]
    assert letters
    with database_of(site).reading() as session:
        assert session.exec(select(Person).where(Person.name == "Wren Okafor")).all() == []
