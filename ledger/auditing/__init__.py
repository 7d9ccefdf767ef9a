"""The auditor's reading of a whole log, from its public files alone. It believes nobody, and needs no database.

Every tile of hashes has to lead to the root of the checkpoint, every entry to its hash; then the log is replayed from nothing
by the rules of the door, and the balances it comes to are held against what the site says of them. The first lie ends it.

| what somebody changed | what gives it away |
|---|---|
| a byte of an entry, two entries swapped | the hash in `tile/0/…` |
| a tile of hashes | the tile above it, and at the top the root |
| the whole tree, computed again | the signature, a checkpoint that somebody kept, or the rule that an entry breaks |
| balances that the site shows | the replay |
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.auditing.ahead import entries_in_the_tree
from ledger.auditing.said import Said
from ledger.auditing.signed_log import Files, LogWrong, SignedLog
from ledger.note import Checkpoint, Note, VerifierKey, cosigned_at, open_checkpoint
from ledger.replaying import EntryWrong, Replay

__all__ = ["Audited", "Balances", "LogWrong", "Witness", "audit", "signed_head", "words_of"]

Progress = Callable[[int, int], None]
Balances = dict[tuple[str, str], int]
"""(account, resource) → pence or minutes."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness that was asked about, and when it cosigned the checkpoint; no time when it did not."""

    name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Audited:
    """What was found right."""

    head: Checkpoint | None  # none where nothing was signed yet
    entries: int
    root: bytes
    balances: Balances
    witnesses: tuple[Witness, ...]
    said: Said | None  # what the site said, if it said anything
    compared: bool  # whether that could be compared: it is of no more entries than were signed

    @property
    def accounts(self) -> int:
        """How many accounts were ever used."""
        return len({account for account, _ in self.balances})


def signed_head(note: Note, key: VerifierKey | None) -> Checkpoint:
    """What the checkpoint says; without a key, whoever signed it. Raises NotSigned, SignatureWrong, WrongOrigin."""
    return open_checkpoint(note, key) if key is not None else Checkpoint.parse(note.text)


def words_of(note: Note, witnesses: Sequence[VerifierKey]) -> tuple[Witness, ...]:
    """What these witnesses say under the checkpoint. Raises SignatureWrong."""
    return tuple(Witness(witness.name, cosigned_at(note, witness)) for witness in witnesses)


def audit(
    files: Files, *, key: VerifierKey | None, witnesses: Sequence[VerifierKey] = (), said: Said | None, progress: Progress
) -> Audited:
    """Check the whole log. Raises LogWrong, or the CheckFailed of what is wrong with a tile or the checkpoint."""
    note = Note.parse(files.get("checkpoint"))
    head = signed_head(note, key)
    seen = words_of(note, witnesses)
    log = SignedLog(files, head)
    comparing = said if said is not None and said.size <= head.size else None
    if comparing is not None:
        log.require_root(comparing)
    with Replay(log.reread) as replay:
        try:
            _replay(log, replay, comparing, progress)
        except EntryWrong as fault:
            raise log.wrong(f"entry {fault.facts['index']} is wrong: {fault.facts['problem']}") from fault
        return Audited(head, head.size, head.root, dict(replay.book.balances), seen, said, comparing is not None)


def _replay(log: SignedLog, replay: Replay, said: Said | None, progress: Progress) -> None:
    book = replay.book
    compare_at = -1 if said is None else said.size
    with entries_in_the_tree(log) as (bundles, in_form):
        for entries, leaves in bundles:
            for written, leaf in zip(entries, leaves, strict=True):
                if said is not None and book.size == compare_at:
                    _compare(log, said, book.balances)
                replay.take(written, leaf, in_form=in_form)
            progress(book.size, log.head.size)
    replay.finish()
    if said is not None and book.size == compare_at:
        _compare(log, said, book.balances)


def _compare(log: SignedLog, said: Said, balances: Balances) -> None:
    difference = said.first_difference(balances)
    if difference is not None:
        raise log.wrong(difference)
