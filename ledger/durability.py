"""Whether the database keeps what it says it has kept, power cut included.

An answer is given only for what is on the disk. Each way in which that could be lowered is read back and refused:

| what lowers it | when it is seen |
|---|---|
| parameters in SQLite's address (`?uri=true&vfs=…`, `nolock`), a database in memory | before the first connection |
| SQLite's `synchronous` below FULL, a journal other than WAL, no foreign keys | at each connection |
| the same, lowered afterwards by whoever else has the connection | before each unit of work |
| a file system on which SQLite cannot keep a write-ahead log | at each connection |
| an SQLite that was built never to flush (`SQLITE_NO_SYNC`) | at each connection |
| PostgreSQL's `synchronous_commit` off, for the role, the database or by a pooler | at each connection |
| PostgreSQL's `fsync` or `full_page_writes` off, a table of ours unlogged | by `doctor` and `serve` |

The last row is the server's own, and a server for tests or a demonstration may be fast and forgetful: `doctor` calls it
unsafe, and `serve` refuses to serve an authority's real books from it.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import DBAPIConnection

from ledger.faults import DatabaseFault

_FULL = 2  # PRAGMA synchronous answers 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA
_SAFE = (("wal",), (_FULL,), (1,))
_SERVER_SETTINGS = ("fsync", "full_page_writes")
# Each table of ours that a crash of the server would empty; none is exempt, ballots and signed heads included.
_UNLOGGED = (
    "SELECT relname FROM pg_class WHERE relpersistence <> 'p' AND relkind = 'r' "
    "AND relnamespace = current_schema()::regnamespace ORDER BY relname"
)


class UnsafeDatabase(DatabaseFault):
    """The database would not keep what it says it has kept: {problem}. {remedy}; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class SqliteState:
    """What one connection to SQLite answers about itself."""

    journal_mode: str
    synchronous: int
    foreign_keys: int
    built_with: frozenset[str]

    def require_safe(self) -> None:
        """Raise UnsafeDatabase unless a commit on this connection is on the disk when it is answered."""
        if "NO_SYNC" in self.built_with:
            raise UnsafeDatabase(
                problem="this SQLite was built never to flush to the disk", remedy="Install one that was built without NO_SYNC"
            )
        _require_log(self.journal_mode, self.synchronous, self.foreign_keys)


def require_safe_address(url: URL) -> None:
    """Raise UnsafeDatabase for an address of SQLite that is more than the path of a file."""
    if url.get_backend_name() != "sqlite":
        return
    if url.query:
        raise UnsafeDatabase(
            problem=f"its address has parameters ({', '.join(sorted(url.query))}), which can switch off locks and flushing",
            remedy="Write DATABASE_URL as sqlite:/// and the path of a file",
        )
    if url.database in {None, "", ":memory:"}:
        raise UnsafeDatabase(problem="it is in memory only", remedy="Write DATABASE_URL as sqlite:/// and the path of a file")


def require_safe_sqlite(connection: sqlite3.Connection) -> None:
    """Read back what decides whether this connection's commits last. Raises UnsafeDatabase."""
    built_with = frozenset(str(name) for (name,) in connection.execute("PRAGMA compile_options"))
    SqliteState(*_kept(connection), built_with).require_safe()


def require_still_safe(connection: sqlite3.Connection) -> None:
    """Before each unit of work: nobody has lowered it since. Three questions to this process, some microseconds."""
    ask = connection.execute
    kept = ask("PRAGMA journal_mode").fetchone(), ask("PRAGMA synchronous").fetchone(), ask("PRAGMA foreign_keys").fetchone()
    if kept != _SAFE:
        _require_log(*_kept(connection))


def require_safe_session(connection: DBAPIConnection) -> None:
    """Read back PostgreSQL's synchronous_commit on a connection that writes. Raises UnsafeDatabase."""
    cursor = connection.cursor()
    cursor.execute("SHOW synchronous_commit")
    row = cursor.fetchone()
    cursor.close()
    connection.rollback()
    if row is None or row[0] == "off":
        raise UnsafeDatabase(
            problem="PostgreSQL answers before it flushes (synchronous_commit is off)",
            remedy="Let the site reach the server without whatever drops its options, such as a pooler",
        )


def server_faults(connection: Connection) -> Iterator[UnsafeDatabase]:
    """Each thing about a PostgreSQL server, or about its tables, that would lose what was answered; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    for setting in _SERVER_SETTINGS:
        value = connection.exec_driver_sql(f"SHOW {setting}").scalar()
        if value != "on":
            raised = f"PostgreSQL's {setting} is {value}, so a power cut can lose or break what was recorded"
            yield UnsafeDatabase(problem=raised, remedy=f"Set {setting} = on in postgresql.conf and reload the server")
    for table in connection.exec_driver_sql(_UNLOGGED).scalars():
        yield UnsafeDatabase(
            problem=f"the table {table} is unlogged, so a crash of PostgreSQL empties it",
            remedy=f"Run ALTER TABLE {table} SET LOGGED as its owner",
        )


def _require_log(journal_mode: str, synchronous: int, foreign_keys: int) -> None:
    if journal_mode != "wal":
        raise UnsafeDatabase(
            problem=f"SQLite keeps no write-ahead log there (its journal is “{journal_mode}”)",
            remedy="Put the file on a local disk whose file system has shared memory, and leave its journal alone",
        )
    if synchronous < _FULL:
        raise UnsafeDatabase(
            problem=f"SQLite's synchronous level is {synchronous}, below FULL",
            remedy="Find what lowers it and take that away",
        )
    if foreign_keys != 1:
        raise UnsafeDatabase(
            problem="SQLite does not check foreign keys",
            remedy="Find what switches them off, or install an SQLite that was built with them",
        )


def _kept(connection: sqlite3.Connection) -> tuple[str, int, int]:
    """Its journal mode, synchronous level and foreign keys, as they are now."""
    levels = [int(str(_answer(connection, pragma) or 0)) for pragma in ("synchronous", "foreign_keys")]
    return str(_answer(connection, "journal_mode")), levels[0], levels[1]


def _answer(connection: sqlite3.Connection, pragma: str) -> object:
    row = connection.execute(f"PRAGMA {pragma}").fetchone()
    return row[0] if row else None
