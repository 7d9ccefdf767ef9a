"""The site with a secret round under way: Glodbrook's residents vote today."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from app.settings import Settings
from app.site import create_app
from ledger.database import open_database
from tests.ballot.living import SecretRound, a_secret_round
from tests.databases import SqliteFiles
from tests.ledger.conftest import World, found_marlmoor
from tests.pages.conftest import database_of
from tests.web.inspecting import InspectingClient


@dataclass(frozen=True)
class Booth:
    """The site, and the round with everything that the site does not know."""

    site: Flask
    living: SecretRound
    url: str
    key: Path


def a_round_today(url: str, key: Path) -> SecretRound:
    """A database with the round in it; the key of its receipts goes into the file."""
    database = open_database(url)
    database.upgrade()
    world = World(database, datetime.now(UTC).date())
    found_marlmoor(world)
    living = a_secret_round(world)
    key.write_text(bytes(living.key).hex())
    return living


@contextmanager
def a_booth(files: SqliteFiles, folder: Path) -> Iterator[Booth]:
    """The site over a database of its own."""
    url, key = files.empty(), folder / "ballot_key"
    living = a_round_today(url, key)
    site = create_app(Settings(database_url=url, secret_key="-" * 40, outbox=folder / "outbox", ballot_key_file=key))
    site.test_client_class = InspectingClient
    yield Booth(site, living, url, key)
    database_of(site).dispose()
    living.world.database.dispose()
    files.drop(url)
