"""What every test may ask for: real databases. And what holds for every test: Hypothesis' settings, no silent skip."""

import os
from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

import seeds
from ledger.database import open_database
from tests.databases import Databases, SqliteFiles
from tests.postgres import PostgresServer, running_postgres

IN_CI = os.environ.get("CI") == "true"

settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if IN_CI else "desk")


@pytest.fixture(scope="session", autouse=True)
def nothing_published_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test meets the log that this clone may have published: neither its key nor what is kept of it outside a database."""
    folder = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        _publish_in(patch, folder / "session")
        yield folder


@pytest.fixture(autouse=True)
def own_log(nothing_published_here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test that publishes has a log of its own."""
    _publish_in(monkeypatch, nothing_published_here / f"test_{next(_TESTS)}")


_TESTS = count(1)


def _publish_in(patch: pytest.MonkeyPatch, folder: Path) -> None:
    for name in ("LOG_KEY_FILE", "BALLOT_KEY_FILE", "PUBLISHED_CHECKPOINT"):
        patch.setenv(name, str(folder / name.lower()))
    for name in ("LOG_KEY", "WITNESS_KEYS"):
        patch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL, started when a test first asks; each worker of pytest-xdist has its own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """The test runs twice: on SQLite and on PostgreSQL."""
    name = {"sqlite": "sqlite_files", "postgresql": "postgres_server"}[request.param]
    made: Databases = request.getfixturevalue(name)
    return made


@pytest.fixture(scope="session")
def told_story(sqlite_files: SqliteFiles) -> str:
    """The address of a database that holds the demonstration. Copy it; nobody writes in it."""
    return _told(sqlite_files)


@pytest.fixture(scope="session")
def story_of_last_month(sqlite_files: SqliteFiles) -> str:
    """The demonstration as it was told a month ago: nothing was recorded since, whatever the day of the test."""
    return _told(sqlite_files, datetime.now(UTC).date() - timedelta(days=30))


def _told(files: SqliteFiles, today: date | None = None) -> str:
    url = files.empty()
    database = open_database(url)
    database.upgrade()
    seeds.tell(database, today=today)
    database.dispose()
    return url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    yield from _for_one_test(postgres_server)


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles) -> Iterator[str]:
    """A new SQLite database; its file is not there yet."""
    yield from _for_one_test(sqlite_files)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A new, empty database; the test runs twice, on SQLite and on PostgreSQL."""
    yield from _for_one_test(databases)


def _for_one_test(databases: Databases) -> Iterator[str]:
    url = databases.empty()
    yield url
    databases.drop(url)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for PostgreSQL by name is marked so, and `-m "not postgres"` leaves it out."""
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On the build machine a skipped test has failed."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and CI=true: {report.longrepr}"
    return report
