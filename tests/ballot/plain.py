"""The protocol written out slowly, in plain hashlib, beside the one that the product runs."""

import hashlib
import string

LETTERS = [letter for letter in string.digits + string.ascii_uppercase if letter not in "ILOU"]


def plain_h(tag: str, *parts: str) -> str:
    """SHA-256 of each part behind its length in eight bytes, the tag first."""
    whole = b""
    for part in [tag, *parts]:
        data = part.encode("utf-8")
        length = len(data)
        eight = b""
        for _ in range(8):
            eight = bytes([length % 256]) + eight
            length //= 256
        whole += eight + data
    return hashlib.sha256(whole).hexdigest()


def plain_code(typed: str) -> str | None:
    """The code as typed, letter by letter; none when it is not one."""
    code = ""
    for letter in typed:
        if letter in " -\t\r\n":
            continue
        upper = letter.upper()
        if upper == "O":
            upper = "0"
        elif upper in {"I", "L"}:
            upper = "1"
        if upper not in LETTERS:
            return None
        code += upper
    return code if len(code) == 24 else None
