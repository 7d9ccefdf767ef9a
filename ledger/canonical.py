"""The exact bytes that stand for an entry: RFC 8785 JSON of a small, safe subset.

Keys are ASCII, text is NFC, numbers are integers below 2⁵³ and dates are ISO text, so sorted, compact `json.dumps` gives
the bytes that RFC 8785 asks for (the `rfc8785` package is the tests' oracle). Hashing is RFC 6962's leaf hash.
"""

import json
import unicodedata
from collections.abc import Mapping

from ledger.errors import LedgerError
from ledger.money import LARGEST

LONGEST = 65_535  # bytes: an entry must fit behind the two-byte length of a tile of entries


class NotCanonical(LedgerError):
    """This cannot be written down exactly: {problem}. Nothing was recorded."""


class EntryTooLong(LedgerError):
    """This entry would be {length} bytes and the longest is 65,535. Split it into several; nothing was recorded."""


def _check(value: object, where: str) -> None:
    match value:
        case bool() | None:
            return
        case int():
            if abs(value) > LARGEST:
                raise NotCanonical(problem=f"{where} is not below 2⁵³")
        case str():
            _check_text(value, where)
        case Mapping():
            for key, inner in value.items():
                _check_key(key, where)
                _check(inner, f"{where}.{key}")
        case list() | tuple():
            for place, inner in enumerate(value):
                _check(inner, f"{where}[{place}]")
        case _:
            raise NotCanonical(problem=f"{where} is a {type(value).__name__}, not text, a whole number or a list")


def _check_text(text: str, where: str) -> None:
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical(problem=f"{where} is not in Unicode's composed form (NFC)")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotCanonical(problem=f"{where} holds half a character")


def _check_key(key: object, where: str) -> None:
    if not isinstance(key, str) or not key.isascii():
        raise NotCanonical(problem=f"the key {key!r} of {where} is not plain ASCII")


def canonical_bytes(value: Mapping[str, object]) -> bytes:
    """The one way to write `value` as bytes. Raises NotCanonical, EntryTooLong."""
    _check(value, "entry")
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
    if len(written) > LONGEST:
        raise EntryTooLong(length=f"{len(written):,}")
    return written
