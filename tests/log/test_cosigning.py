"""A witness's word is kept when the witness is known, the checkpoint is ours, the signature is true and the time is sane."""

from datetime import datetime, timedelta

import pytest

from ledger.checkpoints import newest, proving, with_witnesses, witnesses
from ledger.cosigning import NotOurCheckpoint, Taken, TimeWrong, TooLongANote, UnknownWitness, take, witness_keys
from ledger.database import Database
from ledger.errors import LedgerError
from ledger.note import COSIGNATURE, Checkpoint, KeyBroken, Note, SignatureWrong, SigningKey, cosign, cosigned_at, sign
from ledger.publishing import begin_again, publish
from tests.log.conftest import NOON, grow
from tests.proving import LOG, OTHER, WITNESS

SECOND = SigningKey("second.example/witness", COSIGNATURE, bytes(range(3, 35)))
STRANGER = SigningKey("stranger.example/witness", COSIGNATURE, bytes(range(4, 36)))
KNOWN = (WITNESS.verifier, SECOND.verifier)


def publish_first(log: Database, size: int) -> Note:
    grow(log, size)
    return Note.parse(publish(log, LOG, clock=lambda: NOON).checkpoint.note)


def hand_in(log: Database, note: Note | bytes, now: datetime = NOON) -> tuple[Taken, ...]:
    with log.unit_of_work() as unit:
        taken = take(unit, note if isinstance(note, bytes) else str(note).encode(), KNOWN, now=now)
        unit.commit()
    return taken


def lines(log: Database) -> str:
    """The newest checkpoint as everybody reads it."""
    with log.reading() as session:
        row = newest(session)
        assert row is not None
        return str(with_witnesses(session, row).note)


def cosign_and_end(log: Database) -> None:
    """A row in each table of what was signed."""
    note = publish_first(log, 3)
    hand_in(log, note.plus(cosign(note, WITNESS, NOON)))
    begin_again(log, origin="after.example/log", reason="The key was stolen.", lost=None)


def test_a_known_witness_is_shown_under_the_checkpoint(log: Database) -> None:
    note = publish_first(log, 5)
    later = NOON + timedelta(minutes=5)
    taken = hand_in(log, note.plus(cosign(note, WITNESS, NOON), cosign(note, SECOND, later)), now=later)
    assert [(word.name, word.size, word.fresh) for word in taken] == [(WITNESS.name, 5, True), (SECOND.name, 5, True)]
    shown = Note.parse(lines(log))
    assert shown.text == note.text
    assert [made.name for made in shown.signatures] == [LOG.name, WITNESS.name, SECOND.name]
    assert cosigned_at(shown, SECOND.verifier) == later
    with log.reading() as session:
        assert [(word.name, word.at, word.size) for word in witnesses(session)] == [
            (SECOND.name, later, 5), (WITNESS.name, NOON, 5),
        ]  # fmt: skip


def test_the_same_word_again_is_kept_once(log: Database) -> None:
    note = publish_first(log, 5)
    once = note.plus(cosign(note, WITNESS, NOON))
    assert hand_in(log, once)[0].fresh
    before = lines(log)
    assert not hand_in(log, once)[0].fresh
    soon = NOON + timedelta(minutes=59)
    assert not hand_in(log, note.plus(cosign(note, WITNESS, soon)), now=soon)[0].fresh
    assert lines(log) == before
    later = NOON + timedelta(hours=1)
    assert hand_in(log, note.plus(cosign(note, WITNESS, later)), now=later)[0].fresh
    assert cosigned_at(Note.parse(lines(log)), WITNESS.verifier) == later
    assert lines(log).count(WITNESS.name) == 1


def test_a_proof_stands_under_the_newest_checkpoint_that_a_witness_signed(log: Database) -> None:
    note = publish_first(log, 5)
    hand_in(log, note.plus(cosign(note, WITNESS, NOON)))
    publish_first(log, 9)
    with log.reading() as session:
        sizes = [found.row.size if (found := proving(session, index)) else None for index in (0, 4, 5, 8, 9)]
        assert sizes == [5, 5, 9, 9, None]
        assert [word.size for word in witnesses(session)] == [5]


def other(note: Note) -> Note:
    """The same size with another root, signed by our own key: what a log that forked would hand out."""
    head = Checkpoint.parse(note.text)
    return sign(Checkpoint(head.origin, head.size, bytes(32)), LOG)


def test_what_is_not_a_known_witnesss_word_on_our_checkpoint_is_refused(log: Database) -> None:
    note = publish_first(log, 5)
    forged = cosign(note, SigningKey(WITNESS.name, COSIGNATURE, SECOND.seed), NOON)
    forged = type(forged)(forged.name, WITNESS.verifier.key_id, forged.signature)
    longer = sign(Checkpoint(LOG.name, 6, bytes(32)), LOG)
    elsewhere = sign(
        Checkpoint("elsewhere.example/log", 5, Checkpoint.parse(note.text).root),
        SigningKey("elsewhere.example/log", 1, LOG.seed),
    )
    refused: list[tuple[Note | bytes, type[LedgerError]]] = [
        (note, UnknownWitness),
        (note.plus(cosign(note, STRANGER, NOON)), UnknownWitness),
        (note.plus(forged), SignatureWrong),
        (other(note).plus(cosign(other(note), WITNESS, NOON)), NotOurCheckpoint),
        (longer.plus(cosign(longer, WITNESS, NOON)), NotOurCheckpoint),
        (elsewhere.plus(cosign(elsewhere, WITNESS, NOON)), NotOurCheckpoint),
        (note.plus(cosign(note, WITNESS, NOON + timedelta(days=3))), TimeWrong),
        (note.plus(cosign(note, WITNESS, NOON - timedelta(days=3))), TimeWrong),
        (b"x" * 20_000, TooLongANote),
    ]
    for words, refusal in refused:
        with pytest.raises(refusal):
            hand_in(log, words)
        assert issubclass(refusal, LedgerError)
    assert lines(log) == str(note)


def test_one_wrong_time_takes_nothing_in(log: Database) -> None:
    note = publish_first(log, 5)
    with pytest.raises(TimeWrong, match="2026-03-04 12:00 UTC"):
        hand_in(log, note.plus(cosign(note, WITNESS, NOON), cosign(note, SECOND, NOON + timedelta(days=1))))
    assert lines(log) == str(note)


def test_it_does_not_matter_who_signed_the_log_in_what_is_handed_in(log: Database) -> None:
    """The text decides: only what we signed ourselves is in the table, so a forged line of ours adds nothing."""
    note = publish_first(log, 5)
    forged = Note(note.text, sign(Checkpoint.parse(note.text), OTHER).signatures)
    assert hand_in(log, forged.plus(cosign(forged, WITNESS, NOON)))[0].fresh
    assert [made.key_id for made in Note.parse(lines(log)).signatures] == [LOG.verifier.key_id, WITNESS.verifier.key_id]


def test_keys_of_witnesses_stand_between_spaces_or_lines() -> None:
    assert witness_keys(f" {WITNESS.verifier}\n{SECOND.verifier} ") == KNOWN
    assert witness_keys("") == ()
    with pytest.raises(KeyBroken, match="a witness signs with a witness's"):
        witness_keys(str(LOG.verifier))
