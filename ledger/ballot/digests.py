"""H(tag, …): the one hash of the ballot protocol. The length before each part keeps any two uses apart."""

import hashlib


def tagged_hash(tag: str, *parts: str) -> str:
    """SHA-256 over length-prefixed parts (eight bytes, the highest first, then UTF-8), the tag first, in hexadecimal.

    H("a", "bc") and H("ab", "c") hash different bytes, and so do the same parts under two tags.
    """
    digest = hashlib.sha256()
    for part in (tag, *parts):
        written = part.encode()
        digest.update(len(written).to_bytes(8, "big") + written)
    return digest.hexdigest()
