"""The steps of signing in by email, as somebody takes them in a browser."""

import re

from flask import Flask
from werkzeug.test import TestResponse

from app.mail import post_office
from ledger.credentials.mailboxes import add_mailbox
from tests.mail_server import Letters
from tests.pages.conftest import database_of
from tests.web.inspecting import InspectingClient, Page


def give_address(site: Flask, person: str, address: str) -> None:
    with database_of(site).unit_of_work(appends=False) as unit:
        add_mailbox(unit, person=person, address=address)
        unit.commit()


def ask(client: InspectingClient, address: str, **values: str) -> TestResponse:
    """Type the address, and wait until what follows is done."""
    page = client.page("/sign-in")
    form = next(form for form in [page.form("/sign-in/email")])
    answer = client.post("/sign-in/email", data={**form.values, "email": address, **values})
    settle(client.application)
    return answer


def settle(site: Flask) -> None:
    with site.app_context():
        post_office().settle()


def path_in(letters: Letters) -> str:
    """The path of the link in the newest letter."""
    found = re.search(r"^http://localhost(/\S+)$", letters[-1].get_content().replace("\r\n", "\n"), flags=re.MULTILINE)
    assert found is not None
    return found.group(1)


def press(client: InspectingClient, page: Page, action: str, **values: str) -> TestResponse:
    """Send one of the forms of the page, and follow where it leads."""
    return client.submit(page.form(action), **values)


def sign_in_by_mail(client: InspectingClient, letters: Letters, address: str) -> TestResponse:
    """All of it, to the page that follows."""
    ask(client, address)
    return press(client, client.page(path_in(letters)), "/sign-in/link")
