"""Proofs as files, pure: C2SP tlog-proof. One `.tlog-proof` shows that one entry is in the log, to whoever has the log's key.

c2sp.org/tlog-proof@v1
index 5
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=

commonpurse.example/log
7
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— commonpurse.example/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

from dataclasses import dataclass

from ledger.errors import CheckFailed
from ledger.note import LONGEST as LONGEST_NOTE
from ledger.note import Checkpoint, Note, VerifierKey, decimal, decode_base64, encode_base64, open_checkpoint
from ledger.tree import HASH_SIZE, verify_inclusion

LONGEST = LONGEST_NOTE + 100_000  # bytes of a file: its checkpoint with signatures, its hashes, a little extra
_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63  # a tree has fewer than 2⁶³ entries


class ProofBroken(CheckFailed):
    """This file is not a proof: {problem}. Download it again, whole; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a `.tlog-proof` file says, which nobody has checked yet. `extra` is whatever its maker added: it proves nothing."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes | None = None

    @classmethod
    def parse(cls, written: bytes | str) -> "Proof":
        """The proof that is written so, to the byte. Raises ProofBroken, NoteBroken."""
        try:
            text = written if isinstance(written, str) else written.decode()
        except UnicodeError as fault:
            raise ProofBroken(problem="it is not UTF-8 text") from fault
        if len(written) > LONGEST:
            raise ProofBroken(problem=f"it is longer than {LONGEST:,} bytes")
        head, empty_line, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != _FIRST_LINE:
            raise ProofBroken(problem=f"its first line is not {_FIRST_LINE}")
        extra = _after("extra ", lines.pop(0)) if lines and lines[0].startswith("extra ") else None
        index = decimal(lines.pop(0).removeprefix("index ")) if lines and lines[0].startswith("index ") else None
        if index is None:
            raise ProofBroken(problem="no line says which entry it is about")
        if len(lines) > _MOST_HASHES:
            raise ProofBroken(problem=f"it has more than {_MOST_HASHES} hashes")
        hashes = tuple(_after("", line) for line in lines)
        if any(len(part) != HASH_SIZE for part in hashes):
            raise ProofBroken(problem="one of its hashes is not 32 bytes long")
        if not empty_line:
            raise ProofBroken(problem="it ends before its checkpoint")
        return cls(index, hashes, Note.parse(note), extra)

    def __str__(self) -> str:
        """The file's text."""
        extra = [] if self.extra is None else [f"extra {encode_base64(self.extra)}"]
        lines = [_FIRST_LINE, *extra, f"index {self.index}", *map(encode_base64, self.hashes)]
        return "\n".join(lines) + f"\n\n{self.checkpoint}"


def verify_proof(proof: Proof, key: VerifierKey, leaf_hash: bytes) -> Checkpoint:
    """The signed checkpoint of the log that the entry of this leaf hash is in, at the proof's index.

    Raises NotSigned, SignatureWrong, WrongOrigin or CheckpointBroken when the log of this key did not sign it, and
    ProofWrong when the entry does not lead to what was signed.
    """
    checkpoint = open_checkpoint(proof.checkpoint, key)
    verify_inclusion(index=proof.index, size=checkpoint.size, leaf=leaf_hash, proof=proof.hashes, root=checkpoint.root)
    return checkpoint


def _after(start: str, line: str) -> bytes:
    data = decode_base64(line.removeprefix(start))
    if data is None:
        raise ProofBroken(problem=f"“{line[:60]}” is not written in base64")
    return data
