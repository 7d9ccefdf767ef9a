"""The exact bytes, beside an independent writer of RFC 8785."""

import unicodedata
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger.canonical import EntryTooLong, NotCanonical, canonical_bytes
from ledger.money import LARGEST

KEYS = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=8)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
PLAIN = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXTS
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_bytes_are_those_that_rfc_8785_asks_for(value: dict[str, Any]) -> None:
    assert canonical_bytes(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": 1.5}, "a float"),
        ({"a": LARGEST + 1}, "not below 2⁵³"),
        ({"a": "e\u0301"}, "composed form"),
        ({"a": "\ud800"}, "half a character"),
        ({"é": 1}, "not plain ASCII"),
        ({"a": {1: 2}}, "not plain ASCII"),
        ({"a": b"x"}, "a bytes"),
        ({"a": [{"b": 2.0}]}, r"entry\.a\[0\]\.b"),
    ],
)
def test_what_cannot_be_written_exactly_is_refused(value: dict[str, Any], problem: str) -> None:
    with pytest.raises(NotCanonical, match=problem):
        canonical_bytes(value)


def test_an_entry_is_at_most_65535_bytes_long() -> None:
    assert len(canonical_bytes({"a": "x" * (65_535 - 8)})) == 65_535
    with pytest.raises(EntryTooLong, match="would be 65,536 bytes"):
        canonical_bytes({"a": "x" * (65_535 - 7)})
