"""What goes wrong below the ledger, in words: a disk that is full, a database that is away, an answer that was lost.

The drivers report such things in their own terms. `in_words` gives the sentence that a person reads: what happened, what
to do, what was kept. A unit of work rolls back unless its commit was answered, so "nothing of this was recorded" holds
for every fault but two: when the connection broke, or the disk would not flush, whether the commit arrived is unknown, and
asking again under the same idempotency key finds out without recording anything twice.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.errors import LedgerError


class DatabaseFault(LedgerError):
    """The database could not do this. Run “commonpurse doctor” to see what is wrong; nothing of this was recorded, and what was
    recorded before is kept.
    """


class DiskFull(DatabaseFault):
    """The disk that holds the ledger is full. Whoever runs this site has to make space on it; then do the same again.
    Nothing of this was recorded, and what was recorded before is kept.
    """


class DiskFailing(DatabaseFault):
    """The disk that holds the ledger could not be read or written: it may be full or broken. Whoever runs this site has to
    look at it; then do the same again. Nothing of this was recorded.
    """


class DatabaseBusy(DatabaseFault):
    """Others kept the ledger busy for too long. Do the same again in a minute; nothing of this was recorded."""


class DatabaseAway(DatabaseFault):
    """The database cannot be reached. Whoever runs this site has to start it, correct DATABASE_URL, or run “commonpurse db
    upgrade”; then do the same again. Nothing of this was recorded.
    """


class AnswerLost(DatabaseFault):
    """The database stopped answering before it said whether this was recorded. Do the same again: what was recorded is found,
    and nothing is recorded twice.
    """


class FlushFailed(DatabaseFault):
    """The disk that holds the ledger did not say that this is kept: it may be broken. Whoever runs this site has to look at
    it; then do the same again: what was recorded is found, and nothing is recorded twice.
    """


class TablesMissing(DatabaseFault):
    """The database is not set up for this release. Run “commonpurse db upgrade”, then “commonpurse doctor”; nothing was
    recorded.
    """


class DatabaseReadOnly(DatabaseFault):
    """The database takes no new entries: this site may only read it. Whoever runs this site has to give it the right to
    write; nothing of this was recorded.
    """


class DatabaseDamaged(DatabaseFault):
    """The files of the database are damaged. Stop the site, keep the files as they are, and go back to the newest backup;
    nothing of this was recorded.
    """


# The exact codes stand beside the plain ones, which are in the lowest byte of each: the exact one is asked first.
_SQLITE: dict[int, type[DatabaseFault]] = {
    sqlite3.SQLITE_FULL: DiskFull,
    sqlite3.SQLITE_IOERR_SHMSIZE: DiskFull,  # the file that connections share could not grow
    # The rows and their COMMIT are written by then: after a fall SQLite finds them, and they count.
    sqlite3.SQLITE_IOERR_FSYNC: FlushFailed,
    sqlite3.SQLITE_IOERR: DiskFailing,
    sqlite3.SQLITE_BUSY: DatabaseBusy,
    sqlite3.SQLITE_LOCKED: DatabaseBusy,
    sqlite3.SQLITE_PROTOCOL: DatabaseBusy,
    sqlite3.SQLITE_CANTOPEN: DatabaseAway,
    sqlite3.SQLITE_READONLY: DatabaseReadOnly,
    sqlite3.SQLITE_PERM: DatabaseReadOnly,
    sqlite3.SQLITE_CORRUPT: DatabaseDamaged,
    sqlite3.SQLITE_NOTADB: DatabaseDamaged,
}
_PLAIN = 0xFF

# By the beginning of the SQLSTATE, the longer first: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: tuple[tuple[str, type[DatabaseFault]], ...] = (
    ("53100", DiskFull),
    ("58030", DiskFailing),
    ("40", DatabaseBusy),  # a deadlock or a lost race: the server undid it all
    ("53", DatabaseBusy),  # out of connections or of memory
    ("55P03", DatabaseBusy),
    ("57014", DatabaseBusy),
    ("57P03", DatabaseAway),
    ("08", DatabaseAway),
    ("28", DatabaseAway),
    ("3D000", DatabaseAway),
    ("25006", DatabaseReadOnly),
    ("42501", DatabaseReadOnly),
    ("42P01", TablesMissing),
    ("42703", TablesMissing),
    ("XX001", DatabaseDamaged),
    ("XX002", DatabaseDamaged),
)


def in_words(fault: DBAPIError) -> DatabaseFault | None:
    """The fault as the sentence a person reads; none for what is a mistake of ours, such as a malformed statement."""
    if fault.connection_invalidated:
        return AnswerLost()
    kind = _of_sqlite(fault.orig) if isinstance(fault.orig, sqlite3.Error) else _of_postgresql(fault)
    return kind() if kind is not None else None


def _of_sqlite(fault: sqlite3.Error) -> type[DatabaseFault] | None:
    if str(fault).startswith(("no such table", "no such column")):
        return TablesMissing
    code = getattr(fault, "sqlite_errorcode", 0)
    return _SQLITE.get(code) or _SQLITE.get(code & _PLAIN)


def _of_postgresql(fault: DBAPIError) -> type[DatabaseFault] | None:
    state = getattr(fault.orig, "sqlstate", None)
    if state is None:  # it never reached a server that could say so
        return DatabaseAway if isinstance(fault, OperationalError) else None
    return next((kind for beginning, kind in _POSTGRESQL if state.startswith(beginning)), None)
