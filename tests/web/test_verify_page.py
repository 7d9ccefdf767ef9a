"""The page `/verify` as it is sent: the log's public key once it has signed something, and how the log is witnessed."""

from flask import Flask

from ledger.publishing import publish
from tests.pages.conftest import database_of
from tests.proving import LOG
from tests.web.inspecting import InspectingClient

WHOLE = str(LOG.verifier)


def test_the_key_is_shown_and_stands_in_the_command(app: Flask, client: InspectingClient) -> None:
    publish(database_of(app), LOG)
    page = client.page("/verify")
    assert page.heading == "Check the record yourself"
    assert page.text.count(WHOLE) == 4  # shown, filled in, in the command, and in a witness's
    assert client.get("/verify").headers["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_before_anything_is_signed_it_says_that_there_is_none(client: InspectingClient) -> None:
    page = client.page("/verify")
    assert "This site has not published a key yet" in page.text
    assert "--key KEY" in page.text


def test_every_page_leads_to_the_check(client: InspectingClient) -> None:
    assert client.page("/accessibility").links["Check the record yourself"] == "/verify"
