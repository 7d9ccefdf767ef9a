"""Signing the head of the log, and saying in public when a log cannot go on.

Whoever signs is not whoever records: the publisher is a process of its own, and only it needs the key. It signs a head after
it has derived its root again and shown, by its own computation, that it begins with the last one it signed; the log never
signs two that disagree. Every signed head is kept, and the newest stands in a file outside the database before it can be read
by anybody, so that no restored backup can take it back.
"""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, col, select

from ledger.checkpoints import LONGEST_NAME, Checkpoint, Ending, newest
from ledger.database import Database, system_clock
from ledger.entries import Head, stored_nodes, tree_size
from ledger.errors import CheckFailed, LedgerError
from ledger.history import compare, keep, kept, root_of_first
from ledger.note import Checkpoint as TreeHead
from ledger.note import Note, SigningKey, VerifierKey, open_checkpoint, sign
from ledger.tree import consistency_path, consistency_proof, verify_consistency
from ledger.unit_of_work import Clock, UnitOfWork

_LOCK = 0x636F6D6D  # the advisory lock of PostgreSQL that publishers take


class AnotherKey(CheckFailed):
    """The log was signed as {signed}, and this key is {key}. A log keeps its name and its key: sign with that one. If it is
    lost or was stolen, run “commonpurse ledger begin-again”, which says so in public; nothing was signed.
    """


class LogEnded(CheckFailed):
    """The log {origin} has ended: after {size} entries it could not go on. Sign with the key that “commonpurse ledger
    begin-again” made; nothing was signed.
    """


class RootWrong(CheckFailed):
    """The {size} entries of the log do not come to the root that is stored for them. Run “commonpurse ledger verify”, which
    names what is wrong; nothing was signed.
    """


class NameTooLong(LedgerError):
    """A log's name has at most {longest} characters. Choose a shorter one, such as the address where the log is served;
    nothing was recorded.
    """


class NothingPublished(LedgerError):
    """This log has signed nothing yet, so nothing is lost and nothing needs to end. Make its key with “commonpurse ledger
    init-key”; nothing was recorded.
    """


class NameUsed(LedgerError):
    """The name {origin} belongs to a log that has signed checkpoints. A log that begins again needs another name, so that
    nobody takes it for the old one; nothing was recorded.
    """


@dataclass(frozen=True, slots=True)
class Published:
    """The newest signed head; `fresh` when it was signed just now."""

    checkpoint: Checkpoint
    fresh: bool


def publish(database: Database, key: SigningKey, *, file: Path | None = None, clock: Clock = system_clock) -> Published:
    """Sign the head of the log if it has grown; `file` is where the newest signed head is kept outside the database.

    Safe to call at any time, and by two at once. Raises AnotherKey, LogEnded, RootWrong, Behind, Forked, ProofWrong.
    """
    with database.reading() as session:
        last = _last_signed(session, key.verifier)
        note = kept(file) if file is not None else None
        if note is not None:
            compare(session, TreeHead.parse(note.text))
        head = session.exec(select(Head)).one()
        tree_head = TreeHead(key.name, head.size, root_of_first(session, head.size))
        if tree_head.root != head.root:
            raise RootWrong(size=f"{head.size:,}")
        if last is not None:
            _continues(session, last, tree_head)
    if last is not None and last.size == tree_head.size:
        if file is not None and note is None:
            keep(file, Note.parse(last.note))
        return Published(last, fresh=False)
    with database.unit_of_work(clock, appends=False) as unit:
        return _store(unit, sign(tree_head, key), tree_head, key.verifier, file)


def _last_signed(session: Session, verifier: VerifierKey) -> Checkpoint | None:
    """The last head that this key signed. Its signature is checked: nothing else in the database is believed of it."""
    ended = session.get(Ending, verifier.name)
    if ended is not None:
        raise LogEnded(origin=ended.origin, size=f"{ended.size:,}")
    if len(verifier.name) > LONGEST_NAME:
        raise NameTooLong(longest=LONGEST_NAME)
    last = newest(session)
    if last is None:
        return None
    if last.verifier != str(verifier):
        raise AnotherKey(signed=last.verifier, key=str(verifier))
    opened = open_checkpoint(Note.parse(last.note), verifier)
    if (opened.size, opened.root) != (last.size, last.root):
        raise RootWrong(size=f"{last.size:,}")
    return last


def _continues(session: Session, last: Checkpoint, head: TreeHead) -> None:
    """Raise unless the head begins with the last one signed: by a proof made of the stored nodes, and checked like anyone's."""
    compare(session, TreeHead(last.origin, last.size, last.root))
    wanted = {node for nodes in consistency_path(last.size, head.size) for node in nodes}
    proof = consistency_proof(last.size, head.size, stored_nodes(session, wanted).__getitem__)
    verify_consistency(old=last.size, new=head.size, proof=proof, old_root=last.root, new_root=head.root)


def _store(unit: UnitOfWork, note: Note, head: TreeHead, verifier: VerifierKey, file: Path | None) -> Published:
    """Keep the signed head, unless another publisher has signed this one or a longer one in the meantime."""
    session = unit.session
    _one_at_a_time(session)
    last = newest(session)
    if last is not None and last.size >= head.size:
        session.expunge(last)
        return Published(last, fresh=False)
    row = Checkpoint(
        origin=head.origin, size=head.size, root=head.root, note=str(note), verifier=str(verifier), signed_at=unit.now()
    )
    session.add(row)
    session.flush()
    if file is not None:
        keep(file, note)  # before anybody can read it: what was shown once must be known after any fall
    session.expunge(row)
    unit.commit()
    return Published(row, fresh=True)


def _one_at_a_time(session: Session) -> None:
    """On SQLite a unit of work is alone already."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def begin_again(database: Database, *, origin: str, reason: str, lost: Note | None, clock: Clock = system_clock) -> Ending:
    """End the log as it was signed, in public, so that it can go on under the new name `origin` and a new key.

    The honest way out when published entries are lost for good, or the key is. `lost` is the newest checkpoint known from
    outside the database. Nothing that was signed under the old name is touched, and the old key signs nothing more: whoever
    kept a proof or a checkpoint of it can still show them. Raises NothingPublished, NameUsed.
    """
    with database.unit_of_work(clock, appends=False) as unit:
        session = unit.session
        _one_at_a_time(session)
        last = _longest(session, lost)
        if last is None:
            raise NothingPublished
        known = session.exec(select(Checkpoint.origin).where(col(Checkpoint.origin) == origin).limit(1)).first()
        note, head = last
        if origin in {known, head.origin} or session.get(Ending, origin) is not None:
            raise NameUsed(origin=origin)
        if len(origin) > LONGEST_NAME:
            raise NameTooLong(longest=LONGEST_NAME)
        ending = Ending(
            origin=head.origin,
            size=head.size,
            kept=_still_held(session, head),
            note=str(note),
            reason=reason,
            ended_at=unit.now(),
        )
        session.add(ending)
        session.flush()
        session.expunge(ending)
        unit.commit()
    return ending


def _longest(session: Session, lost: Note | None) -> tuple[Note, TreeHead] | None:
    """The longest head that was signed: of the database's newest, and the one known from outside if its log has not ended."""
    stored = newest(session)
    found = [Note.parse(stored.note)] if stored is not None else []
    if lost is not None and session.get(Ending, TreeHead.parse(lost.text).origin) is None:
        found.append(lost)
    heads = [(note, TreeHead.parse(note.text)) for note in found]
    return max(heads, key=lambda head: head[1].size, default=None)


def _still_held(session: Session, head: TreeHead) -> int:
    """How many of the published entries the database still holds, as far as signed heads can tell."""
    size = tree_size(session)
    if size < head.size:
        return size
    if root_of_first(session, head.size) == head.root:
        return head.size
    stored = newest(session)  # it holds others: what was signed before they came is all that is certain
    return stored.size if stored is not None else 0
