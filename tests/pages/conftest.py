"""The site with the demonstration, opened by a client that inspects every page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import store
from app.settings import Settings
from app.site import create_app
from ledger.database import Database
from tests.databases import SqliteFiles
from tests.web.inspecting import InspectingClient


@pytest.fixture
def site(told_story: str, sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Flask]:
    """The site over a copy of the demonstration that belongs to this test alone."""
    url = sqlite_files.copy_of(told_story)
    made = create_app(Settings(database_url=url, secret_key="-" * 40, outbox=tmp_path / "outbox"))
    made.test_client_class = InspectingClient
    yield made
    database_of(made).dispose()
    sqlite_files.drop(url)


@pytest.fixture
def visitor(site: Flask) -> InspectingClient:
    """Somebody who is not signed in."""
    return client_of(site)


def client_of(site: Flask, person: str = "") -> InspectingClient:
    """A browser of its own; signed in when a person's reference is given."""
    client = site.test_client()
    assert isinstance(client, InspectingClient)
    if person:
        token = next(field for field in client.page("/sign-in").root.iter("input") if field.get("name") == "csrf_token")
        client.post("/sign-in", data={"csrf_token": token.get("value", ""), "person": person})
    return client


def database_of(site: Flask) -> Database:
    """The database behind the site."""
    with site.app_context():
        return store.database()
