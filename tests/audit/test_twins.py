"""The book that an auditor replays in bounded memory says what the slow, obvious one says, of lawful and of broken logs."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json

from ledger import replay
from ledger.canonical import canonical_bytes
from ledger.exact import NotExact, exact_entry
from ledger.kinds import PAYLOADS
from ledger.records import FLOWS, Kind, Recorded
from ledger.replaying import EntryWrong, Replay
from ledger.written import decode, encode
from tests.audit.conftest import Lived
from tests.audit.living import changed, first_of
from tests.audit.slow_twin import USED, SlowBook
from tests.ledger.conftest import FINANCE, HOLDERS, PAYER, REGISTRAR

Fields = dict[str, Any]
BEGINNING = 26  # entries that are lived before the helps
USUAL = {
    Kind.COMMITMENT: ("p-connector", "community connector"), Kind.PAYMENT: (PAYER, "finance officer"),
    Kind.HELP_GIVEN: ("p-connector", "community connector"), Kind.REVERSAL: (FINANCE, "finance officer"),
    Kind.VIREMENT: (FINANCE, "finance officer"), Kind.RETURN: ("p-connector", "community connector"),
    Kind.FREEZE: ("p-chief", "chief finance officer"), Kind.UNFREEZE: ("p-chief", "chief finance officer"),
    Kind.ROLE: (REGISTRAR, "registrar"), Kind.PERIOD_CLOSE: (FINANCE, "finance officer"),
}  # fmt: skip
ROUTES = {
    Kind.COMMITMENT: ("award/{project}", "committed/{project}"), Kind.PAYMENT: ("committed/{project}", "payee/spade"),
    Kind.HELP_GIVEN: ("connector/glodbrook", "payee/corner-shop"), Kind.VIREMENT: ("pot/glodbrook", "connector/glodbrook"),
    Kind.RETURN: ("award/{project}", "returned/marlmoor"),
}  # fmt: skip
DAYS = ("2026-03-02", "2026-03-03", "2026-03-04", "2026-04-01")

OFTEN = (*USUAL, *sorted(FLOWS & USUAL.keys()), Kind.PAYMENT, Kind.COMMITMENT)


@st.composite
def steps(draw: st.DrawFn) -> Fields:
    """What somebody asks for, as a recipe that is cooked when it is known what there is to rest on."""
    kind = draw(st.sampled_from(OFTEN))
    return {
        "kind": kind,
        "amount": draw(st.sampled_from((1, 1, 999, 5_000, 150_000, 400_000))),
        "resource": draw(st.sampled_from(("GBP", "GBP", "GBP", "GBP", "GBP", "TIME", "EUR"))),
        "parts": draw(st.integers(1, 2)),
        "which": draw(st.integers(0, 40)),
        "odd": draw(st.integers(0, 29)),
        "days": draw(st.integers(0, 1)),
        "late": draw(st.booleans()),
        "who": draw(st.sampled_from([REGISTRAR, *sorted(HOLDERS)])),
        "project": draw(st.sampled_from(("glodbrook-one-1", "glodbrook-one-2"))),
    }


def cooked(step: Fields, book: SlowBook, day: int) -> tuple[bytes, int]:
    """The bytes of the entry that comes of a step, and the day it is recorded on; one in ten has something odd about it."""
    kind = Kind(step["kind"])
    powers = [entry for entry in book.entries if entry.kind in PAYLOADS[kind].powers]
    rests_on: Recorded = (powers or book.entries)[step["which"] % len(powers or book.entries)]
    person, role = USUAL[kind]
    project = rests_on.payload.subject() if kind in {Kind.COMMITMENT, Kind.PAYMENT, Kind.RETURN} else step["project"]
    day = min(day + (step["days"] and step["odd"] % 5 == 1), len(DAYS) - 1)
    late = step["late"] and kind in {Kind.PAYMENT, Kind.HELP_GIVEN}
    fields: Fields = {
        "actor": {"person": person, "role": role}, "authority": "marlmoor", "effective_on": DAYS[0 if late else day],
        "idempotency_key": f"step-{len(book.entries)}-{step['which']}", "index": len(book.entries), "kind": kind.value,
        "mandate": rests_on.index, "payload": payload_of(kind, step, project), "place": place_of(kind, step),
        "recorded_at": f"{DAYS[day]}T10:00:00Z", "schema": 1, "transfers": moves_of(kind, step, project, rests_on),
    }  # fmt: skip
    odd: Fields = {
        2: {"actor": {"person": step["who"], "role": role}}, 3: {"mandate": step["which"]},
        4: {"idempotency_key": book.entries[step["which"] % len(book.entries)].idempotency_key}, 5: {"place": "ferrybank"},
        6: {"recorded_at": "2026-03-01T10:00:00Z"},
    }.get(step["odd"], {})  # fmt: skip
    written = canonical_bytes(fields | odd)
    return written.replace(b",", b", ", 1) if step["odd"] == 7 and step["late"] else written, day


def place_of(kind: Kind, step: Fields) -> str | None:
    if kind is Kind.ROLE:
        return HOLDERS.get(step["who"], (None, None))[1]
    return None if kind is Kind.PERIOD_CLOSE else "glodbrook"


def payload_of(kind: Kind, step: Fields, project: str | None) -> Fields:
    purpose = "Wörk" if step["late"] else "Work"
    role = HOLDERS.get(step["who"], ("registrar", None))[0]
    change = "appointed" if step["late"] else "ended"  # so that roles come and go
    payloads: dict[Kind, Fields] = {
        Kind.COMMITMENT: {"project": project, "payee": "spade", "form": "order", "purpose": purpose},
        Kind.PAYMENT: {"project": project, "payee": "spade", "purpose": purpose},
        Kind.HELP_GIVEN: {"payee": "corner-shop", "story": "0" * 64},
        Kind.VIREMENT: {"purpose": purpose},
        Kind.RETURN: {"project": project, "reasons": "1" * 64},
        Kind.ROLE: {"person": step["who"], "role": role, "change": change, "begins": DAYS[step["days"]], "ends": None},
        Kind.PERIOD_CLOSE: {"through": DAYS[0]},
    }
    return payloads.get(kind, {"reasons": "2" * 64})


def moves_of(kind: Kind, step: Fields, project: str | None, rests_on: Recorded) -> list[Fields]:
    if kind is Kind.REVERSAL:
        return [
            {"amount": move.amount, "from": move.to_account, "resource": move.resource, "to": move.from_account}
            for move in rests_on.movements
        ]
    if kind not in ROUTES:
        return []
    begin, end = (path.format(project=project) for path in ROUTES[kind])
    return [{"amount": step["amount"], "from": begin, "resource": step["resource"], "to": end}] * step["parts"]


@given(st.lists(steps(), min_size=20, max_size=60))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_asked_both_books_answer_alike(
    lived: Lived, monkeypatch: pytest.MonkeyPatch, asked: Sequence[Fields]
) -> None:
    monkeypatch.setattr(replay, "_KEPT", 3)  # so that almost everything has to be read again
    log = list(lived.entries[:BEGINNING])
    slow = SlowBook()
    with Replay(lambda index: exact_entry(log[index])) as quick:
        for entry in log:
            quick.take(entry)
            slow.entries.append(decode(entry))
        day = 0
        for step in asked:
            written, then = cooked(step, slow, day)
            refusal = slow.take(written)
            # A key that was used before shows only at the end, so that such an entry is not put before the quick one.
            if refusal != USED:
                assert verdict_of(quick, log, written) == (refusal is None), refusal
            if refusal is None:
                day = then
    assert {key: held for key, held in quick.book.balances.items() if held} == {
        key: held for key, held in slow.balances().items() if held
    }
    for index in range(len(slow.entries)):
        for resource in ("GBP", "TIME"):
            assert quick.book.left(index, resource) == slow.left(index, resource)
        assert quick.book.resting(index) == slow.resting(index)


def verdict_of(quick: Replay, log: list[bytes], written: bytes) -> bool:
    log.append(written)
    try:
        quick.take(written)
    except EntryWrong:
        log.pop()
        return False
    return True


def test_what_flows_has_fields_of_text_only() -> None:
    """The quick way to see whether bytes are exact relies on it."""
    for kind in FLOWS:
        for field in PAYLOADS[kind].model_json_schema()["properties"].values():
            assert field["type"] == "string", kind
            assert "default" not in field, kind


def outcome(written: bytes) -> Recorded | None:
    try:
        return exact_entry(written)
    except NotExact:
        return None


def slow_outcome(written: bytes) -> Recorded | None:
    try:
        entry = decode(written)
        return entry if encode(entry, index=entry.index, recorded_at=entry.recorded_at) == written else None
    except Exception:  # noqa: BLE001 - whatever it stumbles over, it is no entry
        return None


ODD_TEXTS = ("Work", " Work", "Wörk", "Wo\u0308rk", "W\u0000", "", "\u00ad", "😀", "\\u0041")
TEXTS = st.one_of(st.sampled_from(ODD_TEXTS), st.text(max_size=9))


@given(kind=st.sampled_from(sorted(FLOWS - {Kind.TIME_WORKED})), text=TEXTS, field=st.integers(0, 5), place=st.integers(0, 400))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_exact_for_the_quick_reader_is_exact_for_the_slow_one(
    lived: Lived, kind: Kind, text: str, field: int, place: int
) -> None:
    fields = first_of(lived.entries, kind) if kind is not Kind.RETURN else first_of(lived.entries, Kind.PAYMENT)
    names = sorted(fields["payload"])
    written = json.encode(fields | {"payload": fields["payload"] | {names[field % len(names)]: text}}, order="sorted")
    for candidate in (written, written[:place] + b" " + written[place:], written[:place] + text.encode(errors="replace")):
        assert outcome(candidate) == slow_outcome(candidate)


def test_an_escaped_letter_is_not_the_exact_one(lived: Lived) -> None:
    true = changed(next(entry for entry in lived.entries if b'"kind":"payment"' in entry), lambda _: None)
    assert outcome(true) is not None
    assert outcome(true.replace(b"Work", b"\\u0057ork")) is None
    assert outcome(true.replace(b'"Work"', '"Wo\u0308rk"'.encode())) is None
    assert outcome(true.replace(b"Work", "Wörk".encode())) is not None


def test_what_withdraws_a_power_is_felt_by_the_next_that_would_use_it(lived: Lived) -> None:
    """Each was lawful a moment ago, and the book remembers that."""
    base, order = list(lived.entries[:BEGINNING]), first_of(lived.entries, Kind.COMMITMENT)["index"]
    help_ = changed(lived.entries[BEGINNING], lambda _: None)
    purse = first_of(lived.entries, Kind.HELP_GIVEN)["mandate"]
    ended = {"person": "p-connector", "role": "community connector", "change": "ended", "begins": DAYS[1], "ends": None}
    withdrawals: dict[Kind, Fields] = {
        Kind.ROLE: {"payload": ended, "place": "glodbrook", "mandate": 0},
        Kind.FREEZE: {"payload": {"reasons": "2" * 64}, "place": "glodbrook", "mandate": devolved(base)},
        Kind.PERIOD_CLOSE: {"payload": {"through": DAYS[0]}, "place": None, "mandate": 0},
    }
    assert purse > order
    for kind, decision in withdrawals.items():
        person, role = USUAL[kind]
        late: Fields = {"recorded_at": f"{DAYS[1]}T10:00:00Z", "effective_on": DAYS[0 if kind is Kind.PERIOD_CLOSE else 1]}
        common: Fields = {"actor": {"person": person, "role": role}, "kind": kind.value, "transfers": []}
        common["effective_on"] = DAYS[1]
        log: list[bytes] = []
        with Replay(lambda index, log=log: exact_entry(log[index])) as book:  # type: ignore[misc]  # a default's type is not inferred
            for entry in base:
                assert verdict_of(book, log, entry)
            size = len(base)
            again = json.decode(help_) | late
            assert verdict_of(book, log, canonical_bytes(again | {"index": size, "idempotency_key": "before"}))
            said = again | common | decision | {"index": size + 1, "idempotency_key": "withdrawn"}
            assert verdict_of(book, log, canonical_bytes(said)), kind
            assert not verdict_of(book, log, canonical_bytes(again | {"index": size + 2, "idempotency_key": "after"})), kind


def devolved(log: Sequence[bytes]) -> int:
    index: int = first_of(log, Kind.DEVOLUTION)["index"]
    return index
