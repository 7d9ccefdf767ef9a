"""`commonpurse verify-proof`: check a `.tlog-proof` file with a key and an entry, offline. It opens no database."""

import json
from datetime import datetime
from pathlib import Path

import click

from app.formats import count_of, moment
from ledger.canonical import LONGEST as LONGEST_ENTRY
from ledger.errors import CheckFailed
from ledger.note import COSIGNATURE, Checkpoint, KeyBroken, VerifierKey, cosigned_at
from ledger.proofs import LONGEST as LONGEST_PROOF
from ledger.proofs import Proof
from ledger.proofs import verify_proof as check_proof
from ledger.tree import HASH_SIZE, leaf_hash

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_Witnesses = list[tuple[str, datetime | None]]


@click.command("verify-proof")
@click.argument("file", type=_FILE)
@click.option("--key", required=True, help="The log's public key: name+number+key, as the page /verify shows it.")
@click.option("--entry", type=_FILE, help="The entry's exact bytes, as downloaded.")
@click.option("--leaf-hash", "hex_hash", help="The entry's leaf hash instead of its bytes: 64 hexadecimal digits.")
@click.option("--witness", "witnesses", multiple=True, help="A witness's public key: also say when it cosigned. Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def verify_proof(  # noqa: PLR0917 - click passes each option as an argument
    file: Path,
    key: str,
    entry: Path | None,
    hex_hash: str | None,
    witnesses: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Check that FILE, a .tlog-proof, shows the entry to be in the log that the key signs for.

    Needs no network and no database. Exit 1 when the proof does not hold, and when a witness's cosignature is forged; a
    witness that has not cosigned is named.
    """
    log = VerifierKey.parse(key)
    observers = [_witness(witness) for witness in witnesses]
    leaf = _leaf(entry, hex_hash)
    try:
        proof = Proof.parse(_read(file, LONGEST_PROOF))
        checkpoint = check_proof(proof, log, leaf)
        seen = [(observer.name, cosigned_at(proof.checkpoint, observer)) for observer in observers]
    except CheckFailed as fault:
        if as_json:
            click.echo(json.dumps({"holds": False, "problem": fault.sentence}, ensure_ascii=False))
        raise
    click.echo(json.dumps(_document(proof, checkpoint, leaf, seen)) if as_json else _words(proof, checkpoint, seen))


def _witness(key: str) -> VerifierKey:
    witness = VerifierKey.parse(key)
    if witness.algorithm != COSIGNATURE:
        raise KeyBroken(problem="it is a log's key, and a witness signs with a witness's")
    return witness


def _leaf(entry: Path | None, hex_hash: str | None) -> bytes:
    """The leaf hash that is asked about, from the entry's bytes or as it was given."""
    if (entry is None) == (hex_hash is None):
        raise click.UsageError("Give either --entry or --leaf-hash")
    if entry is not None:
        return leaf_hash(_read(entry, LONGEST_ENTRY))
    try:
        given = bytes.fromhex(hex_hash or "")
    except ValueError:
        given = b""
    if len(given) != HASH_SIZE:
        raise click.UsageError("--leaf-hash needs 64 hexadecimal digits")
    return given


def _read(path: Path, longest: int) -> bytes:
    """The file's bytes; no more of it is read than a file of its kind may have."""
    try:
        with path.open("rb") as file:
            data = file.read(longest + 1)
    except OSError as fault:
        raise click.UsageError(f"{path.name} cannot be read") from fault
    if len(data) > longest:
        raise click.UsageError(f"{path.name} is longer than {longest:,} bytes, so it is another kind of file")
    return data


def _words(proof: Proof, checkpoint: Checkpoint, seen: _Witnesses) -> str:
    long = count_of(checkpoint.size, "entry", "entries")
    lines = [f"The proof holds: this is entry {proof.index} of the log {checkpoint.origin}, as it was signed with {long}."]
    for name, at in seen:
        lines.append(f"Witnessed by {name} on {moment(at)}." if at else f"Not witnessed by {name}.")
    return "\n".join(lines)


def _document(proof: Proof, checkpoint: Checkpoint, leaf: bytes, seen: _Witnesses) -> dict[str, object]:
    return {
        "holds": True,
        "origin": checkpoint.origin,
        "index": proof.index,
        "leaf_hash": leaf.hex(),
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "witnesses": [{"name": name, "cosigned_at": at.isoformat() if at else None} for name, at in seen],
    }
