"""The quick way to write a flow gives the bytes that RFC 8785 asks for, or leaves it to the careful one."""

from datetime import UTC, date, datetime
from unittest.mock import patch

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ledger import written
from ledger.canonical import EntryTooLong, NotCanonical
from ledger.kinds.awarding import Payment
from ledger.money import LARGEST
from ledger.records import Actor, Draft, Movement
from ledger.roles import Role
from ledger.written import decode, encode

MOMENT = datetime(2026, 3, 2, 10, tzinfo=UTC)
# What JSON escapes, what it does not, and letters that stand beside ASCII.
LETTERS = st.sampled_from(['"', "\\", "/", "\x1f", "\x7f", "\n", "\t", "a", "Z", "0", "é", "£", "\u2028", "😀"])
WORDS = st.text(LETTERS, min_size=1, max_size=12)


def paying(purpose: str, *, place: str | None = "glodbrook", key: str = "key", amount: int = 1_234) -> Draft:
    return Draft(
        authority="marlmoor", place=place, mandate=7, actor=Actor("p-payer", Role.FINANCE_OFFICER), idempotency_key=key,
        payload=Payment.model_construct(project="glodbrook-one-1", payee="spade", purpose=purpose),
        effective_on=date(2026, 3, 1),
        movements=(Movement("committed/glodbrook-one-1", "payee/spade", "GBP", amount),),
    )  # fmt: skip


@given(purpose=WORDS, key=WORDS, place=st.none() | WORDS, amount=st.integers(0, LARGEST))
def test_a_flow_is_written_as_rfc_8785_asks(purpose: str, key: str, place: str | None, amount: int) -> None:
    draft = paying(purpose, place=place, key=key, amount=amount)
    assert encode(draft, index=9, recorded_at=MOMENT) == rfc8785.dumps(
        {
            "actor": {"person": "p-payer", "role": "finance officer"}, "authority": "marlmoor", "effective_on": "2026-03-01",
            "idempotency_key": key, "index": 9, "kind": "payment", "mandate": 7, "place": place, "schema": 1,
            "payload": {"payee": "spade", "project": "glodbrook-one-1", "purpose": purpose},
            "recorded_at": "2026-03-02T10:00:00Z",
            "transfers": [
                {"amount": amount, "from": "committed/glodbrook-one-1", "resource": "GBP", "to": "payee/spade"}
            ],
        }
    )  # fmt: skip


def test_plain_words_take_the_quick_way() -> None:
    with patch.object(written, "_written_with_care", side_effect=AssertionError):
        assert decode(encode(paying("Two benches"), index=9, recorded_at=MOMENT)).idempotency_key == "key"


@pytest.mark.parametrize(
    ("draft", "fault"),
    [
        (paying("e\u0301"), NotCanonical),
        (paying("\ud800"), NotCanonical),
        (paying("x", amount=LARGEST + 1), NotCanonical),
        (paying("x" * 65_536), EntryTooLong),
    ],
    ids=["two letters for one", "half a character", "too large", "too long"],
)
def test_what_cannot_be_written_exactly_is_refused_by_the_careful_way(draft: Draft, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        encode(draft, index=9, recorded_at=MOMENT)
