"""How connections are made, begin and lock: SQLite by default, PostgreSQL beyond.

On SQLite a writer begins with BEGIN IMMEDIATE, in turn, so writers queue instead of failing half-way; the journal is WAL with
`synchronous=FULL`, because NORMAL loses acknowledged commits at power loss. On both, the driver begins nothing by itself: a
`Writing` does, so that the ledger's busiest statements can go to the driver as they stand.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection, IsolationLevel
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.durability import require_safe_address, require_safe_session, require_safe_sqlite, require_still_safe
from ledger.turns import Turns

Driver = Any
"""A connection of sqlite3 or of psycopg: each is used in its own words only where its make is known."""

_BUSY_MILLISECONDS = 30_000
_LONG_WAL = 32_000_000  # bytes: from here on SQLite's write-ahead log is moved into the file, for two flushes more,
_UNITS_BETWEEN = 50  # but no more often than this
# WAL first: a build of SQLite may lower the level when the journal changes. `fullfsync` is what macOS calls a flush.
_PRAGMAS = (
    f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", "synchronous=FULL", "fullfsync=ON", "foreign_keys=ON",
)  # fmt: skip
_HEAD = "SELECT size, edge, root, recorded_at, decisions FROM head"


@dataclass(frozen=True, slots=True)
class LogHead:
    """The log's one head row."""

    size: int
    edge: bytes
    root: bytes
    recorded_at: datetime | None
    decisions: int


class Writing(Protocol):
    """How the make of a database is written to; every method takes the driver's connection."""

    can_hope: bool
    """Whether asking for the lock costs a trip, so that it is worth hoping that nobody else records."""

    def begin(self, driver: Driver) -> None:
        """Begin a transaction, unless one has begun."""

    def begun(self, driver: Driver) -> bool:
        """Whether a transaction has begun."""

    def lock(self, driver: Driver) -> LogHead:
        """Begin, and lock the head row: nobody else can move it until the transaction ends."""

    def look(self, driver: Driver) -> LogHead:
        """The head row as it is, without its lock."""

    def alive(self, driver: Driver) -> bool:
        """Whether the connection can still be used."""


def writer_engine(url: URL) -> tuple[Engine, Writing]:
    """The engine that writes, and how."""
    writing: Writing
    if url.get_backend_name() == "sqlite":
        turns = Turns(f"{url.database}-turns")
        engine, writing = _sqlite_engine(url), _SqliteWriting(turns, f"{url.database}-wal")
        event.listen(engine, "connect", _prepare_sqlite_writer)
        event.listen(engine, "engine_disposed", lambda _: turns.close())
    else:
        # An answer is given only for what is on the disk, whatever the server's own setting. Statements are planned once.
        options = "-c synchronous_commit=on -c plan_cache_mode=force_generic_plan"
        engine, writing = _postgresql_engine(url, options, "READ COMMITTED"), _PostgresWriting()
        event.listen(engine, "connect", _prepare_postgresql_writer)
    event.listen(engine, "begin", lambda connection: writing.begin(connection.connection.driver_connection))
    return engine, writing


def reader_engine(url: URL) -> Engine:
    """The engine that the database itself keeps from writing. A page reads one picture of the ledger, however much it asks."""
    if url.get_backend_name() != "sqlite":
        return _postgresql_engine(url, "-c default_transaction_read_only=on", "REPEATABLE READ")
    engine = _sqlite_engine(url)
    event.listen(engine, "connect", _prepare_sqlite_reader)
    event.listen(engine, "begin", _begin)
    return engine


class RaisedAsSqlalchemyWould:
    """What the driver raises in this block is raised as SQLAlchemy would raise it, so that nobody above has to know."""

    __slots__ = ("_driver",)

    def __init__(self, driver: Driver) -> None:
        """`driver` is the connection that is used in the block."""
        self._driver = driver

    def __enter__(self) -> None:
        """Nothing to prepare: this stands on the busiest path."""

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        """Raise it."""
        if not isinstance(fault, sqlite3.Error | psycopg.Error):
            return
        base = sqlite3.Error if isinstance(fault, sqlite3.Error) else psycopg.Error
        lost = isinstance(self._driver, psycopg.Connection) and self._driver.closed
        raise DBAPIError.instance("a post", None, fault, base, hide_parameters=True, connection_invalidated=lost) from fault


class _SqliteWriting:
    can_hope = False

    def __init__(self, turns: Turns, wal: str) -> None:
        self._turns, self._wal = turns, wal
        self._units = 0  # begun since the write-ahead log was last moved into the file

    def begin(self, driver: Driver) -> None:
        sqlite = _sqlite(driver)
        if sqlite.in_transaction:
            return
        require_still_safe(sqlite)
        with RaisedAsSqlalchemyWould(driver):
            if not self._turns.wait(lambda: self._begun(sqlite), _BUSY_MILLISECONDS / 1000):
                sqlite.execute("BEGIN IMMEDIATE")  # says in SQLite's own words why not

    def _begun(self, sqlite: sqlite3.Connection) -> bool:
        try:
            sqlite.execute("BEGIN IMMEDIATE")
            self._units += 1
            if self._units > _UNITS_BETWEEN and _length(self._wal) > _LONG_WAL:
                self._units = 0
                sqlite.execute("COMMIT")
                _move_wal(sqlite)
                sqlite.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise
        return True

    def begun(self, driver: Driver) -> bool:
        return _sqlite(driver).in_transaction

    def lock(self, driver: Driver) -> LogHead:
        self.begin(driver)
        return self.look(driver)

    def look(self, driver: Driver) -> LogHead:
        with RaisedAsSqlalchemyWould(driver):
            return _head(driver.execute(_HEAD).fetchone())

    def alive(self, driver: Driver) -> bool:  # noqa: ARG002 - a file does not hang up
        return True


class _PostgresWriting:
    can_hope = True
    _BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"  # a writer sees what was committed before it

    def begin(self, driver: Driver) -> None:
        if not self.begun(driver):
            with RaisedAsSqlalchemyWould(driver):
                driver.execute(self._BEGIN)

    def begun(self, driver: Driver) -> bool:
        return bool(driver.info.transaction_status != TransactionStatus.IDLE)

    def lock(self, driver: Driver) -> LogHead:
        with RaisedAsSqlalchemyWould(driver):
            if self.begun(driver):
                return _head(driver.execute(f"{_HEAD} FOR UPDATE").fetchone())
            both = driver.execute(f"{self._BEGIN}; {_HEAD} FOR UPDATE")  # in one trip
            both.nextset()
            return _head(both.fetchone())

    def look(self, driver: Driver) -> LogHead:
        with RaisedAsSqlalchemyWould(driver):
            return _head(driver.execute(_HEAD).fetchone())

    def alive(self, driver: Driver) -> bool:
        return not driver.closed


def _head(row: tuple[Any, ...]) -> LogHead:
    size, edge, root, last, decisions = row
    return LogHead(size, bytes(edge), bytes(root), datetime.fromisoformat(last) if last else None, decisions)


def _sqlite_engine(url: URL) -> Engine:
    # Nothing but the path reaches SQLite; an address that says more is refused when a connection is first asked for.
    connect = {"timeout": _BUSY_MILLISECONDS / 1000}
    engine = create_engine(url.set(query={}), hide_parameters=True, connect_args=connect)
    event.listen(engine, "do_connect", lambda *_: require_safe_address(url))
    return engine


def _postgresql_engine(url: URL, options: str, isolation: IsolationLevel) -> Engine:
    given = {"options": options}
    return create_engine(url, hide_parameters=True, connect_args=given, isolation_level=isolation, pool_pre_ping=True)


def _prepare(connection: DBAPIConnection) -> sqlite3.Connection:
    sqlite = _sqlite(connection)
    sqlite.isolation_level = None
    for pragma in _PRAGMAS:
        sqlite.execute(f"PRAGMA {pragma}").close()
    require_safe_sqlite(sqlite)
    return sqlite


def _prepare_sqlite_writer(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    sqlite = _prepare(connection)
    sqlite.execute("PRAGMA secure_delete=ON").close()  # what is erased is overwritten, not just no longer pointed at
    sqlite.execute("PRAGMA wal_autocheckpoint=0").close()  # `_SqliteWriting` does it when it is of use
    sqlite.execute("PRAGMA busy_timeout=0").close()  # writers wait in turn; SQLite would let the newest win


def _prepare_sqlite_reader(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _prepare(connection).execute("PRAGMA query_only=ON").close()


def _prepare_postgresql_writer(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    require_safe_session(connection)
    connection.autocommit = True


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _length(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except FileNotFoundError:
        return 0


def _move_wal(sqlite: sqlite3.Connection) -> None:
    """Move the write-ahead log into the file while nobody else can begin to write, so that it begins anew.

    Left to SQLite, it is moved after a commit, when the next process is already writing: under load it would never begin
    anew, and each commit would move it again. If it cannot be moved now, as on a full disk, nothing is lost.
    """
    with suppress(sqlite3.Error):
        sqlite.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _sqlite(connection: object) -> sqlite3.Connection:
    if not isinstance(connection, sqlite3.Connection):
        raise AssertionError("only SQLite is prepared here")  # noqa: TRY004 - a broken invariant, not a type
    return connection
