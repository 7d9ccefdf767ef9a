"""What `commonpurse doctor` says of the log: its key, its newest checkpoint, what is kept of it outside, its witnesses."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.formats import count_of, moment
from app.log_key import signing_key
from app.settings import Settings
from app.witnessing import A_WEEK
from ledger.checkpoints import newest, witnesses
from ledger.database import Database
from ledger.entries import tree_size
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.history import compare, kept
from ledger.note import Checkpoint, SigningKey

Finding = tuple[bool, str]


def examine_log(settings: Settings, database: Database) -> Iterator[Finding]:
    """Each finding: whether it is in order, and a sentence that names its setting."""
    key: SigningKey | None = None
    try:
        key = signing_key(settings)
    except LedgerError as fault:
        yield False, f"LOG_KEY: {fault.sentence}"
    try:
        with database.reading() as session:
            yield from _key(settings, session, key)
            yield _signed(session)
            yield _kept(settings, session)
            yield _witnessed(settings, session)
    except (SQLAlchemyError, DatabaseFault):  # a database that cannot be read, or is unsafe, was named before
        return


def _key(settings: Settings, session: Session, key: SigningKey | None) -> Iterator[Finding]:
    last = newest(session)
    where = "LOG_KEY" if settings.log_key else f"LOG_KEY_FILE: {settings.log_key_file.name}"
    if key is None:
        if last is None and tree_size(session):
            yield False, f"{where}: no key, so nothing is signed. Make one with “commonpurse ledger init-key --origin …”."
        else:
            yield True, f"{where}: no key here, so this machine signs nothing."
        return
    signed = last.verifier if last is not None else str(key.verifier)
    other = "" if signed == str(key.verifier) else f", and the log was signed by {signed}"
    yield not other, f"{where}: the log {key.name}; its public key is {key.verifier}{other}."
    if settings.secure and key.name.partition("/")[0].partition(":")[0] in {"localhost", "127.0.0.1"}:
        yield False, f"{where}: {key.name} names no site. Before anything is signed, make a key with --origin and the address."


def _signed(session: Session) -> Finding:
    last, size = newest(session), tree_size(session)
    if last is None:
        return not size, "No checkpoint is signed yet."
    waiting = size - last.size
    said = f"The newest checkpoint has {count_of(last.size, 'entry', 'entries')}, signed on {moment(last.signed_at)}"
    if waiting:
        return False, f"{said}; {waiting:,} wait to be signed: is “commonpurse serve” or “ledger publish --every 1” running?"
    return True, f"{said}."


def _kept(settings: Settings, session: Session) -> Finding:
    file = settings.published_checkpoint
    try:
        note = kept(file) if file is not None else None
        if note is None:
            return True, "PUBLISHED_CHECKPOINT: no file yet, so nothing holds a restored backup to what was published."
        head = Checkpoint.parse(note.text)
        compare(session, head)
    except LedgerError as fault:
        return False, f"PUBLISHED_CHECKPOINT: {fault.sentence}"
    return True, f"PUBLISHED_CHECKPOINT: the database begins with the {head.size:,} entries that were published."


def _witnessed(settings: Settings, session: Session) -> Finding:
    if not settings.witness_keys:
        return True, "WITNESS_KEYS: no witness is known, so none can sign. Add the public key of one."
    names = ", ".join(key.name for key in settings.witness_keys)
    words = witnesses(session)
    if not words:
        return True, f"WITNESS_KEYS: {names}; none has signed yet."
    last = words[0]
    recent = datetime.now(UTC) - last.at <= A_WEEK
    return recent, f"WITNESS_KEYS: {names}; the newest word is by {last.name}, {moment(last.at)}, {last.size:,} entries."
