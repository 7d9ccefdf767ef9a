"""The log of the workload as the files that an auditor downloads: checkpoint, tiles of hashes and tiles of entries.

Written from the public formats (C2SP tlog-tiles, signed-note, tlog-checkpoint) and not from the ledger's own code, so that it
does not matter here whether that serves them yet. The entries' bytes are the ledger's.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import col, select

from ledger.database import open_database
from ledger.entries import Entry, encode
from tests.bench.drafts import Indexes, draft_of
from tests.bench.founding import clock_of, founded
from tests.bench.workload import Step

ORIGIN = "marlmoor.example/log"
_WIDTH = 256
_ED25519 = b"\x01"


def log_entries(laid: str, told: Iterable[Step]) -> Iterator[bytes]:
    """The exact bytes of every entry: those of the mandates, then those of the steps."""
    database = open_database(laid)
    with database.reading() as session:
        ground = founded(session)
        first = list(session.exec(select(Entry.written).order_by(col(Entry.index))))
    database.dispose()
    yield from first
    indexes: Indexes = {}
    for index, step in enumerate(told, start=len(first)):
        indexes[step.number] = index
        yield encode(draft_of(step, ground, indexes), index=index, recorded_at=clock_of(step.day)())


def write_log(folder: Path, entries: Iterable[bytes]) -> str:
    """Write all files of the log, and return the verifier's key."""
    levels: list[list[bytes]] = [[]]
    bundle, size = b"", 0
    for entry in entries:
        bundle += len(entry).to_bytes(2, "big") + entry
        levels[0].append(hashlib.sha256(b"\x00" + entry).digest())
        size += 1
        if size % _WIDTH == 0:
            _write(folder / "tile/entries" / _tile(size // _WIDTH - 1), bundle)
            bundle = b""
    if size % _WIDTH:
        _write(folder / "tile/entries" / _tile(size // _WIDTH, size % _WIDTH), bundle)
    while len(levels[-1]) >= _WIDTH:
        full = range(0, len(levels[-1]) // _WIDTH * _WIDTH, _WIDTH)
        levels.append([_root(levels[-1][start : start + _WIDTH]) for start in full])
    for level, hashes in enumerate(levels):
        for start in range(0, len(hashes), _WIDTH):
            part = hashes[start : start + _WIDTH]
            name = _tile(start // _WIDTH, len(part) if len(part) < _WIDTH else 0)
            _write(folder / "tile" / str(level) / name, b"".join(part))
    checkpoint, key = _signed(size, _root(levels[0]))
    _write(folder / "checkpoint", checkpoint.encode())
    return key


def _tile(number: int, width: int = 0) -> str:
    groups = [f"{number % 1_000:03}"]
    while number := number // 1_000:
        groups.insert(0, f"x{number % 1_000:03}")
    return "/".join(groups) + (f".p/{width}" if width else "")


def _write(file: Path, written: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(written)


def _root(hashes: list[bytes]) -> bytes:
    """RFC 6962's root, by halving at the largest power of two below the size."""
    if len(hashes) == 1:
        return hashes[0]
    middle = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + _root(hashes[:middle]) + _root(hashes[middle:])).digest()


def _signed(size: int, root: bytes) -> tuple[str, str]:
    key = Ed25519PrivateKey.generate()
    public = _ED25519 + key.public_key().public_bytes_raw()
    identity = hashlib.sha256(f"{ORIGIN}\n".encode() + public).digest()[:4]
    text = f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(identity + key.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {signature}\n", f"{ORIGIN}+{identity.hex()}+{base64.b64encode(public).decode()}"
