"""One's own email addresses: one is added by a letter to it, in the browser that asked; the last one stays."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlmodel import select

from app.hiding import hidden
from app.settings import Settings
from app.site import create_app
from ledger.credentials.mailboxes import Link, Mailbox
from tests.databases import SqliteFiles
from tests.mail_server import Letters, mail_server
from tests.pages.by_mail import give_address, path_in, press, settle, sign_in_by_mail
from tests.pages.conftest import client_of, database_of
from tests.signing_in import let_in
from tests.web.inspecting import InspectingClient

BEA, ADA = "p-demo-glodbrook-2", "p-demo-glodbrook-3"
OLD, NEW, ADAS = "bea@glodbrook.example", "bea@new.example", "ada@glodbrook.example"
ADD, CONFIRM, REMOVE = "/me/security/email", "/me/security/email/confirm", "/me/security/email/remove"


@pytest.fixture
def letters() -> Iterator[Letters]:
    with mail_server() as (url, kept):
        kept.url = url  # type: ignore[attr-defined]  # one thing more, for the fixture below
        yield kept


@pytest.fixture
def posting(told_story: str, sqlite_files: SqliteFiles, letters: Letters) -> Iterator[Flask]:
    """The site with a mail server; Bea and Ada have an address each."""
    url = sqlite_files.copy_of(told_story)
    smtp: str = letters.url  # type: ignore[attr-defined]  # as above
    made = create_app(Settings(database_url=url, secret_key="-" * 40, smtp_url=smtp))
    made.test_client_class = InspectingClient
    give_address(made, BEA, OLD)
    give_address(made, ADA, ADAS)
    yield made
    settle(made)
    database_of(made).dispose()
    sqlite_files.drop(url)


@pytest.fixture
def bea(posting: Flask) -> InspectingClient:
    client = client_of(posting)
    let_in(posting, client, BEA)
    return client


def addresses(site: Flask, ref: str = BEA) -> set[str]:
    with database_of(site).reading() as session:
        return set(session.exec(select(Mailbox.address).where(Mailbox.person == ref)))


def wish(client: InspectingClient, address: str) -> str:
    """Type the address; what the next page says."""
    said = press(client, client.page(ADD), ADD, email=address).text
    settle(client.application)
    return said


def test_an_address_is_added_by_the_letter_to_it_and_the_others_are_told(
    posting: Flask, bea: InspectingClient, letters: Letters
) -> None:
    assert "a letter is on its way" in wish(bea, " Bea@New.example ")
    assert addresses(posting) == {OLD}
    path = path_in(letters)
    assert hidden(path) == "/me/security/email/..."
    assert "You can now sign in with bea@new.example" in press(bea, bea.page(path), CONFIRM).text
    settle(posting)
    assert addresses(posting) == {OLD, NEW}
    assert [(letter["To"], NEW in letter.get_content()) for letter in letters] == [(NEW, False), (OLD, True)]
    assert sign_in_by_mail(client_of(posting), letters, NEW).request.path == "/panel"


def test_the_letter_is_of_no_use_to_anybody_else(posting: Flask, bea: InspectingClient, letters: Letters) -> None:
    """Neither to another person nor in another browser, nor to sign in with."""
    wish(bea, NEW)
    path = path_in(letters)
    token = path.rpartition("/")[2]
    other, elsewhere = client_of(posting), client_of(posting)
    let_in(posting, other, ADA)
    let_in(posting, elsewhere, BEA)
    for client in (other, elsewhere):
        assert press(client, client.page(path), CONFIRM).status_code == 409
    page = bea.page(f"/sign-in/link/{token}")
    assert press(bea, page, "/sign-in/link").status_code == 409
    assert addresses(posting) == {OLD}
    assert addresses(posting, ADA) == {ADAS}
    assert press(bea, bea.page(path), CONFIRM).status_code == 200
    assert press(bea, bea.page(path), CONFIRM).status_code == 409  # once


def test_a_link_to_sign_in_adds_no_address(posting: Flask, bea: InspectingClient, letters: Letters) -> None:
    visitor = client_of(posting)
    sign_in_by_mail(visitor, letters, ADAS)
    with database_of(posting).reading() as session:
        assert session.exec(select(Link)).all() == []
    page = bea.page(f"{ADD}/{path_in(letters).rpartition('/')[2]}")
    assert press(bea, page, CONFIRM).status_code == 409
    assert addresses(posting) == {OLD}


def test_somebody_elses_address_gets_the_same_answer_and_no_letter(
    posting: Flask, bea: InspectingClient, letters: Letters
) -> None:
    assert "a letter is on its way" in wish(bea, ADAS)
    assert list(letters) == []
    assert addresses(posting, ADA) == {ADAS}


def test_an_address_that_somebody_else_took_meanwhile_is_refused(
    posting: Flask, bea: InspectingClient, letters: Letters
) -> None:
    wish(bea, NEW)
    give_address(posting, ADA, NEW)
    refused = press(bea, bea.page(path_in(letters)), CONFIRM)
    assert refused.status_code == 409
    assert "Somebody here has this email address already" in refused.text
    assert addresses(posting) == {OLD}


@pytest.mark.parametrize("typed", ["", "bea", "bea@new.example\r\nBcc: x@y.example"])
def test_what_is_no_address_is_said_beside_the_field(bea: InspectingClient, letters: Letters, typed: str) -> None:
    assert "Enter an email address in the correct form" in wish(bea, typed)
    assert list(letters) == []


def test_the_last_address_stays_and_another_goes(posting: Flask, bea: InspectingClient) -> None:
    refused = press(bea, bea.page("/me/security"), REMOVE, address=OLD)
    assert refused.status_code == 409
    assert "the only address by which you can sign in" in refused.text
    press(bea, bea.page("/me/security"), REMOVE, address=ADAS)  # not hers
    assert addresses(posting, ADA) == {ADAS}
    form = bea.page("/me/security").form(REMOVE)
    give_address(posting, BEA, NEW)
    bea.submit(form, address=OLD)
    assert addresses(posting) == {NEW}


def test_letters_to_one_address_are_few_whoever_asks(bea: InspectingClient, letters: Letters) -> None:
    for _ in range(3):
        wish(bea, NEW)
    assert press(bea, bea.page(ADD), ADD, email=NEW).status_code == 429
    assert len(letters) == 3
