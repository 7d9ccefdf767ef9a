"""Voting codes: what a resident's letter holds, and the two hashes of it that anybody else ever sees.

A code has 24 letters of an alphabet of 32: 120 bits, so nobody finds one by guessing, and it needs no check digit. The
alphabet leaves out I, L, O and U; whoever reads a 0 as an O, or a 1 as an I or an L, has typed the right code all the same.

    code --H("credential", round, code)--> s --H("roll", round, s)--> h

The roll is the list of h. From s follows h and not the other way round, so whoever shows s has shown that they held the code.
"""

import secrets

from ledger.ballot.digests import tagged_hash
from ledger.errors import LedgerError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = 24
_GROUP = 4
_ALIKE = str.maketrans("OIL", "011")
_BETWEEN = " \t\r\n-\N{NO-BREAK SPACE}\N{EN DASH}\N{NON-BREAKING HYPHEN}\N{HYPHEN}"


class NotACode(LedgerError):
    """A voting code has 24 letters and numbers, in six groups of four. Look at your letter again; nothing was recorded."""


def new_code() -> str:
    """A fresh code from the system's own randomness, without blanks."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def printed(code: str) -> str:
    """The code as the letter shows it: “7F3K-9QWA-…”."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LETTERS, _GROUP))


def read_code(typed: str) -> str:
    """The code that somebody typed, whatever its case, blanks and hyphens. Raises NotACode."""
    code = "".join(letter for letter in typed if letter not in _BETWEEN).upper().translate(_ALIKE)
    if len(code) != LETTERS or not set(code) <= set(ALPHABET):
        raise NotACode
    return code


def credential(round_ref: str, code: str) -> str:
    """The s of a code: what the site keeps once it was used, and publishes, sorted, after the close."""
    return tagged_hash("credential", round_ref, code)


def roll_mark(round_ref: str, used: str) -> str:
    """The h of an s: what stands on the roll."""
    return tagged_hash("roll", round_ref, used)
