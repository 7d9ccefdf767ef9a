"""The audit of a database: a backup's file, which is read and left exactly as it is, or one that is in use.

Here the entries come from its rows, and everything that stands beside them is compared as well.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from ledger.auditing import Audited, Progress, signed_head, words_of
from ledger.checkpoints import newest, with_witnesses
from ledger.entries import Balance
from ledger.errors import CheckFailed, LedgerError
from ledger.note import VerifierKey
from ledger.verify import verify


class InUse(LedgerError):
    """{path} has a write-ahead log beside it, so it is a database in use, or was copied without being closed. Make a backup of
    it, or give its address, sqlite:///{path}, to look at it as it is now. Nothing was changed.
    """


class BackupUnreadable(CheckFailed):
    """{path} cannot be read as a database of this release: {problem}. Nothing was changed."""


@contextmanager
def backup(path: Path) -> Iterator[Session]:
    """The SQLite file, as it lies there: no lock, no journal, no other file beside it. Raises InUse, BackupUnreadable."""
    beside = path.with_name(f"{path.name}-wal")
    if beside.exists() and beside.stat().st_size > 0:
        raise InUse(path=path)
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True))
    try:
        with Session(engine) as session:
            yield session
    except DatabaseError as fault:
        raise BackupUnreadable(path=path, problem=str(fault.orig)) from fault
    finally:
        engine.dispose()


def audit_database(
    session: Session, *, key: VerifierKey | None, witnesses: Sequence[VerifierKey], progress: Progress
) -> Audited:
    """Check the whole database. Raises LedgerWrong, and the CheckFailed of what is wrong with the checkpoint."""
    row = newest(session)
    note = with_witnesses(session, row).note if row is not None else None
    head = signed_head(note, key) if note is not None else None
    seen = words_of(note, witnesses) if note is not None else ()
    verified = verify(session, progress)
    balances = {(held.account, held.resource): held.amount for held in session.exec(select(Balance))}
    return Audited(head, verified.entries, bytes.fromhex(verified.root), balances, seen, None, compared=True)
