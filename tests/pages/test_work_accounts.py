"""Work accounts: who the authority's own sign-in vouches for, and everything that is refused in its name."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from app.settings import Issuer, IssuerBroken, from_environment
from ledger.credentials.identities import Identity, person_with, tie
from ledger.credentials.invitations import Invitation, invite
from ledger.credentials.visits import Visit
from ledger.people import Person
from tests.issuers import CLIENT, SECRET, Work, work_accounts
from tests.pages.by_mail import press
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient

FINANCE, REGISTRAR, RUTH = "p-demo-finance", "p-demo-registrar", "ruth@marlmoor.example"


@pytest.fixture
def work(site: Flask) -> Iterator[Work]:
    """Marlmoor's own sign-in, which the site knows."""
    with work_accounts() as made:
        site.config["ISSUER"] = Issuer(made.address, CLIENT, SECRET)
        yield made


@pytest.fixture
def tied(site: Flask, work: Work) -> Work:
    """Ruth's work account is known here."""
    with database_of(site).unit_of_work(appends=False) as unit:
        tie(unit, issuer=work.address, subject="7", person=FINANCE)
        unit.commit()
    return work


def invitation(site: Flask, *, person: str | None = FINANCE, address: str = RUTH) -> str:
    with database_of(site).unit_of_work(appends=False) as unit:
        _, token = invite(unit, ref="one", authority="marlmoor", address=address, name="Ruth", inviter=REGISTRAR, person=person)
        unit.commit()
    assert token is not None
    return token


def go(client: InspectingClient, work: Work, start: str = "/sign-in/work") -> str:
    """To the issuer and back; returns the path that the browser comes back to."""
    answer = client.get(start)
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith(f"{work.address}/authorize?")
    return work.let_in(answer.headers["Location"])


def enter(client: InspectingClient, path: str) -> TestResponse:
    return press(client, client.page(path), "/sign-in/work")


def ways(site: Flask) -> list[tuple[str, str]]:
    with database_of(site).reading() as session:
        return [(row.person, row.way) for row in session.exec(select(Visit))]


def accounts(site: Flask) -> list[str]:
    with database_of(site).reading() as session:
        return [row.person for row in session.exec(select(Identity))]


def test_whose_account_is_known_signs_in_fully_with_it(site: Flask, tied: Work) -> None:
    client = client_of(site)
    assert "Sign in with your work account" in client.page("/sign-in").links
    path = go(client, tied)
    client.page(path)
    assert ways(site) == []  # opening an address signs nobody in
    assert enter(client, path).request.path == "/finance"
    assert ways(site) == [(FINANCE, "work account")]


def test_an_account_that_nobody_here_has_is_refused_whatever_address_it_claims(site: Flask, work: Work) -> None:
    answer = enter(client := client_of(site), go(client, work))
    assert (answer.status_code, "Nobody here has this work account" in answer.text) == (409, True)
    assert (ways(site), accounts(site)) == ([], [])


def test_an_invitation_is_accepted_with_the_account_and_ties_it(site: Flask, work: Work) -> None:
    client, token = client_of(site), invitation(site)
    there = client.page(f"/invitation/{token}").links["Accept with your work account"]
    assert enter(client, go(client, work, there)).request.path == "/finance"
    assert accounts(site) == [FINANCE]
    again = client_of(site)
    assert enter(again, go(again, work)).request.path == "/finance"


@pytest.mark.parametrize(
    "account",
    [{"email": "mallory@marlmoor.example"}, {"email_verified": False}, {"email_verified": "true"}, {"email": None}],
)
def test_an_invitation_is_for_its_verified_address_only(site: Flask, work: Work, account: dict[str, Any]) -> None:
    client, token = client_of(site), invitation(site)
    work.account.update(account)
    there = client.page(f"/invitation/{token}").links["Accept with your work account"]
    answer = enter(client, go(client, work, there))
    assert (answer.status_code, "went to another address" in answer.text) == (409, True)
    assert accounts(site) == []
    with database_of(site).reading() as session:
        assert session.exec(select(Invitation.state)).one() == "open"


def test_an_account_that_is_somebodys_accepts_no_invitation_of_another(site: Flask, tied: Work) -> None:
    client, token = client_of(site), invitation(site, person=None)
    there = client.page(f"/invitation/{token}").links["Accept with your work account"]
    assert "belongs to somebody else here already" in enter(client, go(client, tied, there)).text
    with database_of(site).reading() as session:
        assert session.exec(select(Person).where(Person.name == "Ruth")).all() == []
        assert person_with(session, issuer=tied.address, subject="7") == FINANCE


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "signs"),
    [
        ({}, "none"),
        ({}, "HS256"),
        ({}, "another key"),
        ({"aud": "another site"}, "RS256"),
        ({"aud": [CLIENT, "another site"]}, "RS256"),
        ({"aud": [CLIENT, "another site"], "azp": "another site"}, "RS256"),
        ({"azp": "another site"}, "RS256"),
        ({"nonce": "another question"}, "RS256"),
        ({"nonce": None}, "RS256"),
        ({"iss": "https://id.elsewhere.example"}, "RS256"),
        ({"iss": None}, "RS256"),
        ({"exp": NOW - 3600, "iat": NOW - 7200}, "RS256"),
        ({"exp": None}, "RS256"),
        ({"sub": None}, "RS256"),
        ({"sub": ""}, "RS256"),
        ({"sub": 7}, "RS256"),
    ],
)
def test_a_token_that_is_not_right_signs_nobody_in(site: Flask, tied: Work, claims: dict[str, Any], signs: str) -> None:
    tied.claims, tied.signs = claims, signs
    client = client_of(site)
    answer = enter(client, go(client, tied))
    assert (answer.status_code, "could not be checked" in answer.text) == (409, True)
    assert ways(site) == []


def test_the_answer_is_taken_once_and_only_in_the_browser_that_asked(site: Flask, tied: Work) -> None:
    client, other = client_of(site), client_of(site)
    path = go(client, tied)
    go(other, tied)
    assert enter(other, path).status_code == 409
    assert enter(client, path.replace("state=", "state=x")).status_code == 409
    path = go(client, tied)
    assert enter(client, path).request.path == "/finance"
    assert enter(client, path).status_code == 409


def test_an_issuer_that_calls_itself_otherwise_or_leads_off_https_is_not_asked(site: Flask, tied: Work) -> None:
    for wrong in (
        {"issuer": "https://id.elsewhere.example"},
        {"authorization_endpoint": "http://id.elsewhere.example/authorize"},
        {"authorization_endpoint": None},
    ):
        tied.about = wrong
        assert client_of(site).get("/sign-in/work").status_code == 409
    tied.about = {}
    client = client_of(site)
    path = go(client, tied)
    tied.about = {"token_endpoint": "http://id.elsewhere.example/token"}
    assert enter(client, path).status_code == 409


def test_an_issuer_that_is_gone_is_said_in_words_and_noted_without_its_words(
    site: Flask, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(site)
    path = go(client, work)
    site.config["ISSUER"] = Issuer("http://127.0.0.1:1", CLIENT, SECRET)
    assert "could not be checked" in enter(client, path).text
    assert "a work account was refused: ConnectionError" in caplog.text
    assert "code-0" not in caplog.text


def test_a_site_without_an_issuer_has_no_such_way(site: Flask) -> None:
    client = client_of(site)
    assert "Sign in with your work account" not in client.page("/sign-in").links
    assert client.get("/sign-in/work").status_code == 404
    assert client.get("/sign-in/work/back").status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"OIDC_CLIENT_ID": "x"}, "OIDC_ISSUER is not an address with https"),
        ({"OIDC_ISSUER": "http://id.marlmoor.example", "OIDC_CLIENT_ID": "x"}, "OIDC_ISSUER is not an address with https"),
        ({"OIDC_ISSUER": "https://id.marlmoor.example", "OIDC_CLIENT_ID": "x"}, "are both needed"),
        ({"OIDC_ISSUER": "https://id.marlmoor.example", "OIDC_CLIENT_SECRET": "x"}, "are both needed"),
        ({"OIDC_CLIENT_SECRET_FILE": "nowhere/secret"}, "cannot be read"),
    ],
)
def test_a_half_given_issuer_is_refused_in_words(given: dict[str, str], words: str) -> None:
    with pytest.raises(IssuerBroken, match=words):
        from_environment({"SECRET_KEY": "-" * 40, **given})


def test_the_secret_of_an_issuer_may_be_in_a_file_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("our word\n")
    named = {"OIDC_ISSUER": "https://id.marlmoor.example", "OIDC_CLIENT_ID": "x"}
    settings = from_environment({"SECRET_KEY": "-" * 40, **named, "OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret")})
    assert settings.issuer == Issuer("https://id.marlmoor.example", "x", "our word")
    assert "our word" not in repr(settings)
