"""One site with two authorities, and somebody for every role of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings
from app.site import create_app
from ledger.database import open_database
from tests.databases import SqliteFiles
from tests.pages.conftest import database_of
from tests.people.two_authorities import tell_of_two
from tests.web.inspecting import InspectingClient


@pytest.fixture(scope="session")
def two_authorities(sqlite_files: SqliteFiles) -> str:
    """The address of a database that holds both. Copy it; nobody writes in it."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    tell_of_two(database, datetime.now(UTC).date())
    database.dispose()
    return url


@contextmanager
def over(url: str, sqlite_files: SqliteFiles) -> Iterator[Flask]:
    """The site over a copy of that database."""
    own = sqlite_files.copy_of(url)
    letters = Path(own.removeprefix("sqlite:///")).parent / "outbox"
    made = create_app(Settings(database_url=own, secret_key="-" * 40, outbox=letters))
    made.test_client_class = InspectingClient
    yield made
    database_of(made).dispose()
    sqlite_files.drop(own)


@pytest.fixture
def site(two_authorities: str, sqlite_files: SqliteFiles) -> Iterator[Flask]:
    """The site over a copy that belongs to this test alone."""
    with over(two_authorities, sqlite_files) as made:
        yield made
