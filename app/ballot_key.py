"""The key that signs voters' receipts: the site's promise that a ballot will be in the log."""

from pathlib import Path

from nacl.signing import SigningKey

from app.settings import write_secret
from ledger.errors import LedgerError

_HEXADECIMAL = 64


class BallotKeyUnreadable(LedgerError):
    """The key for receipts in {path} cannot be read. Put the file back from its copy; nothing was recorded."""


class NoBallotKey(LedgerError):
    """There is no key to sign voters' receipts with, so no vote is taken. Put back the file that BALLOT_KEY_FILE names; nothing
    was recorded, and no code is used.
    """


def ballot_key(path: Path) -> SigningKey | None:
    """The key in the file that BALLOT_KEY_FILE names; none when there is no file. Raises BallotKeyUnreadable."""
    try:
        text = path.read_text().strip()
        if len(text) != _HEXADECIMAL:
            raise BallotKeyUnreadable(path=path)
        return SigningKey(bytes.fromhex(text))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError, ValueError) as fault:
        raise BallotKeyUnreadable(path=path) from fault


def needed_ballot_key(path: Path) -> SigningKey:
    """The key to sign receipts with. Raises NoBallotKey, BallotKeyUnreadable."""
    key = ballot_key(path)
    if key is None:
        raise NoBallotKey
    return key


def made_ballot_key(path: Path) -> SigningKey:
    """The key there is, or a new one in a file that only its owner can read. Raises BallotKeyUnreadable."""
    found = ballot_key(path)
    if found is None:
        write_secret(path, f"{bytes(SigningKey.generate()).hex()}\n")
    return found or needed_ballot_key(path)
