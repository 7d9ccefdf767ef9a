"""The site over a database that would not keep its word: every page and form says so, as unavailable and not as refused."""

import re
import sqlite3
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import store
from app.settings import Settings
from app.site import create_app
from ledger.database import open_database
from tests.databases import SqliteFiles
from tests.faults.clerks import TODAY
from tests.ledger.conftest import LEADER, World, found_marlmoor
from tests.signing_in import let_in

UNSAFE = "The database would not keep what it says it has kept"


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:////nowhere/ours.db?nolock=1&uri=true"])
@pytest.mark.parametrize("path", ["/", "/ledger", "/log/checkpoint", "/sign-in"])
def test_every_page_over_such_an_address_is_unavailable(address: str, path: str) -> None:
    answer = create_app(Settings(database_url=address, secret_key="-" * 40)).test_client().get(path)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert UNSAFE in answer.text


@pytest.fixture
def site(sqlite_files: SqliteFiles) -> Flask:
    """Marlmoor on the web, founded today."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    found_marlmoor(World(database, TODAY))
    database.dispose()
    return create_app(Settings(database_url=url, secret_key="-" * 40))


def devolve(client: FlaskClient) -> TestResponse:
    """The leader opens the form and sends it."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', client.get("/authority/devolve").text))
    last = TODAY + timedelta(days=30)
    typed = {"partnership": "glodbrook", "title": "An instrument", "power": "Minute 14", "money": "1", "award_money": "1"}
    days = {"begins": f"{TODAY:%d %m %Y}".split(), "ends": f"{last:%d %m %Y}".split()}
    return client.post("/authority/devolve", data={**hidden, **typed, **days})


def order_in_the_pool(site: Flask, order: str) -> None:
    with site.app_context(), store.database().writer.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute(f"PRAGMA {order}").fetchall()


@pytest.mark.parametrize("order", ["synchronous=NORMAL", "synchronous=OFF"])
def test_a_form_that_meets_a_lowered_connection_is_unavailable_until_it_is_put_right(site: Flask, order: str) -> None:
    client = site.test_client()
    let_in(site, client, LEADER)
    order_in_the_pool(site, order)
    answer = devolve(client)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert f"{UNSAFE}: SQLite&#39;s synchronous level is" in answer.text
    assert client.get("/ledger").status_code == HTTPStatus.OK  # reading goes on
    order_in_the_pool(site, "synchronous=FULL")
    assert devolve(client).status_code == HTTPStatus.FOUND
    with site.app_context():
        store.database().dispose()
