"""Tokens: what a browser or a mail carries, and what is kept of it.

A token has 256 bits from the system's generator, so guessing one is hopeless and its digest needs no salt and no slow hash. The
digest is bound to what the token is for: one that was made as a link is nothing as a session or an invitation.
"""

import hashlib
import secrets
from enum import StrEnum

_BYTES = 32
DIGEST = 64  # characters


class Purpose(StrEnum):
    """What a token is for."""

    SESSION = "session"
    LINK = "link"
    ADDRESS = "address"
    BROWSER = "browser"
    INVITATION = "invitation"
    RECOVERY = "recovery"
    CHALLENGE = "challenge"


def new_token() -> str:
    """A token of 256 random bits, as it can stand in an address."""
    return secrets.token_urlsafe(_BYTES)


def digest_of(purpose: Purpose, token: str) -> str:
    """What is kept of a token: 64 hexadecimal digits."""
    return hashlib.sha256(f"commonpurse {purpose.value}\0{token}".encode(errors="surrogatepass")).hexdigest()
