"""A proof as a file: written and read to the byte, and refused in one clear sentence for every way it can be wrong."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import CheckFailed
from ledger.note import CheckpointBroken, NoteBroken, NotSigned, Signature, SignatureWrong, SigningKey, WrongOrigin
from ledger.proofs import LONGEST, Proof, ProofBroken, verify_proof
from ledger.tree import ProofWrong, leaf_hash, root_of
from tests.proving import ENTRIES, FOLDER, LEAVES, LOG, OTHER, SHOWN, files, proof_of

KEY = LOG.verifier
TEXT = str(proof_of(SHOWN))


@pytest.mark.parametrize("size", [1, 2, 17, 18, 64, 70])
def test_every_entry_of_a_log_has_a_proof_that_holds(size: int) -> None:
    for index in range(size):
        proof = Proof.parse(str(proof_of(index, size=size)))
        checkpoint = verify_proof(proof, KEY, LEAVES[index])
        assert (checkpoint.size, checkpoint.root) == (size, root_of(LEAVES[:size]))


def test_a_proof_is_written_as_the_standard_says() -> None:
    lines = TEXT.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 17"]
    assert lines[9:12] == ["", "commonpurse.example/log", "70"]
    with_extra = replace(proof_of(0, size=1), extra=b"the receipt")
    assert str(with_extra).split("\n")[:4] == ["c2sp.org/tlog-proof@v1", "extra dGhlIHJlY2VpcHQ=", "index 0", ""]
    assert Proof.parse(str(with_extra)) == with_extra


@given(st.integers(0, 69), st.none() | st.binary(max_size=40), st.booleans())
def test_a_proof_is_read_back_as_it_was_written(index: int, extra: bytes | None, witnessed: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
    proof = replace(proof_of(index, witnessed=witnessed), extra=extra)
    assert Proof.parse(str(proof).encode()) == proof


@given(st.data())
def test_a_file_with_any_one_byte_changed_proves_nothing(data: st.DataObject) -> None:
    """Other than in the lines of witnesses, which the log's key does not sign."""
    written = bytearray(str(proof_of(SHOWN, witnessed=False)).encode())
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CheckFailed):
        verify_proof(Proof.parse(bytes(written)), KEY, LEAVES[SHOWN])


@pytest.mark.parametrize("length", range(0, len(TEXT), 7))
def test_a_file_that_was_cut_anywhere_is_refused(length: int) -> None:
    """A cut between two signature lines leaves a whole proof with fewer witnesses: that is no lie."""
    with pytest.raises((ProofBroken, NoteBroken)):
        Proof.parse(TEXT[:length])


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "its first line"),
        ("\n\n", "its first line"),
        (TEXT.replace("@v1", "@v2"), "its first line"),
        (TEXT.replace("\n", "\r\n"), "its first line"),
        (TEXT.replace("index 17\n", ""), "which entry"),
        (TEXT.replace("index 17", "index 017"), "which entry"),
        (TEXT.replace("index 17", "index -17"), "which entry"),
        (TEXT.replace("index 17", "index 9223372036854775808"), "which entry"),
        (TEXT.replace("index 17", "index"), "which entry"),
        (TEXT.replace("index 17", "index 17\nextra AAAA"), "“extra AAAA” is not written in base64"),
        (TEXT.replace("index 17", "extra AAAA\nextra AAAA\nindex 17"), "which entry"),
        (TEXT.replace("index 17", "extra AAB=\nindex 17"), "“extra AAB=” is not written in base64"),
        (TEXT.replace("index 17\n", "index 17\nAA A"), "not written in base64"),
        (TEXT.replace("index 17\n", "index 17\nAAAA"), "not 32 bytes"),
        (TEXT.replace("index 17", "index 17" + "\nAAAA" * 64), "more than 63 hashes"),
        (TEXT.partition("\n\n")[0], "before its checkpoint"),
        (TEXT.encode() + b"\xff", "not UTF-8"),
        (TEXT + " " * LONGEST, "longer than"),
    ],
)
def test_what_is_not_a_proof_to_the_byte_is_refused(written: str | bytes, problem: str) -> None:
    with pytest.raises(ProofBroken, match=problem) as refused:
        Proof.parse(written)
    assert refused.value.sentence.endswith("Download it again, whole; nothing was recorded.")


def _of(checkpoint_text: str, key: SigningKey = LOG) -> Proof:
    """The proof of the entry shown, on a checkpoint of any text that the key really signed."""
    signature = Signature(key.name, key.verifier.key_id, key.over(checkpoint_text.encode()))
    true = proof_of(SHOWN)
    return replace(true, checkpoint=replace(true.checkpoint, text=checkpoint_text, signatures=(signature,)))


ELSEWHERE = SigningKey("elsewhere.example/log", LOG.algorithm, OTHER.seed)
LIES = {
    "another tree size": (replace(proof_of(SHOWN), checkpoint=proof_of(SHOWN, size=64).checkpoint), ProofWrong),
    "another tree of the same height": (replace(proof_of(SHOWN), checkpoint=proof_of(SHOWN, size=69).checkpoint), ProofWrong),
    "an index beyond the tree": (replace(proof_of(SHOWN), index=70), ProofWrong),
    "the index of another entry": (replace(proof_of(SHOWN), index=16), ProofWrong),
    "a path too short": (replace(proof_of(SHOWN), hashes=proof_of(SHOWN).hashes[:-1]), ProofWrong),
    "a path too long": (replace(proof_of(SHOWN), hashes=(*proof_of(SHOWN).hashes, LEAVES[0])), ProofWrong),
    "the proof of another entry": (proof_of(16), ProofWrong),
    "another key of the same name": (proof_of(SHOWN, key=OTHER), NotSigned),
    "another log": (proof_of(SHOWN, key=ELSEWHERE), NotSigned),
    "a size changed after it was signed": (
        replace(proof_of(SHOWN), checkpoint=replace(proof_of(SHOWN).checkpoint, text=proof_of(SHOWN, size=69).checkpoint.text)),
        SignatureWrong,
    ),
    "a signed text that is no checkpoint": (_of("commonpurse.example/log\n70\n"), CheckpointBroken),
    "the origin of another log under our key": (
        _of(proof_of(SHOWN).checkpoint.text.replace("commonpurse", "elsewhere")),
        WrongOrigin,
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_is_refused_with_a_sentence_of_its_own(lie: str) -> None:
    proof, refusal = LIES[lie]
    with pytest.raises(refusal) as refused:
        verify_proof(Proof.parse(str(proof)), KEY, LEAVES[SHOWN])
    assert "{" not in refused.value.sentence


@given(st.data())
def test_an_entry_with_any_one_byte_changed_is_not_the_one_in_the_log(data: st.DataObject) -> None:
    entry = bytearray(ENTRIES[SHOWN])
    at = data.draw(st.integers(0, len(entry) - 1))
    entry[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ProofWrong, match="from this entry it does not lead to the root"):
        verify_proof(proof_of(SHOWN), KEY, leaf_hash(bytes(entry)))


def test_the_example_in_the_folder_is_what_the_small_log_gives() -> None:
    """Otherwise write it again: `python -m tests.proving`."""
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == files()
