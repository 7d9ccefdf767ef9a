"""The application over an empty, real database, and the client that inspects what it opens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import store
from app.settings import Settings
from app.site import create_app
from tests.web.inspecting import InspectingClient
from tests.web.rehearsal import add_rehearsal


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What an installation decides; a module of tests may decide otherwise."""
    return Settings(database_url=f"sqlite:///{tmp_path}/site.db", secret_key="-" * 40)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The site over an empty database."""
    site = create_app(settings)
    with site.app_context():
        database = store.database()
    database.upgrade()
    site.test_client_class = InspectingClient
    yield site
    database.dispose()


@pytest.fixture
def client(app: Flask) -> InspectingClient:
    """A visitor who is not signed in."""
    made = app.test_client()
    assert isinstance(made, InspectingClient)
    return made


@pytest.fixture
def asked(app: Flask) -> list[dict[str, object]]:
    """What the rehearsal's desk was asked; asking for this fixture adds the desk to the site."""
    return add_rehearsal(app)
