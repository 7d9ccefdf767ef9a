"""The database: SQLite by default, PostgreSQL beyond; one unit of work to write, a reading that cannot write.

A unit of work is one transaction that rolls back unless it is committed. On SQLite it begins with BEGIN IMMEDIATE, so
writers queue, in the order in which they came, instead of failing half-way; the journal is WAL with `synchronous=FULL`,
because NORMAL loses acknowledged commits at power loss. What was asked for is read back, and a connection that would not
keep its word is refused.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection, IsolationLevel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import String, TypeDecorator
from sqlmodel import Session

from ledger.durability import require_safe_address, require_safe_session, require_safe_sqlite, require_still_safe
from ledger.turns import Turns

Clock = Callable[[], datetime]

_BUSY_MILLISECONDS = 30_000
_HEAD = "SELECT size, edge, recorded_at, decisions FROM head"
# WAL first: a build of SQLite may lower the level when the journal changes. `fullfsync` is what macOS calls a flush.
_PRAGMAS = (
    f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "foreign_keys=ON",
)  # fmt: skip
_MIGRATIONS = Path(__file__).parent / "migrations"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC to the second, stored as ISO 8601 text, which sorts and compares alike in both databases."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> str | None:  # noqa: ARG002 - the interface
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any | None, dialect: object) -> datetime | None:  # noqa: ANN401, ARG002 - same
        return None if value is None else datetime.fromisoformat(value)


def instant_text(moment: datetime) -> str:
    """2026-03-04T10:00:00Z. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LockedHead:
    """The log's one head row, which nobody else can move while this unit of work lasts."""

    size: int
    edge: bytes
    recorded_at: datetime | None
    decisions: int


class Log(Protocol):
    """What a unit of work has open at the end of the log."""

    def committed(self) -> None:
        """Hear that what was appended is durable now."""


class UnitOfWork:
    """One transaction that records something, all of it or none. Use it in a `with`, and commit.

    It takes the head row's lock before anything else, on both databases, so that no two units wait for each other in a ring.
    A unit that `appends` nothing to the log leaves the lock to those that do; it still knows the log's last moment.
    """

    def __init__(self, engine: Engine, clock: Clock, kept: dict[str, object], *, appends: bool = True) -> None:
        """`clock` is the one source of the time at which things are recorded; `kept` is the database's own memory."""
        self.kept = kept
        self.appends = appends
        self.log: Log | None = None
        self._session = Session(engine)
        self._clock = clock
        self._head: LockedHead | None = None
        self._moment: datetime | None = None

    @property
    def session(self) -> Session:
        """The session of this unit, inside the head's lock if it appends to the log."""
        if self.appends:
            self.head()
        return self._session

    def head(self) -> LockedHead:
        """The log's head as this unit found it; nobody else can move it while a unit that appends lasts."""
        if self._head is None:
            connection = self._session.connection()
            # SQLite's BEGIN IMMEDIATE is the lock.
            lock = " FOR UPDATE" if self.appends and connection.dialect.name == "postgresql" else ""
            size, edge, last, decisions = connection.exec_driver_sql(_HEAD + lock).one()
            self._head = LockedHead(size, bytes(edge), datetime.fromisoformat(last) if last else None, decisions)
        return self._head

    def now(self) -> datetime:
        """The moment of recording, in UTC to the second: one until the commit, so that nothing straddles midnight."""
        if self._moment is None:
            last = self.head().recorded_at
            now = self._clock().replace(microsecond=0)
            # A clock that was set back must not make a later entry look earlier: the log's own last moment holds.
            self._moment = max(now, last) if last else now
        return self._moment

    def today(self) -> date:
        """The day of recording."""
        return self.now().date()

    def commit(self) -> None:
        """Make everything of this unit durable. Without it, nothing of the unit is kept."""
        self._session.commit()
        if self.log is not None:
            self.log.committed()
        self._begin_again()

    def roll_back(self) -> None:
        """Take back everything that this unit did since it began, or since its last commit."""
        self._session.rollback()
        self._begin_again()

    def _begin_again(self) -> None:
        self.log = self._head = None
        self._moment = None  # others may have recorded something later in the meantime, and the log's time never goes back

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        """Roll back whatever was not committed."""
        self.roll_back()
        self._session.close()


class Database:
    """Two engines on one database: one that writes in units of work, one that can only read."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy spells it: sqlite:///var/commonpurse.db, postgresql+psycopg://…"""
        self.url = make_url(url)
        self.writer = _engine(self.url, writes=True)
        self.reader = _engine(self.url, writes=False)
        self._kept: dict[str, object] = {}  # what the floors above remember of this database while it is open

    def unit_of_work(self, clock: Clock = system_clock, *, appends: bool = True) -> UnitOfWork:
        """A unit of work: `with database.unit_of_work() as unit: …; unit.commit()`.

        Say `appends=False` for what stands beside the log, such as a witness's signature: it waits for no writer of the log.
        """
        return UnitOfWork(self.writer, clock, self._kept, appends=appends)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that the database itself keeps from writing: every GET uses it."""
        with Session(self.reader) as session:
            yield session

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to the newest migration, or to a given one; does nothing when they are."""
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.set_main_option("path_separator", "os")
        with self.writer.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()

    def dispose(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def open_database(url: str) -> Database:
    """The database at `url`; connections are made when first needed."""
    return Database(url)


def _engine(url: URL, *, writes: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        # Nothing but the path reaches SQLite; an address that says more is refused when a connection is first asked for.
        path_only = url.set(query={})
        engine = create_engine(path_only, hide_parameters=True, connect_args={"timeout": _BUSY_MILLISECONDS / 1000})
        event.listen(engine, "do_connect", lambda *_: require_safe_address(url))
        event.listen(engine, "connect", _prepare_writer if writes else _prepare_reader)
        if writes:
            turns = Turns(f"{url.database}-turns")
            event.listen(engine, "begin", lambda connection: _begin_immediate(connection, turns))
            event.listen(engine, "engine_disposed", lambda _: turns.close())
        else:
            event.listen(engine, "begin", _begin)
        return engine
    # An answer is given only for what is on the disk, whatever the server's own setting.
    options = {"options": "-c synchronous_commit=on" if writes else "-c default_transaction_read_only=on"}
    # A page reads one picture of the ledger, however many questions it asks; a writer sees what was committed before it.
    isolation: IsolationLevel = "READ COMMITTED" if writes else "REPEATABLE READ"
    engine = create_engine(url, hide_parameters=True, connect_args=options, isolation_level=isolation, pool_pre_ping=True)
    if writes:
        event.listen(engine, "connect", lambda connection, _entry: require_safe_session(connection))
    return engine


def _prepare(connection: DBAPIConnection) -> None:
    sqlite = _sqlite(connection)
    sqlite.isolation_level = None  # the driver must not BEGIN by itself: the listener does
    for pragma in _PRAGMAS:
        cursor = sqlite.cursor()
        cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    require_safe_sqlite(sqlite)


def _sqlite(connection: object) -> sqlite3.Connection:
    if not isinstance(connection, sqlite3.Connection):
        raise AssertionError("only SQLite is prepared here")  # noqa: TRY004 - a broken invariant, not a type
    return connection


def _prepare_writer(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _prepare(connection)
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")  # what is erased is overwritten, not just no longer pointed at
    cursor.close()


def _prepare_reader(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _prepare(connection)
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_immediate(connection: Connection, turns: Turns) -> None:
    sqlite = _sqlite(connection.connection.driver_connection)
    require_still_safe(sqlite)
    sqlite.execute("PRAGMA busy_timeout=0")  # we wait in turn ourselves; SQLite would let the newest win
    try:
        if not turns.wait(lambda: _begun(sqlite), _BUSY_MILLISECONDS / 1000):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # says in SQLite's own words why not
    except sqlite3.Error as fault:  # SQLAlchemy lets through what a listener raises, and nobody above knows the driver
        raise DBAPIError.instance("BEGIN IMMEDIATE", None, fault, sqlite3.Error, hide_parameters=True) from fault
    finally:
        sqlite.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")


def _begun(sqlite: sqlite3.Connection) -> bool:
    try:
        sqlite.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
