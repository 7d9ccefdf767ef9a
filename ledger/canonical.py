"""The exact bytes that stand for an entry: RFC 8785 JSON of a small, safe subset.

Keys are ASCII, text is NFC, numbers are integers below 2⁵³ and dates are ISO text, so sorted, compact JSON is the
bytes that RFC 8785 asks for (the `rfc8785` package is the tests' oracle). Hashing is RFC 6962's leaf hash.
"""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from msgspec import json

from ledger.errors import LedgerError
from ledger.money import LARGEST

_WRITER = json.Encoder(order="sorted")
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


_TEXT = {str}


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - whatever somebody wants to write down
    """Whether it can be written down exactly: the quick twin of `_check`, which says what is wrong."""
    kind = type(value)
    if kind is str:
        return value.isascii() or unicodedata.is_normalized("NFC", value)
    if kind is int:
        return -LARGEST <= value <= LARGEST  # type: ignore[no-any-return]  # whole numbers compare to a truth
    if kind is dict:
        # As key by key, and no generator: it would double the time of the busiest check.
        return set(map(type, value)) <= _TEXT and "".join(value).isascii() and all(map(_is_plain, value.values()))
    if kind is list:
        return all(map(_is_plain, value))
    return value is None or kind is bool


def canonical_bytes(value: Mapping[str, object], *, longest: int = LONGEST) -> bytes:
    """The one way to write `value` as bytes, at most `longest` of them. Raises NotCanonical, EntryTooLong."""
    if not _is_plain(value):
        _check(value, "entry")
    try:
        written = _WRITER.encode(value)
    except UnicodeEncodeError:
        _check(value, "entry")
        raise
    if len(written) > longest:
        raise EntryTooLong(length=f"{len(written):,}")
    return written


@lru_cache(maxsize=64)  # everything that is recorded in the same second has the same
def instant_text(moment: datetime) -> str:
    """2026-03-04T10:00:00Z. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
