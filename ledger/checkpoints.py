"""Every head of the log that was signed, with the signatures of witnesses under it. Kept for good: triggers refuse the rest.

`Checkpoint.note` is the signed note to the letter, and `Cosignature.line` a witness's line under it. What the site serves,
proves and says of its witnesses is read from here, so the web workers never need the key that signs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.database import Instant
from ledger.note import Note, Signature, VerifierKey

LONGEST_NAME = 200  # characters of a log's name
LONGEST_KEY = 300  # characters of a public key, with its name


class Checkpoint(SQLModel, table=True):
    """A head of the log that was signed: the root of its first `size` entries, under the log's name and key of that day."""

    origin: str = Field(primary_key=True, max_length=LONGEST_NAME)
    size: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    root: bytes = Field(sa_type=LargeBinary)
    note: str
    verifier: str = Field(max_length=LONGEST_KEY)
    signed_at: datetime = Field(sa_type=Instant)

    __table_args__ = (
        CheckConstraint("size >= 0", name="checkpoint_size_from_zero"),
        CheckConstraint("length(root) = 32", name="checkpoint_root_is_sha256"),
    )


class Cosignature(SQLModel, table=True):
    """What a witness said of a checkpoint, and when: the line under the note. `witness` is its public key, with its name."""

    origin: str = Field(primary_key=True, max_length=LONGEST_NAME)
    size: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    witness: str = Field(primary_key=True, max_length=LONGEST_KEY)
    cosigned_at: datetime = Field(primary_key=True, sa_type=Instant)
    line: str

    __table_args__ = (
        ForeignKeyConstraint(["origin", "size"], ["checkpoint.origin", "checkpoint.size"], name="cosignature_of_a_checkpoint"),
        Index("cosignature_by_time", "origin", "witness", "cosigned_at", "size"),
    )


class Ending(SQLModel, table=True):
    """A log that could not go on under its name: what it last published, how many of its entries are kept, and why."""

    origin: str = Field(primary_key=True, max_length=LONGEST_NAME)
    size: int
    kept: int
    note: str
    reason: str
    ended_at: datetime = Field(sa_type=Instant)

    __table_args__ = (CheckConstraint("kept >= 0 AND kept <= size", name="ending_keeps_at_most_what_was"),)


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The newest word of one witness: by whom, when, and how many entries it covers. `key` is its public key."""

    name: str
    at: datetime
    size: int
    key: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with the newest line of each of its witnesses under it."""

    row: Checkpoint
    note: Note
    witnesses: tuple[Witnessed, ...]


def newest(session: Session) -> Checkpoint | None:
    """The newest checkpoint of the log that goes on; none before the first was signed."""
    ended = select(Ending.origin)
    query = select(Checkpoint).where(col(Checkpoint.origin).not_in(ended)).order_by(col(Checkpoint.size).desc()).limit(1)
    return session.exec(query).first()


def published_size(session: Session) -> int:
    """How many entries stand in a signed checkpoint: only these are served as the log."""
    found = newest(session)
    return found.size if found is not None else 0


def public_key(session: Session) -> VerifierKey | None:
    """The key that checks the log's newest checkpoint; none before the first was signed."""
    found = newest(session)
    return VerifierKey.parse(found.verifier) if found is not None else None


def with_witnesses(session: Session, row: Checkpoint) -> Signed:
    """The checkpoint as it is handed out, with the newest line of each witness."""
    query = (
        select(Cosignature)
        .where(col(Cosignature.origin) == row.origin, col(Cosignature.size) == row.size)
        .order_by(col(Cosignature.cosigned_at), col(Cosignature.witness))
    )
    lines = {found.witness: found for found in session.exec(query)}
    note = Note.parse(row.note).plus(*(Signature.parse(found.line.rstrip("\n")) for found in lines.values()))
    return Signed(row, note, tuple(_witnessed(found) for found in lines.values()))


def proving(session: Session, index: int) -> Signed | None:
    """The checkpoint to prove an entry under: the newest that a witness signed, or the newest, if the entry is in it."""
    last = newest(session)
    if last is None or index >= last.size:
        return None
    query = (
        select(Cosignature.size)
        .where(col(Cosignature.origin) == last.origin, col(Cosignature.size) > index)
        .order_by(col(Cosignature.size).desc())
        .limit(1)
    )
    size = session.exec(query).first()
    witnessed = session.get(Checkpoint, (last.origin, size)) if size is not None else None
    return with_witnesses(session, witnessed or last)


def witnesses(session: Session) -> tuple[Witnessed, ...]:
    """The newest word of each witness of the log that goes on, the newest first."""
    last = newest(session)
    if last is None:
        return ()
    found = []
    for key in _witness_keys(session, last.origin):
        said = select(Cosignature).where(col(Cosignature.origin) == last.origin, col(Cosignature.witness) == key)
        newest_first = said.order_by(col(Cosignature.cosigned_at).desc(), col(Cosignature.size).desc())
        found.append(_witnessed(session.exec(newest_first.limit(1)).one()))
    return tuple(sorted(found, key=lambda word: word.at, reverse=True))


def _witness_keys(session: Session, origin: str) -> Iterator[str]:
    """Each witness of a log once, by one step in the index for each: a DISTINCT would read every line they ever wrote."""
    key: str | None = ""
    while key is not None:
        after = select(func.min(Cosignature.witness)).where(Cosignature.origin == origin, col(Cosignature.witness) > key)
        key = session.exec(after).one()
        if key is not None:
            yield key


def endings(session: Session) -> tuple[Ending, ...]:
    """The logs that this one continues, the newest first."""
    return tuple(session.exec(select(Ending).order_by(col(Ending.ended_at).desc(), col(Ending.origin))))


def key_of(session: Session, origin: str) -> str | None:
    """The public key that checks the checkpoints of the log of this name; none when not one of them is kept."""
    return session.exec(select(Checkpoint.verifier).where(col(Checkpoint.origin) == origin).limit(1)).first()


def _witnessed(row: Cosignature) -> Witnessed:
    return Witnessed(row.witness.partition("+")[0], row.cosigned_at, row.size, row.witness)
