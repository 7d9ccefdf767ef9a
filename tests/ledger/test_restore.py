"""A log that was recorded elsewhere comes back byte for byte through the one door, or nothing of it does."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from ledger.canonical import canonical_bytes
from ledger.database import Database, open_database
from ledger.entries import Balance, Entry, Flow, Head, Transfer
from ledger.errors import LedgerError
from ledger.exports import FORMATS, Log, lines_of, read_through
from ledger.restoring import LineRefused, Restored, restore
from ledger.tree import root_of
from ledger.verify import LedgerWrong, verify
from tests.databases import Databases, SqliteFiles
from tests.ledger.conftest import World, devolve_to_glodbrook
from tests.ledger.long_logs import MOMENT, written
from tests.ledger.steps import committed, done, paying

LATER = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture
def empty(databases: Databases) -> Iterator[Database]:
    """A database with its tables and nothing in them."""
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    yield database
    database.dispose()
    databases.drop(url)


def log_of(database: Database) -> list[bytes]:
    with database.reading() as session:
        return [piece.removesuffix(b"\n") for piece in FORMATS["jsonl"](Log(session))]


def restored(database: Database, lines: list[bytes], *, now: datetime = LATER) -> Restored:
    with database.unit_of_work(lambda: now) as unit:
        done = restore(unit, lines)
        unit.commit()
    return done


def stored(database: Database) -> list[object]:
    """Everything that the log and what is derived from it come to."""
    with database.reading() as session:
        rows = [
            sorted(repr(sorted(row.model_dump().items())) for row in session.exec(select(table)))
            for table in (Entry, Transfer, Balance, Flow, Head)
        ]
    return list(rows)


def changed(line: bytes, **facts: object) -> bytes:
    """The line with other facts, written canonically."""
    return canonical_bytes(json.loads(line) | facts)


def test_a_log_comes_back_into_an_empty_database_with_every_hash_balance_and_flow(decided: World, empty: Database) -> None:
    done(decided, paying(committed(decided), 100_000))
    lines = log_of(decided.database)
    answer = restored(empty, lines)
    assert stored(empty) == stored(decided.database)
    with empty.reading() as session:
        head = session.exec(select(Head)).one()
        assert root_of(list(session.exec(select(Entry.leaf_hash).order_by(col(Entry.index))))) == head.root
    assert answer == Restored(added=len(lines), size=len(lines), root=head.root.hex())


def test_a_restored_log_verifies_as_far_as_it_goes_and_says_what_was_not_checked(decided: World, empty: Database) -> None:
    restored(empty, log_of(decided.database))
    with empty.reading() as session:
        verified = verify(session, log_only=True)
        assert verified.entries == decided.size()
        assert "People, words, rounds and ballots, which stand beside it, were not checked." in verified.sentence
        with pytest.raises(LedgerWrong, match=r"its row is missing .* comes from a backup"):
            verify(session)


def test_restoring_twice_records_nothing_twice_and_a_longer_log_adds_the_rest(decided: World, empty: Database) -> None:
    lines = log_of(decided.database)
    assert restored(empty, lines[:12]).added == 12
    assert restored(empty, lines[:12]).added == 0
    assert restored(empty, lines).added == len(lines) - 12
    assert restored(empty, lines[20:]).size == len(lines)
    assert log_of(empty) == lines


def test_what_is_recorded_after_a_restoring_follows_it(world: World, empty: Database) -> None:
    restored(empty, log_of(world.database))
    after = World(empty)
    after._keys = 5_000
    entry = devolve_to_glodbrook(after)
    assert entry.index == world.size()
    with empty.reading() as session:
        assert verify(session, log_only=True).entries == world.size() + 1


BROKEN: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "another key's bytes": (lambda log: [*log[:5], changed(log[5], idempotency_key=json.loads(log[2])["idempotency_key"])],
                            "Line 6: entry 2 has its idempotency key already."),
    "an entry left out": (lambda log: [*log[:7], *log[8:]], "Line 8: it is entry 8, and the next one here is 7"),
    "two entries swapped": (lambda log: [*log[:4], log[5], log[4]], "Line 5: it is entry 5, and the next"),
    "a space": (lambda log: [*log[:3], log[3].replace(b":", b": ", 1)], "Line 4: its bytes are not in the canonical"),
    "a carriage return": (lambda log: [log[0] + b"\r"], "Line 1: its bytes are not in the canonical form"),
    "nothing": (lambda log: [log[0], b""], "Line 2: its bytes do not read as an entry"),
    "noise": (lambda log: [log[0], b"\xff\x00" * 9], "Line 2: its bytes do not read as an entry"),
    "a deep nest": (lambda log: [log[0], b"[" * 60_000], "Line 2: its bytes do not read as an entry"),
    "too much": (lambda log: [log[0], b"x" * 65_536], "Line 2: it is longer than 65,535 bytes"),
    "a field too many": (lambda log: [changed(log[0], note="hello")], "Line 1: its bytes do not read as an entry"),
    "another schema": (lambda log: [changed(log[0], schema=2)], "Line 1: its schema is 2 and this release reads 1"),
    "true for a number": (lambda log: [log[0], changed(log[1], index=True)], "Line 2: its bytes do not read as an entry"),
    "a number for a name": (lambda log: [changed(log[0], authority=7)], "Line 1: its bytes do not read as an entry"),
    "a name too long": (lambda log: [changed(log[0], authority="m" * 81)], "its bytes do not read as an entry"),
    "a name with a NUL": (lambda log: [changed(log[0], authority="m\0")], "a name in it is none"),
    "a later mandate": (lambda log: [log[0], changed(log[1], mandate=1)], "it rests on entry 1, which is not earlier"),
    "a moment gone back": (lambda log: [log[0], changed(log[1], recorded_at="2026-03-01T10:00:00Z", effective_on="2026-03-01")],
                           "Line 2: it says it was recorded before the entry it follows"),
    "a moment to come": (lambda log: [changed(log[0], recorded_at="2126-03-02T10:00:00Z", effective_on="2126-03-02")],
                         "it says it was recorded on 2126-03-02, and today is 2026-03-03"),
    "a rule broken": (lambda log: [*log[:6], changed(log[6], actor={"person": "p-pat", "role": "registrar"})],
                      "Line 7: it breaks a rule (You do not hold the role of registrar"),
    "more than there is": (
        lambda log: [*log, changed(log[-1], index=len(log), idempotency_key="more", transfers=[
            {"amount": 9_000_000, "from": "pot/glodbrook", "resource": "GBP", "to": "returned/marlmoor"}])],
        "it breaks a rule",
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_line_is_named_and_nothing_at_all_is_recorded(world: World, empty: Database, broken: str) -> None:
    devolve_to_glodbrook(world)
    breaking, says = BROKEN[broken]
    with empty.unit_of_work(lambda: LATER) as unit:
        with pytest.raises(LineRefused) as refusal:
            restore(unit, breaking(log_of(world.database)))
        unit.commit()
    assert says in refusal.value.sentence.replace(" cannot be restored: ", ": ")
    assert "Nothing was recorded; " in refusal.value.sentence
    assert log_of(empty) == []


def test_true_for_one_penny_is_refused_though_every_sum_would_agree(world: World, empty: Database) -> None:
    devolve_to_glodbrook(world, money=1)
    lines = log_of(world.database)
    lines[-1] = lines[-1].replace(b'"amount":1,', b'"amount":true,')
    with empty.unit_of_work(lambda: LATER) as unit, pytest.raises(LineRefused, match="its bytes do not read as an entry"):
        restore(unit, lines)


def test_another_history_is_not_written_over_the_one_that_is_here(world: World, empty: Database) -> None:
    lines = log_of(world.database)
    restored(empty, lines)
    before = stored(empty)
    other = [*lines[:4], changed(lines[4], idempotency_key="other")]
    with empty.unit_of_work(lambda: LATER) as unit, pytest.raises(LineRefused, match=r"Line 5 .* its bytes are others"):
        restore(unit, other)
    assert stored(empty) == before


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0), byte=st.integers(0, 255), line=st.integers(0, 11))
def test_one_byte_changed_is_refused_or_gives_another_root(
    long_enough: tuple[Database, list[bytes], str], place: int, byte: int, line: int
) -> None:
    """The file does not say its own root: a change that still makes sense is seen by whoever compares roots."""
    database, lines, root = long_enough
    at = place % len(lines[line])
    broken = [*lines[:line], lines[line][:at] + bytes([byte]) + lines[line][at + 1 :], *lines[line + 1 :]]
    with database.unit_of_work(lambda: LATER) as unit:  # never committed
        try:
            answer = restore(unit, broken)
        except LineRefused:
            assert broken != lines
        else:
            assert (answer.root == root) == (broken == lines)


@pytest.fixture(scope="module")
def long_enough(sqlite_files: SqliteFiles) -> Iterator[tuple[Database, list[bytes], str]]:
    """An empty database, a log of twelve entries, and its root."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    lines = list(written(12))
    with database.unit_of_work(lambda: MOMENT) as unit:
        root = restore(unit, lines).root
    yield database, lines, root
    database.dispose()


@contextmanager
def told_while_exporting(world: World, form: str) -> Iterator[tuple[Session, list[bytes]]]:
    """An export that is under way when something is recorded, and all of its pieces."""
    with world.database.reading() as session:
        under_way = FORMATS[form](Log(session))
        pieces = [next(under_way)]
        devolve_to_glodbrook(world)
        yield session, [*pieces, *under_way]


def test_an_export_is_of_one_moment_whatever_is_recorded_meanwhile(world: World) -> None:
    size = world.size()
    with told_while_exporting(world, "jsonl") as (_, pieces):
        assert len(pieces) == size
    with told_while_exporting(world, "hledger") as (_, pieces):
        assert b"".join(pieces).count(b" * (") == size + 1
    assert world.size() == size + 2


def test_the_file_is_the_log_and_each_line_has_its_leaf_hash(world: World, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_bytes(b"".join(line + b"\n" for line in log_of(world.database)))
    heard: list[tuple[int, int]] = []
    assert list(lines_of(file, lambda done, of: heard.append((done, of)))) == log_of(world.database)
    assert heard[-1] == (file.stat().st_size, file.stat().st_size)
    assert read_through(file) == world.size()


def refusal_of(file: Path) -> str:
    with pytest.raises(LedgerError) as refusal:
        read_through(file)
    return refusal.value.sentence


def test_a_file_is_refused_for_its_form_before_the_door_is_asked(world: World, tmp_path: Path) -> None:
    lines = log_of(world.database)
    file = tmp_path / "ledger.jsonl"
    file.write_bytes(b"\n".join(lines[:4])[:-1])
    assert refusal_of(file).startswith("Line 4 cannot be restored: it is cut short, and the file ends in it.")
    file.write_bytes(b"\n".join([*lines[:4], b"x" * 200_000]))
    assert refusal_of(file).startswith("Line 5 cannot be restored: it is longer than 65,535 bytes.")
    file.write_bytes(b"\n".join([*lines[:3], *lines[4:], b""]))
    assert refusal_of(file).startswith("Line 4 cannot be restored: it is entry 4, and the line before it is entry 2.")
    assert refusal_of(tmp_path / "nowhere").startswith("There is no file nowhere that can be read.")
    assert refusal_of(tmp_path).startswith(f"There is no file {tmp_path.name} that can be read.")


def test_a_broken_line_seventy_thousand_of_a_hundred_thousand_is_named(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with file.open("wb") as out:
        for number, line in enumerate(written(100_000), start=1):
            out.write(line[: -1 if number == 70_000 else None] + b"\n")
    assert refusal_of(file).startswith("Line 70,000 cannot be restored: its bytes do not read as an entry")


def test_a_broken_rule_in_line_seventy_thousand_of_a_hundred_thousand_refuses_them_all(empty: Database) -> None:
    lines = list(written(100_000))
    lines[69_999] = changed(lines[69_999], actor={"person": "p-finance", "role": "community connector"})
    with empty.unit_of_work(lambda: LATER) as unit:
        with pytest.raises(LineRefused, match=r"^Line 70,000 cannot be restored: it breaks a rule"):
            restore(unit, lines)
        unit.commit()
    assert log_of(empty) == []


def test_a_broken_rule_late_in_a_long_file_refuses_every_line(empty: Database) -> None:
    lines = list(written(700))
    lines[650] = changed(lines[650], actor={"person": "p-finance", "role": "community connector"})
    with empty.unit_of_work(lambda: LATER + timedelta(days=1)) as unit:
        with pytest.raises(LineRefused, match=r"^Line 651 cannot be restored: it breaks a rule"):
            restore(unit, lines)
        unit.commit()
    assert log_of(empty) == []
