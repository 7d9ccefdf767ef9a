"""The commitment to a ballot, and the receipt: the site's signed promise to put that commitment into the log.

    c = H("ballot", round, nonce, digits, padded choices)

The receipt is c, the nonce, the digits, and an Ed25519 signature over the promise's text. It says nothing of the choices by
itself; with them it shows how somebody voted, to whoever they give it to. A receipt whose c is missing from the log after the
close is proof against whoever runs the site.
"""

import re
import secrets
from dataclasses import dataclass

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from ledger.ballot.digests import tagged_hash
from ledger.errors import LedgerError

NONCE = 32  # letters of hexadecimal: 128 bits
DIGITS = 6
PROMISE = "logged with the next batch, at the latest at the close"
_NONCE = re.compile(rf"[0-9a-f]{{{NONCE}}}")
_DIGITS = re.compile(rf"[0-9]{{{DIGITS}}}")


class NotSixDigits(LedgerError):
    """Choose any six digits of your own, such as 408153. Nothing was recorded, and your code is not used."""


class NotOurPromise(LedgerError):
    """This receipt's signature is not that of round {round}. Check that you copied all of it; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a voter takes away."""

    round: str
    commitment: str
    nonce: str
    digits: str
    promise: str  # the signature, in hexadecimal


def new_nonce() -> str:
    """128 random bits in hexadecimal: without it, a commitment could be tried out against every choice."""
    return secrets.token_hex(NONCE // 2)


def is_nonce(text: str) -> bool:
    """Whether the text has the form of a nonce."""
    return _NONCE.fullmatch(text) is not None


def six_digits(typed: str) -> str:
    """The voter's digits. Raises NotSixDigits."""
    digits = "".join(typed.split())
    if _DIGITS.fullmatch(digits) is None:
        raise NotSixDigits
    return digits


def commitment(round_ref: str, *, nonce: str, digits: str, choices: str) -> str:
    """The c of a ballot with these padded choices."""
    return tagged_hash("ballot", round_ref, nonce, digits, choices)


def promised_text(round_ref: str, tracker: str) -> bytes:
    """What is signed: H("promise", round, c, the promise in words)."""
    return tagged_hash("promise", round_ref, tracker, PROMISE).encode()


def promise(key: SigningKey, round_ref: str, tracker: str) -> str:
    """The signature under the promise, in hexadecimal. The same key and ballot always give the same one."""
    return key.sign(promised_text(round_ref, tracker)).signature.hex()


def check_promise(public: str, receipt: Receipt) -> None:
    """Hold that the receipt was signed by the key of the round. Raises NotOurPromise."""
    try:
        VerifyKey(bytes.fromhex(public)).verify(
            promised_text(receipt.round, receipt.commitment), bytes.fromhex(receipt.promise)
        )
    except (BadSignatureError, ValueError) as fault:
        raise NotOurPromise(round=receipt.round) from fault
