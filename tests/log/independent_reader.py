"""Reads a whole log over HTTP, from C2SP tlog-tiles, signed-note and RFC 6962 and from nothing of ours: no import of `ledger`.

It is meant to be slow and obvious: it fetches every tile and every bundle that a checkpoint's size requires, holds each hash
against the ones it stands for, and computes the root from the entries themselves.
"""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from http.client import HTTPMessage
from itertools import pairwise
from urllib.request import Request, urlopen

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256


@dataclass(frozen=True)
class Answer:
    """What one address gave."""

    data: bytes
    headers: HTTPMessage


@dataclass(frozen=True)
class Log:
    """What the whole log came to."""

    origin: str
    entries: list[bytes]
    root: bytes
    tiles: int


def fetch(address: str, **headers: str) -> Answer:
    """GET; unpacked when it was sent compressed."""
    with urlopen(Request(address, headers=headers), timeout=30) as answer:  # noqa: S310 - the address is the test's own
        data = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        return Answer(data, answer.headers)


def checkpoint(note: bytes, verifier_key: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that this key signed."""
    text, _, signatures = note.decode().partition("\n\n")
    text += "\n"
    name, _, rest = verifier_key.partition("+")
    hex_id, _, encoded = rest.partition("+")
    key = base64.b64decode(encoded, validate=True)
    assert key[0] == 1
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    assert key_id.hex() == hex_id
    ours = []
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        assert dash == "—"
        blob = base64.b64decode(signature, validate=True)
        if signer == name and blob[:4] == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(blob[4:], text.encode())
            ours.append(signer)
    assert ours == [name]
    origin, size, root, nothing = text.split("\n")
    assert nothing == ""
    assert str(int(size)) == size
    return origin, int(size), base64.b64decode(root, validate=True)


def place(number: int, width: int) -> str:
    """1234067 is x001/x234/067; a partial tile says its width."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])
    return path if width == WIDTH else f"{path}.p/{width}"


def widths(hashes: int) -> list[int]:
    """The widths of the tiles that hold so many hashes: full ones, and a partial one unless that would be empty."""
    full, partial = divmod(hashes, WIDTH)
    return [WIDTH] * full + [partial] * (partial > 0)


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def read_log(prefix: str, verifier_key: str) -> Log:
    """Read all of it, and believe nothing that was not checked."""
    note = fetch(f"{prefix}/checkpoint")
    assert note.headers["Content-Type"] == "text/plain; charset=utf-8"
    origin, size, root = checkpoint(note.data, verifier_key)
    levels: list[list[bytes]] = []
    tiles, hashes, level = 0, size, 0
    while hashes:
        found: list[bytes] = []
        for number, width in enumerate(widths(hashes)):
            tile = fetch(f"{prefix}/tile/{level}/{place(number, width)}")
            assert tile.headers["Content-Type"] == "application/octet-stream"
            assert len(tile.data) == 32 * width
            found += [tile.data[at : at + 32] for at in range(0, len(tile.data), 32)]
            tiles += 1
        levels.append(found)
        hashes, level = hashes // WIDTH, level + 1
    for below, above in pairwise(levels):
        assert above == [tree_hash(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)]
    entries: list[bytes] = []
    for number, width in enumerate(widths(size)):
        bundle = fetch(f"{prefix}/tile/entries/{place(number, width)}", **{"Accept-Encoding": "gzip, identity"})
        assert bundle.headers["Content-Type"] == "application/octet-stream"
        entries += unpack(bundle.data, width)
    leaves = [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
    assert not levels or leaves == levels[0]
    assert tree_hash(leaves) == root
    return Log(origin, entries, root, tiles)


def unpack(data: bytes, width: int) -> list[bytes]:
    """The entries of a bundle: each behind its length, two bytes, the greater first."""
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        assert len(entries[-1]) == length
        data = data[2 + length :]
    assert len(entries) == width
    return entries
