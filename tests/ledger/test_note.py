"""Signed notes, checkpoints and cosignatures: the published examples, and each way in which one can lie."""

import json
import struct
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.note import (
    COSIGNATURE,
    ED25519,
    Checkpoint,
    CheckpointBroken,
    KeyBroken,
    Note,
    NoteBroken,
    NotSigned,
    Signature,
    SignatureWrong,
    SigningKey,
    VerifierKey,
    WrongOrigin,
    cosign,
    cosigned_at,
    open_checkpoint,
    sign,
    verified,
)
from ledger.tree import EMPTY_ROOT

PUBLISHED = json.loads((Path(__file__).parents[1] / "data" / "rfc6962-sample.json").read_text())["signed_note"]
EXAMPLE = PUBLISHED[0]["note"]
KEY = PUBLISHED[0]["vkeys"][0]
LOG = SigningKey("marlmoor.example/log", ED25519, bytes(range(32)))
WITNESS = SigningKey("fair-account.example/witness", COSIGNATURE, bytes(range(1, 33)))
CHECKPOINT = Checkpoint("marlmoor.example/log", 7, bytes(range(32)))
NOON = datetime(2026, 3, 4, 12, 0, 0, 700_000, tzinfo=UTC)


@pytest.mark.parametrize("vector", PUBLISHED, ids=lambda vector: f"{len(vector['vkeys'])} of {vector['source']}")
def test_the_published_notes_are_signed_by_the_keys_that_are_said_to(vector: dict[str, Any]) -> None:
    note = Note.parse(vector["note"])
    keys = [VerifierKey.parse(key) for key in vector["vkeys"]]
    assert [signature.name for signature in verified(note, *keys)] == vector["verified"]
    assert str(note) == vector["note"]
    assert [str(key) for key in keys] == vector["vkeys"]


def test_one_changed_letter_is_a_wrong_signature() -> None:
    changed = Note.parse(EXAMPLE.replace("example message", "example massage"))
    with pytest.raises(SignatureWrong, match="or the text was changed afterwards"):
        verified(changed, VerifierKey.parse(KEY))


def test_a_key_of_the_same_name_and_another_number_is_unknown_and_ignored() -> None:
    other = SigningKey.generate("example.com/foo").verifier
    assert verified(Note.parse(EXAMPLE), other) == ()


def test_the_text_ends_at_the_last_empty_line() -> None:
    note = Note("ed è subito sera.\n\nfirst\n\nsecond\n", (Signature("a", b"1234", b"x"),))
    assert Note.parse(str(note)) == note


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (b"caf\xe9\n\n\xe2\x80\x94 a AAAAAAA=\n", "not UTF-8"),
        ("half \ud800\n\n— a AAAAAAA=\n", "not UTF-8"),
        (EXAMPLE.replace("\n", "\r\n"), "control character"),
        (EXAMPLE.replace("This", "\x00This"), "control character"),
        (EXAMPLE[:-1], "its newline"),
        (EXAMPLE.replace("\n\n", "\n"), "an empty line"),
        ("text\n\n", "its newline"),
        ("", "an empty line"),
        (EXAMPLE.replace("— ", "- "), "not a signature line"),
        (EXAMPLE.replace("— ", "—"), "not a signature line"),
        (EXAMPLE.replace("example.com/foo", "example+com"), "not a signature line"),
        (EXAMPLE.replace("example.com/foo", "example\u00a0com"), "not a signature line"),
        (EXAMPLE.replace("yaQM=", "yaQN="), "not a signature line"),
        (EXAMPLE.replace("yaQM=", "yaQM"), "not a signature line"),
        (EXAMPLE.replace("Uw2Q", "Uw2Q "), "not a signature line"),
        ("text\n\n— a AAAAAA==\n", "not a signature line"),
        ("text\n\n" + "— a AAAAAAA=\n" * 101, "more than 100 signatures"),
        ("x" * 1_000_000 + EXAMPLE, "longer than"),
    ],
)
def test_what_is_not_a_note_to_the_byte_is_refused(written: str | bytes, problem: str) -> None:
    with pytest.raises(NoteBroken, match=problem):
        Note.parse(written)


@given(st.binary(max_size=60) | st.text("— \n\x00ab+=", max_size=60).map(lambda text: text.encode()))
def test_whatever_is_read_as_a_note_is_written_back_to_the_byte(written: bytes) -> None:
    try:
        note = Note.parse(written)
    except NoteBroken:
        return
    assert str(note).encode() == written


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "example.com/foo",
        KEY.replace("example.com/foo", ""),
        KEY.replace("example.com", "example com"),
        KEY.replace("example.com", "example.org"),
        KEY.replace("530d903a", "530D903A"),
        KEY.replace("530d903a", "530d903b"),
        KEY.replace("530d903a", "30d903a"),
        KEY[:-4],
        KEY[:-1] + "l",
        KEY.replace("+Aek", "+Auk"),
        KEY.replace("+Aek", "+Bek"),
        KEY + "\n",
    ],
)
def test_a_key_that_was_not_copied_whole_is_refused(broken: str) -> None:
    with pytest.raises(KeyBroken, match="Copy the whole key again"):
        VerifierKey.parse(broken)
    with pytest.raises(KeyBroken):
        SigningKey.parse(f"PRIVATE+KEY+{broken}")


def test_a_private_key_is_read_back_from_its_text_and_never_shows_itself() -> None:
    made = SigningKey.generate("marlmoor.example/log")
    assert SigningKey.parse(made.text()) == made
    assert made.text().startswith(f"PRIVATE+KEY+marlmoor.example/log+{made.verifier.key_id.hex()}+")
    assert VerifierKey.parse(str(made.verifier)) == made.verifier
    assert SigningKey.generate("marlmoor.example/log") != made
    for shown in (str(made), repr(made)):
        assert made.text().split("+", 4)[4] not in shown
        assert made.seed.hex() not in shown
        assert repr(made.seed) not in shown


@pytest.mark.parametrize("wrong", ["marlmoor log", "", "a+b", "a\nb"])
def test_a_key_needs_a_name_without_spaces_and_plus(wrong: str) -> None:
    with pytest.raises(KeyBroken, match="its name"):
        SigningKey.generate(wrong)


def test_a_private_key_whose_number_is_of_another_key_is_refused() -> None:
    other = SigningKey.generate(LOG.name)
    mixed = LOG.text().replace(LOG.verifier.key_id.hex(), other.verifier.key_id.hex())
    with pytest.raises(KeyBroken, match="do not belong together"):
        SigningKey.parse(mixed)
    with pytest.raises(KeyBroken, match=r"begins with PRIVATE\+KEY\+"):
        SigningKey.parse(str(LOG.verifier))


def test_a_checkpoint_is_three_lines_that_its_log_signed() -> None:
    note = sign(CHECKPOINT, LOG)
    assert note.text == "marlmoor.example/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    assert open_checkpoint(Note.parse(str(note)), LOG.verifier) == CHECKPOINT
    bare = note.signatures[0].signature
    Ed25519PublicKey.from_public_bytes(LOG.verifier.public).verify(bare, note.text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "marlmoor.example/log\n7\n",
        "marlmoor.example/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "marlmoor.example/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nextension\n",
        "marlmoor.example/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
        "marlmoor.example/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
        "marlmoor.example/log\n07\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "marlmoor.example/log\n-7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "marlmoor.example/log\n٧\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "marlmoor.example/log\n9223372036854775808\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "marlmoor.example/log\n0\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "marlmoor log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
    ],
)
def test_a_text_of_any_other_form_is_no_checkpoint_even_when_it_is_signed(text: str) -> None:
    note = Note(text, (Signature(LOG.name, LOG.verifier.key_id, LOG.over(text.encode())),))
    with pytest.raises(CheckpointBroken):
        open_checkpoint(note, LOG.verifier)
    with pytest.raises(CheckpointBroken):
        cosign(note, WITNESS, NOON)


@pytest.mark.parametrize("size", [-1, 2**63])
def test_no_checkpoint_is_made_of_a_size_that_no_log_has(size: int) -> None:
    with pytest.raises(CheckpointBroken, match="not a number of entries"):
        Checkpoint("marlmoor.example/log", size, bytes(32))


def test_the_empty_log_has_a_checkpoint_too() -> None:
    empty = Checkpoint("marlmoor.example/log", 0, EMPTY_ROOT)
    assert open_checkpoint(sign(empty, LOG), LOG.verifier) == empty


def test_a_checkpoint_of_another_key_or_another_log_is_not_believed() -> None:
    note = sign(CHECKPOINT, LOG)
    with pytest.raises(NotSigned, match=r"not signed by “marlmoor\.example/log” with the key you gave"):
        open_checkpoint(note, SigningKey.generate(LOG.name).verifier)
    borrowed = SigningKey("elsewhere.example/log", ED25519, LOG.seed)
    signed_by_it = Note(note.text, (Signature(borrowed.name, borrowed.verifier.key_id, borrowed.over(note.text.encode())),))
    with pytest.raises(WrongOrigin, match=r"of the log “marlmoor\.example/log”, and the key is of “elsewhere"):
        open_checkpoint(signed_by_it, borrowed.verifier)
    with pytest.raises(WrongOrigin):
        sign(CHECKPOINT, borrowed)


def test_a_witness_says_when_it_saw_the_checkpoint() -> None:
    cosignature = cosign(sign(CHECKPOINT, LOG), WITNESS, NOON)
    note = sign(CHECKPOINT, LOG).plus(cosignature, cosignature)
    assert len(note.signatures) == 2
    assert Signature.parse(cosignature.line().rstrip("\n")) == cosignature
    assert cosigned_at(Note.parse(str(note)), WITNESS.verifier) == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert open_checkpoint(note, LOG.verifier) == CHECKPOINT
    assert cosigned_at(sign(CHECKPOINT, LOG), WITNESS.verifier) is None


def test_a_cosignature_is_the_time_and_a_signature_over_the_time_and_the_text() -> None:
    note = sign(CHECKPOINT, LOG)
    made = cosign(note, WITNESS, NOON.astimezone(timezone(timedelta(hours=2)))).signature
    (seconds,) = struct.unpack(">Q", made[:8])
    assert seconds == 1_772_625_600
    message = b"cosignature/v1\ntime 1772625600\n" + note.text.encode()
    Ed25519PublicKey.from_public_bytes(WITNESS.verifier.public).verify(made[8:], message)


def test_of_several_cosignatures_of_a_witness_the_newest_counts() -> None:
    note = sign(CHECKPOINT, LOG)
    later = NOON + timedelta(days=2)
    both = note.plus(cosign(note, WITNESS, later), cosign(note, WITNESS, NOON))
    assert cosigned_at(both, WITNESS.verifier) == later.replace(microsecond=0)


@pytest.mark.parametrize("at", [0, 7, 8, 71])
def test_a_cosignature_with_one_changed_byte_is_wrong(at: int) -> None:
    note = sign(CHECKPOINT, LOG)
    true = cosign(note, WITNESS, NOON)
    changed = bytearray(true.signature)
    changed[at] ^= 1
    with pytest.raises(SignatureWrong, match="fair-account"):
        cosigned_at(note.plus(Signature(true.name, true.key_id, bytes(changed))), WITNESS.verifier)
    with pytest.raises(SignatureWrong):
        cosigned_at(note.plus(Signature(true.name, true.key_id, true.signature[:-1])), WITNESS.verifier)


def test_a_cosignature_of_a_time_beyond_all_calendars_is_refused() -> None:
    note = sign(CHECKPOINT, LOG)
    time = 2**62
    signed = WITNESS.over(f"cosignature/v1\ntime {time}\n{note.text}".encode())
    far = Signature(WITNESS.name, WITNESS.verifier.key_id, time.to_bytes(8) + signed)
    with pytest.raises(NoteBroken, match="no calendar has"):
        cosigned_at(note.plus(far), WITNESS.verifier)


def test_the_keys_of_logs_and_witnesses_do_not_stand_in_for_each_other() -> None:
    note = sign(CHECKPOINT, LOG)
    for use in (
        lambda: sign(CHECKPOINT, SigningKey(LOG.name, COSIGNATURE, LOG.seed)),
        lambda: open_checkpoint(note, WITNESS.verifier),
        lambda: cosign(note, LOG, NOON),
        lambda: cosigned_at(note, LOG.verifier),
    ):
        with pytest.raises(KeyBroken, match="key, and a"):
            use()
    with pytest.raises(ValueError, match="time zone"):
        cosign(note, WITNESS, NOON.replace(tzinfo=None))


def test_bytes_that_are_no_public_key_sign_nothing() -> None:
    odd = VerifierKey(LOG.name, ED25519, b"\xff" * 32)
    assert not odd.signs(CHECKPOINT.text(), bytes(64))
