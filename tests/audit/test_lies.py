"""Each lie is named in one sentence, and the auditor's exit code is 1."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from ledger.canonical import canonical_bytes
from ledger.note import Note, cosign
from ledger.records import Kind
from ledger.tiles import pack_entries
from tests.audit.conftest import Audit, Lived
from tests.audit.living import bundle_with, changed, first_of, lay, plus
from tests.log.conftest import NOON
from tests.proving import LOG, OTHER, WITNESS

KEY = ("--key", str(LOG.verifier))
Entries = Sequence[bytes]


def lie_told(audit: Audit, folder: Path, *named: str) -> None:
    answer = audit(folder, *KEY)
    assert answer.exit_code == 1, answer.output
    assert len(answer.output.strip().splitlines()) == 1
    for words in named:
        assert words in answer.output


def test_a_lawful_log_is_right_and_its_balances_are_those_of_the_site(audit: Audit, folder: Path, lived: Lived) -> None:
    answer = audit(folder, *KEY, "--json")
    assert answer.exit_code == 0, answer.output
    told, said = json.decode(answer.output), json.decode(lived.said)
    assert told["balances"] == said["balances"]
    assert (told["entries"], told["root"], told["origin"]) == (len(lived.entries), said["root"], LOG.name)
    assert "By the key that you gave".lower() in told["signed"]
    assert told["compared"] is True


def test_without_a_key_the_summary_says_that_no_signature_was_checked(audit: Audit, folder: Path) -> None:
    answer = audit(folder)
    assert answer.exit_code == 0
    assert "Nobody's signature was checked" in answer.output


def test_an_empty_log_is_right(audit: Audit, tmp_path: Path) -> None:
    assert audit(lay(tmp_path / "log", []), *KEY).exit_code == 0


def test_any_byte_of_any_file_of_entries_or_hashes_is_named(audit: Audit, folder: Path) -> None:
    files = sorted(file for file in (folder / "tile").rglob("*") if file.is_file())
    assert {str(file.relative_to(folder)) for file in files} >= {"tile/0/000", "tile/1/000.p/1", "tile/entries/000"}
    for file in files:
        true = file.read_bytes()
        for place in {0, 1, len(true) // 3, len(true) // 2, len(true) - 1}:
            file.write_bytes(true[:place] + bytes([true[place] ^ 1]) + true[place + 1 :])
            lie_told(audit, folder, "tile/")
        file.write_bytes(true)
    assert audit(folder, *KEY).exit_code == 0


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
@pytest.mark.parametrize("left", [0, 1, -1])
def test_a_tile_cut_short_is_named(audit: Audit, folder: Path, path: str, left: int) -> None:
    (folder / path).write_bytes((folder / path).read_bytes()[:left])
    lie_told(audit, folder, path)


@pytest.mark.parametrize("path", ["tile/entries/000", "tile/0/000", "tile/1/000.p/1", "checkpoint"])
def test_a_file_that_is_not_there_is_named(audit: Audit, folder: Path, path: str) -> None:
    (folder / path).unlink()
    lie_told(audit, folder, path)


def test_two_entries_swapped_are_named(audit: Audit, folder: Path, lived: Lived) -> None:
    file, entries = bundle_with(folder, 40, len(lived.entries))
    entries[40], entries[41] = entries[41], entries[40]
    file.write_bytes(pack_entries(entries))
    lie_told(audit, folder, "entry 40 in tile/entries/000")


def test_entries_removed_at_the_end_under_the_longer_checkpoint_are_named(
    audit: Audit, folder: Path, lived: Lived, tmp_path: Path
) -> None:
    shorter = lay(tmp_path / "shorter", lived.entries[:-1])
    (shorter / "checkpoint").write_bytes((folder / "checkpoint").read_bytes())
    lie_told(audit, shorter, "does not have tile/")


def test_a_checkpoint_by_another_key_of_the_same_name_is_refused(audit: Audit, lived: Lived, tmp_path: Path) -> None:
    lie_told(audit, lay(tmp_path / "forged", lived.entries, key=OTHER), "is not signed by")


def test_a_changed_checkpoint_is_refused(audit: Audit, folder: Path, lived: Lived) -> None:
    note = (folder / "checkpoint").read_text()
    (folder / "checkpoint").write_text(note.replace(f"\n{len(lived.entries)}\n", f"\n{len(lived.entries) - 1}\n", 1))
    lie_told(audit, folder, "The signature of")


def test_a_forged_witness_is_refused_and_a_true_one_is_shown(audit: Audit, folder: Path) -> None:
    file = folder / "checkpoint"
    true = Note.parse(file.read_bytes())
    absent = audit(folder, *KEY, "--witness", str(WITNESS.verifier))
    assert f"Not witnessed by {WITNESS.name}." in absent.output
    word = cosign(true, WITNESS, NOON)
    file.write_text(str(true.plus(word)))
    seen = audit(folder, *KEY, "--witness", str(WITNESS.verifier))
    assert (seen.exit_code, f"Witnessed by {WITNESS.name} at 2026-03-04 12:00 UTC." in seen.output) == (0, True)
    last = bytes([word.signature[-1] ^ 1])  # some signatures end in a zero byte of their own
    file.write_text(str(true.plus(type(word)(word.name, word.key_id, word.signature[:-1] + last))))
    forged = audit(folder, *KEY, "--witness", str(WITNESS.verifier))
    assert (forged.exit_code, "The signature of" in forged.output) == (1, True)


def at(entries: Entries, index: int, change: Callable[[dict[str, Any]], object]) -> list[bytes]:
    return [*entries[:index], changed(entries[index], change), *entries[index + 1 :]]


def payment(entries: Entries, amount: int, **changes: object) -> list[bytes]:
    moved = first_of(entries, Kind.PAYMENT)["transfers"][0] | {"amount": amount}
    return plus(entries, Kind.PAYMENT, transfers=[moved], **changes)


def spaced(entries: Entries) -> list[bytes]:
    return [*entries[:-1], spoil(entries[-1])]


def with_a_floating_number(entries: Entries) -> list[bytes]:
    return [*entries[:-1], entries[-1].replace(b'"schema":1', b'"schema":1.0')]


def with_an_unknown_kind(entries: Entries) -> list[bytes]:
    return [*entries, changed(payment(entries, 1)[-1], lambda entry: entry.update(kind="gift"))]


def with_padded_text(entries: Entries) -> list[bytes]:
    return payment(entries, 1, payload=first_of(entries, Kind.PAYMENT)["payload"] | {"purpose": "  Work"})


def with_one_more_commitment(entries: Entries) -> list[bytes]:
    moved = first_of(entries, Kind.COMMITMENT)["transfers"][0] | {"amount": 10_000_000}
    return plus(entries, Kind.COMMITMENT, transfers=[moved])


RESEALED: dict[str, tuple[Callable[[Entries], list[bytes]], str]] = {
    "a commitment is overpaid": (lambda log: payment(log, 300_001), "is left of this commitment"),
    "an award is overdrawn": (with_one_more_commitment, "award/glodbrook-one-1 has"),
    "a purse is overdrawn": (
        lambda log: plus(log, Kind.HELP_GIVEN, transfers=[
            {"amount": 9_999_999, "from": "connector/glodbrook", "resource": "GBP", "to": "payee/corner-shop"},
        ]), "connector/glodbrook has",
    ),
    "a payment rests on an allocation": (
        lambda log: payment(log, 1, mandate=first_of(log, Kind.ALLOCATION)["index"]), "has to rest on a commitment",
    ),
    "a payment rests on nothing": (lambda log: payment(log, 1, mandate=None), "rests on nothing"),
    "whoever promised pays": (
        lambda log: payment(log, 1, actor={"person": "p-connector", "role": "community connector"}), "do not hold the role",
    ),
    "somebody without a role pays": (
        lambda log: payment(log, 1, actor={"person": "p-stranger", "role": "finance officer"}), "do not hold the role",
    ),
    "a payment to somebody else": (
        lambda log: payment(log, 1, payload=first_of(log, Kind.PAYMENT)["payload"] | {"payee": "other"}), "was not made to",
    ),
    "a payment of tomorrow": (lambda log: payment(log, 1, effective_on="2030-01-01"), "take effect on"),
    "nothing is moved": (lambda log: payment(log, 0), "more than zero"),
    "a reversal of what was reversed": (lambda log: plus(log, Kind.REVERSAL), "reversed it already"),
    "a key is used again": (
        lambda log: payment(log, 1, idempotency_key=first_of(log, Kind.PAYMENT)["idempotency_key"]),
        "its key first instalment was used before",
    ),
    "it goes back in time": (
        lambda log: payment(log, 1, recorded_at="2026-03-01T10:00:00Z"), "recorded before the entry it follows",
    ),
    "an index is left out": (lambda log: payment(log, 1, index=len(log) + 1), "it says that it is entry"),
    "an entry is left out": (lambda log: [*log[:30], *log[31:]], "entry 30 is wrong: it says that it is entry 31"),
    "a space": (spaced, "canonical form"),
    "a floating number": (with_a_floating_number, "not read as an entry"),
    "text with spaces around it": (with_padded_text, "canonical form"),
    "no JSON": (lambda log: [*log, b"{"], "not read as an entry"),
    "deep nesting": (lambda log: [*log, b"[" * 60_000], "not read as an entry"),
    "an unknown kind": (with_an_unknown_kind, "not read as an entry"),
    "a field too many": (lambda log: payment(log, 1, note="x"), "not read as an entry"),
    "another schema": (lambda log: payment(log, 1, schema=2), "its schema is 2"),
    "a truth for a number": (lambda log: payment(log, 1, mandate=True), "not read as an entry"),
    "a moment elsewhere": (lambda log: payment(log, 1, recorded_at="2026-03-02T11:00:00+01:00"), "canonical form"),
    "half a second": (lambda log: payment(log, 1, recorded_at="2026-03-02T10:00:00.500000Z"), "canonical form"),
    "an amount in the middle": (
        lambda log: at(log, 100, lambda entry: entry["transfers"][0].update(amount=9_000_000)), "entry 100 is wrong",
    ),
}  # fmt: skip


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def processors(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine with so many processors."""
    monkeypatch.setattr("ledger.auditing.ahead.processors", lambda: request.param)


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize("lie", RESEALED)
def test_a_log_that_was_sealed_again_and_signed_with_the_right_key_is_refused_for_what_it_holds(
    audit: Audit, lived: Lived, tmp_path: Path, lie: str
) -> None:
    change, named = RESEALED[lie]
    entries = change(lived.entries)
    lie_told(audit, lay(tmp_path / "resealed", entries), named, "is wrong")


def test_the_earliest_lie_is_named_even_when_it_is_a_key_used_twice(audit: Audit, lived: Lived, tmp_path: Path) -> None:
    again = payment(lived.entries, 1, idempotency_key="first instalment")
    worse = [*again, canonical_bytes(json.decode(again[-1]) | {"index": len(again), "idempotency_key": "x", "mandate": None})]
    lie_told(audit, lay(tmp_path / "resealed", worse), f"entry {len(lived.entries)} is wrong: its key")


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize("first", ["the form", "the mandate"])
def test_of_two_lies_the_earlier_one_is_named(audit: Audit, lived: Lived, tmp_path: Path, first: str) -> None:
    """Whoever reads ahead has seen the second one long before."""
    lies: list[tuple[Callable[[bytes], bytes], str]] = [
        (spoil, "form"),
        (lambda entry: changed(entry, disown), "rests on nothing"),
    ]
    (here, named), (later, _) = lies if first == "the form" else lies[::-1]
    for near in (101, 300):
        log = list(lived.entries)
        log[100], log[near] = here(log[100]), later(log[near])
        lie_told(audit, lay(tmp_path / f"{near}", log), "entry 100 is wrong", named)


def spoil(entry: bytes) -> bytes:
    return entry.replace(b'":', b'": ', 1)


def disown(entry: dict[str, Any]) -> None:
    entry["mandate"] = None


@pytest.mark.usefixtures("processors")
def test_a_tile_that_is_wrong_is_named_after_an_earlier_entry_that_is(audit: Audit, lived: Lived, tmp_path: Path) -> None:
    log = [*lived.entries[:30], changed(lived.entries[30], disown), *lived.entries[31:]]
    folder = lay(tmp_path / "resealed", log)
    (folder / "tile/entries/001.p").rename(folder / "gone")
    lie_told(audit, folder, "entry 30 is wrong")


def test_a_reader_that_was_ended_is_told_in_one_sentence(audit: Audit, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system does when memory runs out."""
    monkeypatch.setattr("ledger.auditing.ahead.processors", lambda: 2)
    monkeypatch.setattr("ledger.auditing.ahead._go_ahead", lambda _log, _pipe: os.kill(os.getpid(), signal.SIGKILL))
    lie_told(audit, folder, "could not be read to its end")


def test_a_site_that_says_another_balance_is_named(audit: Audit, folder: Path, lived: Lived) -> None:
    said = json.decode(lived.said)
    for change, words in (
        (("pot/glodbrook", "GBP", 1), "says that pot/glodbrook holds 1 GBP"),
        (("payee/friend", "GBP", 700), "says that payee/friend holds 700 GBP, and its"),
    ):
        account, resource, amount = change
        told = said | {"balances": said["balances"] | {account: {resource: amount}}}
        (folder / "balances.json").write_bytes(json.encode(told))
        lie_told(audit, folder, words)
    left_out = {account: held for account, held in said["balances"].items() if account != "payee/spade"}
    (folder / "balances.json").write_bytes(json.encode(said | {"balances": left_out}))
    lie_told(audit, folder, "says that payee/spade holds 0 GBP")
    (folder / "balances.json").write_bytes(json.encode(said | {"root": "0" * 64}))
    lie_told(audit, folder, "says that the root")
    (folder / "balances.json").write_bytes(b"[]")
    lie_told(audit, folder, "cannot be read")


def test_balances_of_an_earlier_size_are_compared_as_they_were_then(audit: Audit, lived: Lived, tmp_path: Path) -> None:
    longer = lay(tmp_path / "longer", payment(lived.entries, 1), said=lived.said)
    assert "all are the same" in audit(longer, *KEY).output


def test_balances_past_the_checkpoint_are_said_not_to_be_compared(audit: Audit, folder: Path, lived: Lived) -> None:
    said = json.decode(lived.said) | {"size": len(lived.entries) + 1}
    (folder / "balances.json").write_bytes(json.encode(said))
    answer = audit(folder, *KEY)
    assert (answer.exit_code, "Not compared with the site's balances" in answer.output) == (0, True)


@pytest.mark.parametrize("source", ["nowhere", "mysql://x", "sqlite", ""])
def test_a_source_that_is_none_is_used_wrongly(audit: Audit, source: str) -> None:
    answer = audit(source)
    assert answer.exit_code == 2
    assert "Add --help" in answer.output
