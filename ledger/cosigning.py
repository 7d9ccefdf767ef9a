"""Taking in what witnesses sign: of a checkpoint that we signed, by a witness that we know, at a sane time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from ledger.checkpoints import LONGEST_KEY, Checkpoint, Cosignature
from ledger.errors import LedgerError
from ledger.note import COSIGNATURE, KeyBroken, Note, VerifierKey, cosigned_at
from ledger.note import Checkpoint as TreeHead
from ledger.unit_of_work import UnitOfWork

LONGEST_NOTE = 16_384  # bytes of a note that a witness hands in
_CLOCKS_DIFFER = timedelta(minutes=10)
_AGAIN_AFTER = timedelta(hours=1)  # a witness may say the same of the same checkpoint again, but not every second


class UnknownWitness(LedgerError):
    """None of these signatures is by a witness that this log knows. Ask whoever runs the site to add your public key to
    WITNESS_KEYS; nothing was recorded.
    """


class NotOurCheckpoint(LedgerError):
    """This log did not sign that checkpoint, of {size} entries under the name {origin}. Fetch our newest one; nothing was
    recorded.
    """


class TimeWrong(LedgerError):
    """The cosignature says it was made on {said}, and our clock says {now}. Set the clock that is wrong, and cosign again;
    nothing was recorded.
    """


class TooLongANote(LedgerError):
    """A checkpoint with its cosignatures has at most {longest} bytes here. Send only your own line under it; nothing was
    recorded.
    """


@dataclass(frozen=True, slots=True)
class Taken:
    """A cosignature that is kept: whose, of how many entries, and when; `fresh` when it was not here before."""

    name: str
    size: int
    at: datetime
    fresh: bool


def witness_keys(text: str) -> tuple[VerifierKey, ...]:
    """The public keys of witnesses, between spaces or newlines. Raises KeyBroken, which quotes the one that is none."""
    return tuple(_witness_key(word) for word in text.split())


def _witness_key(text: str) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.algorithm != COSIGNATURE:
        raise KeyBroken(problem=f"{key.name} is a log's key, and a witness signs with a witness's")
    if len(text) > LONGEST_KEY:
        raise KeyBroken(problem=f"it is longer than {LONGEST_KEY} characters")
    return key


def take(unit: UnitOfWork, written: bytes, witnesses: Sequence[VerifierKey], *, now: datetime) -> tuple[Taken, ...]:
    """Keep what known witnesses signed under this note. Safe to send again: the same words are kept once.

    Raises NoteBroken, CheckpointBroken, NotOurCheckpoint, UnknownWitness, SignatureWrong, TimeWrong, TooLongANote.
    """
    if len(written) > LONGEST_NOTE:
        raise TooLongANote(longest=f"{LONGEST_NOTE:,}")
    note = Note.parse(written)
    head = TreeHead.parse(note.text)
    row = unit.session.get(Checkpoint, (head.origin, head.size))
    if row is None or Note.parse(row.note).text != note.text:
        raise NotOurCheckpoint(size=f"{head.size:,}", origin=head.origin)
    found = [word for key in witnesses if (word := _word(note, key, row)) is not None]
    if not found:
        raise UnknownWitness
    for word in found:
        if not row.signed_at - _CLOCKS_DIFFER <= word.cosigned_at <= now + _CLOCKS_DIFFER:
            raise TimeWrong(said=_minute(word.cosigned_at), now=_minute(now))
    return tuple(_keep(unit.session, word) for word in found)


def _word(note: Note, key: VerifierKey, row: Checkpoint) -> Cosignature | None:
    """The newest line of this witness under the note, checked."""
    at = cosigned_at(note, key)
    if at is None:
        return None
    lines = {int.from_bytes(made.signature[:8]): made.line() for made in note.signatures if key.made(made)}
    return Cosignature(origin=row.origin, size=row.size, witness=str(key), cosigned_at=at, line=lines[int(at.timestamp())])


def _keep(session: Session, word: Cosignature) -> Taken:
    name = word.witness.partition("+")[0]
    same = [col(getattr(Cosignature, part)) == getattr(word, part) for part in ("origin", "size", "witness")]
    times = select(Cosignature.cosigned_at).where(*same).order_by(col(Cosignature.cosigned_at).desc()).limit(1)
    kept = session.exec(times).first()
    if kept is not None and word.cosigned_at < kept + _AGAIN_AFTER:
        return Taken(name, word.size, kept, fresh=False)
    try:
        with session.begin_nested():
            session.execute(insert(Cosignature).values(**word.model_dump()))
    except IntegrityError:  # the same words came twice at once
        return Taken(name, word.size, word.cosigned_at, fresh=False)
    return Taken(name, word.size, word.cosigned_at, fresh=True)


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
