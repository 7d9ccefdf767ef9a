"""A small log of invented payments with keys that everybody knows, and its proofs. `tests/data/proofs` holds one of them.

`python -m tests.proving` writes those files again; a test says when they are not what this would write.
"""

from datetime import UTC, datetime
from pathlib import Path

from ledger.canonical import canonical_bytes
from ledger.note import COSIGNATURE, ED25519, Checkpoint, SigningKey, cosign, sign
from ledger.proofs import Proof
from ledger.tree import Node, inclusion_proof, leaf_hash, root_of

FOLDER = Path(__file__).parent / "data" / "proofs"
LOG = SigningKey("commonpurse.example/log", ED25519, bytes(range(32)))
OTHER = SigningKey("commonpurse.example/log", ED25519, bytes(range(1, 33)))
WITNESS = SigningKey("fair-account.example/witness", COSIGNATURE, bytes(range(2, 34)))
SEEN = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)
SHOWN = 17  # the entry whose proof is in the folder

ENTRIES = [
    canonical_bytes({
        "effective_on": "2026-03-04",
        "index": index,
        "kind": "payment",
        "schema": 1,
        "transfers": [{"amount": 1_200 + index, "from": "committed/mill-bridge", "resource": "GBP", "to": "payee/lumen"}],
    })
    for index in range(70)
]  # fmt: skip
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def node_of(node: Node) -> bytes:
    """The hash of a perfect subtree of the whole log."""
    level, number = node
    return root_of(LEAVES[number << level : (number + 1) << level])


def proof_of(index: int, *, size: int = len(ENTRIES), key: SigningKey = LOG, witnessed: bool = True) -> Proof:
    """The proof that this entry is in the log's first `size` entries, signed by `key` and cosigned by the witness."""
    note = sign(Checkpoint(key.name, size, root_of(LEAVES[:size])), key)
    if witnessed:
        note = note.plus(cosign(note, WITNESS, SEEN))
    return Proof(index, tuple(inclusion_proof(index, size, node_of)), note)


def files() -> dict[str, bytes]:
    """The folder's files by name."""
    return {
        f"entry-{SHOWN}.json": ENTRIES[SHOWN],
        f"entry-{SHOWN}.tlog-proof": str(proof_of(SHOWN)).encode(),
        "log.vkey": f"{LOG.verifier}\n".encode(),
        "witness.vkey": f"{WITNESS.verifier}\n".encode(),
    }


if __name__ == "__main__":
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
