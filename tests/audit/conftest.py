"""The lawful log that an auditor reads: in a database of either make, and as files."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands import main
from ledger.database import open_database
from tests.audit.living import lay, live, said_by, written_in
from tests.databases import Databases, SqliteFiles
from tests.ledger.conftest import World, found_marlmoor, founded_url, world  # noqa: F401 - fixtures, found by their names here too


@dataclass(frozen=True)
class Lived:
    """A lawful log: its database, its entries, and what its site says."""

    url: str
    entries: tuple[bytes, ...] = field(repr=False)
    said: bytes = field(repr=False)


@pytest.fixture(scope="session")
def lived(sqlite_files: SqliteFiles) -> Lived:
    """Lived once, in SQLite. Copy it; nobody writes in it."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    lived_in = World(database)
    found_marlmoor(lived_in)
    live(lived_in)
    made = Lived(url, tuple(written_in(lived_in)), said_by(lived_in))
    database.dispose()
    return made


@pytest.fixture
def lived_world(sqlite_files: SqliteFiles, lived: Lived) -> Iterator[World]:
    """The lived log, for one test to go on with."""
    url = sqlite_files.copy_of(lived.url)
    database = open_database(url)
    yield World(database)
    database.dispose()
    sqlite_files.drop(url)


@pytest.fixture
def folder(lived: Lived, tmp_path: Path) -> Path:
    """The lawful log as files."""
    return lay(tmp_path / "log", lived.entries, said=lived.said)


Audit = Callable[..., Result]


@pytest.fixture
def audit() -> Audit:
    """`audit(folder, "--key", …)`: the command, as it is called."""

    def run(source: object, *options: str) -> Result:
        answer = CliRunner().invoke(main, ["audit", "--from", str(source), *options])
        assert "Traceback" not in answer.output
        return answer

    return run


@pytest.fixture
def make(databases: Databases) -> Databases:
    """The test runs twice: on SQLite and on PostgreSQL."""
    return databases
