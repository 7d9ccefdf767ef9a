"""A ballot sealed for three keyholders: any two of them open it, and one cannot.

A fresh key for each ballot closes a SecretBox. The key is wrapped once for each pair (1 and 2, 1 and 3, 2 and 3), first for
the second of the pair and then, around that, for the first. What is sealed has one length in a round, and so has the seal.

    sealed = wrapped for 1+2 ‖ wrapped for 1+3 ‖ wrapped for 2+3 ‖ box

Drawback: a keyholder who opened alone what the other half unwrapped could not be told from both; two have to come together.
"""

import json
from dataclasses import dataclass
from itertools import combinations

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random

from ledger.errors import LedgerError

KEYHOLDERS = 3
PAIRS = tuple(combinations(range(KEYHOLDERS), 2))
_SEAL = 48  # bytes that a SealedBox adds: a public key and an authenticator
WRAPPED = SecretBox.KEY_SIZE + 2 * _SEAL
KEY = 64  # letters of a key in hexadecimal


class KeyholderBroken(LedgerError):
    """This is no keyholder's key: {problem} Nothing was opened or sealed."""


class NotOpened(LedgerError):
    """These two keys do not open this ballot. Take the files of two of this round's keyholders; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What is inside: the padded choices, the nonce, and the voter's own six digits."""

    choices: str
    nonce: str
    digits: str


@dataclass(frozen=True, slots=True)
class Holder:
    """One keyholder's secret with their place among the three (0, 1, 2)."""

    place: int
    key: PrivateKey


def new_holder(place: int) -> Holder:
    """A fresh key pair for the keyholder at this place."""
    return Holder(place, PrivateKey.generate())


def public_part(holder: Holder) -> str:
    """The public key in hexadecimal."""
    return bytes(holder.key.public_key).hex()


def public_keys(written: tuple[str, ...]) -> tuple[PublicKey, ...]:
    """Three keyholders' public keys, as sealing needs them. Raises KeyholderBroken."""
    if len(written) != KEYHOLDERS or len(set(written)) != KEYHOLDERS:
        raise KeyholderBroken(problem="a round has three keyholders, each with a key of their own.")
    return tuple(PublicKey(_bytes(key)) for key in written)


def holder_from(place: int, secret: str) -> Holder:
    """A keyholder from what their file says. Raises KeyholderBroken."""
    if place not in range(KEYHOLDERS):
        raise KeyholderBroken(problem="its place is not 1, 2 or 3.")
    return Holder(place, PrivateKey(_bytes(secret)))


def seal(plain: Plain, keys: tuple[PublicKey, ...]) -> bytes:
    """The ballot, sealed for these three."""
    key = random(SecretBox.KEY_SIZE)
    inside = json.dumps([plain.choices, plain.nonce, plain.digits], separators=(",", ":")).encode()
    wrapped = b"".join(SealedBox(keys[outer]).encrypt(SealedBox(keys[inner]).encrypt(key)) for outer, inner in PAIRS)
    return wrapped + bytes(SecretBox(key).encrypt(inside))


def unseal(sealed: bytes, first: Holder, second: Holder) -> Plain:
    """What two keyholders find inside. Raises NotOpened."""
    outer, inner = sorted((first, second), key=lambda holder: holder.place)
    if (outer.place, inner.place) not in PAIRS:
        raise NotOpened
    start = PAIRS.index((outer.place, inner.place)) * WRAPPED
    try:
        half = SealedBox(outer.key).decrypt(sealed[start : start + WRAPPED])
        key = SealedBox(inner.key).decrypt(half)
        choices, nonce, digits = json.loads(SecretBox(key).decrypt(sealed[len(PAIRS) * WRAPPED :]))
    except (CryptoError, ValueError) as fault:
        raise NotOpened from fault
    return Plain(choices, nonce, digits)


def _bytes(written: str) -> bytes:
    try:
        found = bytes.fromhex(written)
    except ValueError as fault:
        raise KeyholderBroken(problem="it is not hexadecimal.") from fault
    if len(written) != KEY or len(found) * 2 != KEY:
        raise KeyholderBroken(problem=f"it has not {KEY} letters.")
    return found
