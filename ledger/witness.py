"""What a witness does with a log, whoever runs it: remembers the last checkpoint it signed, and signs the next one only when it
begins with that.

The witness believes nobody: the checkpoint's signature is checked with the log's key, which was pinned at first use; and that
the new tree begins with the old one is its own computation, from tiles of which each was first shown to lead to the new root.
It remembers before it speaks: the new checkpoint is on the disk before anybody gets the signature, so that a witness that
falls can never sign two histories. Whatever it refuses, it keeps what proves it.
"""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ledger.durable import write_durably
from ledger.errors import CheckFailed, LedgerError
from ledger.note import (
    Checkpoint,
    Note,
    NotSigned,
    Signature,
    SignatureWrong,
    SigningKey,
    VerifierKey,
    WrongOrigin,
    cosign,
    cosigned_at,
    open_checkpoint,
    verified,
)
from ledger.tiles import TileMissing, TileTree, TileWrong
from ledger.tree import ProofWrong, consistency_proof, root_at, verify_consistency

AGAIN_AFTER = timedelta(days=1)  # the same checkpoint is signed again, with a new time, when the last word is older

Fetch = Callable[[str], bytes]
"""Gives the bytes of a file under the log's address; raises TileMissing when the log says that it has no such file."""


class LogRefused(CheckFailed):
    """The log {origin} was refused, and nothing was cosigned: {problem}. What proves it is kept in {folder}: show it to others,
    and ask whoever runs the log.
    """


class KeyNeeded(LedgerError):
    """This witness does not know the log's key yet. Give it once with --log-key, as the page /verify shows it and as somebody
    else you trust has it; nothing was cosigned.
    """


class OtherLogKey(CheckFailed):
    """This witness watches the log {pinned}, and the key you gave is {given}. Another log, or a log with another key, needs a
    state folder of its own; nothing was cosigned.
    """


class StateBroken(CheckFailed):
    """What this witness remembers in {path} cannot be used: {problem}. Put it back from a copy; without it, it could sign a
    second history. Nothing was cosigned.
    """


class NotRemembered(CheckFailed):
    """{path} cannot be written: {problem}. Make room there, or make it writable; nothing was cosigned."""


class StateInUse(LedgerError):
    """Another witness is working with the state in {path}. Give each its own folder, or wait; nothing was cosigned."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The checkpoint that stands with our signature; `fresh` when it was signed just now, `told` when the log shows that."""

    checkpoint: Checkpoint
    note: Note
    at: datetime
    fresh: bool
    told: bool


class Memory:
    """The folder in which a witness remembers one log: its key, the last checkpoint it signed, and what it refused."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when something is first remembered."""
        self.folder = folder

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else works with this folder for as long as the block lasts. Raises StateInUse."""
        file = self.folder / "lock"
        with _writing(file):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = file.open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StateInUse(path=self.folder) from None
            yield

    def log_key(self, given: VerifierKey | None) -> VerifierKey:
        """The log's key: the one pinned at first use, or the one given now. Raises KeyNeeded, OtherLogKey."""
        file = self.folder / "log.vkey"
        pinned = VerifierKey.parse(file.read_text().strip()) if file.exists() else None
        if pinned is None:
            if given is None:
                raise KeyNeeded
            with _writing(file):
                write_durably(file, f"{given}\n".encode())
            return given
        if given is not None and given != pinned:
            raise OtherLogKey(pinned=str(pinned), given=str(given))
        return pinned

    def last(self, log: VerifierKey, witness: VerifierKey) -> tuple[Note, datetime] | None:
        """The last checkpoint that was signed here, and when. Raises StateBroken when it is not ours to the letter."""
        file = self.folder / "checkpoint"
        if not file.exists():
            return None
        try:
            note = Note.parse(file.read_bytes())
            open_checkpoint(note, log)
            at = cosigned_at(note, witness)
        except CheckFailed as fault:
            raise StateBroken(path=file, problem=f"{fault.sentence.split('.')[0]}") from fault
        if at is None:
            raise StateBroken(path=file, problem=f"it does not carry the signature of {witness.name}")
        return note, at

    def remember(self, note: Note) -> None:
        """Put the checkpoint on the disk."""
        file = self.folder / "checkpoint"
        with _writing(file):
            write_durably(file, str(note).encode())

    def keep_evidence(self, files: dict[str, bytes]) -> Path:
        """A folder with these files; the same evidence is the same folder."""
        digest = hashlib.sha256(b"\0".join(part for name in sorted(files) for part in (name.encode(), files[name])))
        folder = self.folder / "evidence" / digest.hexdigest()[:16]
        for name, data in files.items():
            file = folder / name
            with _writing(file):
                file.parent.mkdir(parents=True, exist_ok=True)
                write_durably(file, data)
        return folder


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """What the disk refuses is a sentence. Raises NotRemembered."""
    try:
        yield
    except OSError as fault:
        raise NotRemembered(path=file, problem=fault.strerror or "the disk does not take it") from fault


def observe(fetch: Fetch, memory: Memory, key: SigningKey, *, log_key: VerifierKey | None, now: datetime) -> Observed:
    """Look at the log once: check its newest checkpoint against the last one signed, sign it, and remember it.

    Raises LogRefused for a log that cannot be believed, NoteBroken and CheckpointBroken for what is no checkpoint at all, and
    whatever `fetch` raises.
    """
    with memory.alone():
        log = memory.log_key(log_key)
        last = memory.last(log, key.verifier)
        fetched: dict[str, bytes] = {}

        def get(path: str) -> bytes:
            fetched[path] = fetch(path)
            return fetched[path]

        given = Note.parse(get("checkpoint"))
        try:
            head = open_checkpoint(given, log)
            _check(head, last[0] if last is not None else None, get)
        except (NotSigned, SignatureWrong, WrongOrigin, _Unbelievable, TileWrong, TileMissing, ProofWrong) as fault:
            problem = fault.sentence.partition(". ")[0].rstrip(".")
            raise LogRefused(origin=log.name, problem=problem, folder=_evidence(memory, fetched, last, problem)) from fault
        return _sign(memory, key, given, last, log=log, now=now)


class _Unbelievable(CheckFailed):
    """{problem}"""


def _check(head: Checkpoint, last: Note | None, fetch: Fetch) -> None:
    """Raise unless the signed head leads to its own tiles, and begins with the last one."""
    seen = Checkpoint.parse(last.text) if last is not None else None
    if seen is not None and head.size < seen.size:
        raise _Unbelievable(problem=f"it shrank from {seen.size:,} entries to {head.size:,}")
    if seen is not None and head.size == seen.size:
        if head.root != seen.root:
            raise _Unbelievable(problem=f"it signed two different logs of {head.size:,} entries")
        return
    tree = TileTree(size=head.size, root=head.root, fetch=lambda tile: fetch(tile.path))
    root_at(head.size, tree.node)  # the tree gives no node before its tiles were shown to lead to the root
    if seen is None:
        return
    proof = consistency_proof(seen.size, head.size, tree.node)
    try:
        verify_consistency(old=seen.size, new=head.size, proof=proof, old_root=seen.root, new_root=head.root)
    except ProofWrong as fault:
        problem = f"it forked: its {head.size:,} entries do not begin with the {seen.size:,} that it signed before"
        raise _Unbelievable(problem=problem) from fault


def _sign(
    memory: Memory, key: SigningKey, given: Note, last: tuple[Note, datetime] | None, *, log: VerifierKey, now: datetime
) -> Observed:
    """Sign what was checked, unless our word on this very checkpoint is of today; remember it first."""
    head = Checkpoint.parse(given.text)
    if last is not None and last[0].text == given.text and now - last[1] < AGAIN_AFTER:
        note, at = last
        return Observed(head, note, at, fresh=False, told=_ours(note, key) in given.signatures)
    at = max(now, last[1]) if last is not None else now
    word = cosign(given, key, at)
    note = Note(given.text, verified(given, log)).plus(word)
    memory.remember(note)
    return Observed(head, note, at.replace(microsecond=0), fresh=True, told=False)


def _ours(note: Note, key: SigningKey) -> Signature:
    return next(made for made in note.signatures if key.verifier.made(made))


def _evidence(memory: Memory, fetched: dict[str, bytes], last: tuple[Note, datetime] | None, problem: str) -> Path:
    files = {f"given/{path}": data for path, data in fetched.items()}
    if last is not None:
        files["seen/checkpoint"] = str(last[0]).encode()
    files["what-is-wrong.txt"] = f"{problem}.\n".encode()
    return memory.keep_evidence(files)
