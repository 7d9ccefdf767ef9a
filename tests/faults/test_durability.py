"""A database that would not keep its word is refused, whoever lowered it and whenever: nothing is recorded on it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from ledger.database import Database, open_database
from ledger.durability import SqliteState, UnsafeDatabase
from ledger.faults import in_words
from ledger.people import Role
from ledger.powers import appoint
from tests.databases import SqliteFiles
from tests.faults.shell import commonpurse, one_sentence
from tests.ledger.conftest import HOLDERS, REGISTRAR, World, found_marlmoor

FOUNDED = 1 + len(HOLDERS)  # entries: the books, and each role
NOT_A_FILE = {
    "sqlite://": "in memory only",
    "sqlite:///:memory:": "in memory only",
    "sqlite:///{path}?nolock=1&uri=true": "parameters (nolock, uri)",
    "sqlite:///{path}?vfs=unix-none": "parameters (vfs)",
    "sqlite:///file:{path}?mode=memory&uri=true": "parameters (mode, uri)",
    "sqlite:///{path}?synchronous=OFF": "parameters (synchronous)",
    "sqlite:///{path}?isolation_level=AUTOCOMMIT": "parameters (isolation_level)",
}
LOWERED = {
    "synchronous=OFF": "synchronous level is 0, below FULL",
    "synchronous=NORMAL": "synchronous level is 1, below FULL",
    "journal_mode=DELETE": "no write-ahead log there (its journal is “delete”)",
    "journal_mode=MEMORY": "no write-ahead log there (its journal is “memory”)",
    "foreign_keys=OFF": "does not check foreign keys",
}
KEPT = ("synchronous=FULL", "journal_mode=WAL", "foreign_keys=ON")


@pytest.fixture(scope="module")
def founded(sqlite_files: SqliteFiles) -> str:
    """An SQLite file in which Marlmoor is founded."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    found_marlmoor(World(database))
    database.dispose()
    return url


@pytest.fixture
def marlmoor(sqlite_files: SqliteFiles, founded: str) -> Iterator[World]:
    """Marlmoor in an SQLite file of its own."""
    url = sqlite_files.copy_of(founded)
    world = World(open_database(url))
    world._keys = 1_000
    yield world
    world.database.dispose()
    sqlite_files.drop(url)


def records(world: World) -> None:
    """Somebody new sits on Glodbrook's panel."""
    key = world.key()
    with world.unit() as unit:
        appoint(
            unit, authority="marlmoor", place="glodbrook", person=f"p-{key}", role=Role.PANEL_MEMBER, registrar=REGISTRAR,
            idempotency_key=key,
        )  # fmt: skip
        unit.commit()


def pragma(order: str) -> Callable[[DBAPIConnection, object], None]:
    """A listener that gives each new connection this order."""

    def listener(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute(f"PRAGMA {order}")

    return listener


def order_in_the_pool(database: Database, order: str) -> None:
    """Somebody takes the connection out of the pool, gives it an order, and puts it back."""
    with database.writer.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute(f"PRAGMA {order}").fetchall()


@pytest.mark.parametrize("address", NOT_A_FILE)
def test_an_address_that_is_more_than_a_file_is_refused_before_anything_is_opened(address: str, tmp_path: Path) -> None:
    database = open_database(address.format(path=tmp_path / "ours.db"))
    with database.unit_of_work() as unit, pytest.raises(UnsafeDatabase) as refusal:
        unit.head()
    assert NOT_A_FILE[address] in refusal.value.sentence
    assert refusal.value.sentence.endswith("nothing was recorded.")
    with database.reading() as session, pytest.raises(UnsafeDatabase):
        session.connection()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("order", LOWERED)
def test_a_connection_that_is_lowered_when_it_is_made_records_nothing(marlmoor: World, order: str) -> None:
    event.listen(marlmoor.database.writer, "connect", pragma(order))
    with pytest.raises(UnsafeDatabase) as refusal:
        records(marlmoor)
    assert LOWERED[order] in refusal.value.sentence
    assert marlmoor.size() == FOUNDED


@pytest.mark.parametrize("order", [order for order in LOWERED if not order.startswith("journal")])
def test_what_lowers_a_connection_before_we_prepare_it_is_overruled(marlmoor: World, order: str) -> None:
    event.listen(marlmoor.database.writer, "connect", pragma(order), insert=True)
    records(marlmoor)
    assert marlmoor.size() == FOUNDED + 1


@pytest.mark.parametrize("level", ["OFF", "NORMAL"])
def test_a_level_that_will_not_be_raised_is_seen_when_the_connection_is_made(marlmoor: World, level: str) -> None:
    """Whoever makes connections here lowers each, and has SQLite pass over every order to raise it."""

    def hold_down(connection: DBAPIConnection, record: object) -> None:
        pragma(f"synchronous={level}")(connection, record)
        assert isinstance(connection, sqlite3.Connection)
        connection.set_authorizer(passes_over)

    for engine in (marlmoor.database.writer, marlmoor.database.reader):
        event.listen(engine, "connect", hold_down, insert=True)
        with pytest.raises(UnsafeDatabase, match="below FULL"):
            engine.connect()


def passes_over(action: int, name: str | None, value: str | None, _database: str | None, _trigger: str | None) -> int:
    raised = action == sqlite3.SQLITE_PRAGMA and name == "synchronous" and value is not None
    return sqlite3.SQLITE_IGNORE if raised else sqlite3.SQLITE_OK


@pytest.mark.parametrize("order", LOWERED)
def test_a_connection_that_is_lowered_between_two_units_records_nothing_until_it_is_put_right(
    marlmoor: World, order: str
) -> None:
    records(marlmoor)
    marlmoor.database.reader.dispose()  # the journal changes only while nobody reads
    order_in_the_pool(marlmoor.database, order)
    for _ in range(2):  # the connection goes back into the pool, and is refused again
        with pytest.raises(UnsafeDatabase) as refusal:
            records(marlmoor)
        assert LOWERED[order] in refusal.value.sentence
    for kept in KEPT:
        order_in_the_pool(marlmoor.database, kept)
    assert marlmoor.size() == FOUNDED + 1
    records(marlmoor)
    assert marlmoor.size() == FOUNDED + 2


def test_more_than_full_is_as_good_as_full(marlmoor: World) -> None:
    event.listen(marlmoor.database.writer, "connect", pragma("synchronous=EXTRA"))
    records(marlmoor)
    assert marlmoor.size() == FOUNDED + 1


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SqliteState("wal", 2, 1, frozenset({"NO_SYNC"})), "built never to flush"),
        (SqliteState("wal", 2, 0, frozenset()), "does not check foreign keys"),
        (SqliteState("wal", 1, 1, frozenset()), "below FULL"),
        (SqliteState("delete", 2, 1, frozenset()), "no write-ahead log"),
    ],
)
def test_an_sqlite_that_was_built_to_forget_is_refused(state: SqliteState, words: str) -> None:
    with pytest.raises(UnsafeDatabase, match=words):
        state.require_safe()
    SqliteState("wal", 2, 1, frozenset({"THREADSAFE=1"})).require_safe()


def test_where_connections_cannot_share_memory_nothing_is_recorded_and_the_sentence_says_so(
    sqlite_files: SqliteFiles, founded: str
) -> None:
    """In the place of the file that connections share stands a folder."""
    url = sqlite_files.copy_of(founded)
    shared = Path(f"{url.removeprefix('sqlite:///')}-shm")
    shared.mkdir()
    world = World(open_database(url))
    with pytest.raises(DBAPIError) as fault:
        records(world)
    said = in_words(fault.value)
    assert said is not None
    assert said.sentence.endswith("nothing of this was recorded.")
    world.database.dispose()
    shared.rmdir()
    assert world.size() == FOUNDED
    world.database.dispose()
    sqlite_files.drop(url)


@pytest.mark.parametrize("words", [("serve",), ("ledger", "verify"), ("db", "upgrade"), ("seed",)], ids=" ".join)
def test_every_command_refuses_such_an_address_in_one_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    done = commonpurse(f"sqlite:///{tmp_path}/ours.db?nolock=1&uri=true", *words)
    assert done.returncode == 2
    assert one_sentence(done).startswith("The database would not keep what it says it has kept: its address has parameters")
    assert not (tmp_path / "ours.db").exists()


def test_the_doctor_calls_such_an_address_unsafe_and_goes_on_with_its_round() -> None:
    done = commonpurse("sqlite://", "doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert "MEND  DATABASE_URL: The database would not keep what it says it has kept: it is in memory only." in done.stdout
    assert "SECURE:" in done.stdout
