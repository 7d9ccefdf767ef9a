"""Traces: what is left of erased words in the database's own files, and how it is taken out.

A row that is emptied is gone from every query, and not yet from the disk. SQLite keeps the old page in its write-ahead log, and
now and then a copy of a row in the unused part of a page that was rearranged, which `secure_delete` does not reach. PostgreSQL
keeps the old row until its table is rewritten. So after an erasure the file is written anew. It takes about as long as
copying the database (SQLite) or its few tables about people (PostgreSQL), and is safe to repeat.

It does not reach backups, PostgreSQL's archived write-ahead log, or blocks that the disk itself has kept: those have to be
overwritten, expire, or be encrypted.
"""

import sqlite3
from contextlib import closing

from sqlalchemy.engine.interfaces import DBAPICursor

from ledger.database import Database

ABOUT_PEOPLE = (
    "person", "narrative", "ballot", "proposal", "slip", "stub",
    "idea", "revision", "author", "backing", "question", "photo", "interest", "attendance",
    "visit", "barred", "mailbox", "link", "invitation", "authenticator", "recovery", "passkey", "identity", "request",
)  # fmt: skip


def wipe(database: Database) -> bool:
    """Write anew what erased words were in, so that they are not in its files any more. False when it could not be done now:
    somebody was still reading (SQLite), or the tables belong to another role (PostgreSQL).
    """
    if database.url.get_backend_name() == "sqlite":
        return _wipe_sqlite(database)
    return _wipe_postgresql(database)


def _wipe_sqlite(database: Database) -> bool:
    with closing(database.writer.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        try:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            held = cursor.fetchone()
        except sqlite3.OperationalError:  # another writer held the file for longer than anyone waits
            return False
    return held is not None and not held[0]  # the first of three numbers: somebody still read the older state


def _wipe_postgresql(database: Database) -> bool:
    rewritten = True
    with closing(database.writer.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        for table in ABOUT_PEOPLE:
            before = _file_of(cursor, table)
            cursor.execute(f"VACUUM (FULL) {table}")  # whoever does not own the table is warned, and it is left
            rewritten &= _file_of(cursor, table) != before
    return rewritten


def _file_of(cursor: DBAPICursor, table: str) -> object:
    cursor.execute("SELECT pg_relation_filenode(CAST(%s AS regclass))", (table,))
    return cursor.fetchone()
