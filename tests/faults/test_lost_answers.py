"""The answer to a COMMIT that is lost: carried out or not, asking again under the same key gives the one entry.

Whoever reads “it is not known whether this was recorded” need not find out: the same request is made again.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from ledger.database import open_database
from ledger.door import post_many, reverse
from ledger.faults import AnswerLost, DatabaseFault, FlushFailed, in_words
from ledger.people import Role
from ledger.records import Actor
from tests.faults.conftest import Street
from tests.faults.crews import PATIENCE, Order, by_threads, record
from tests.faults.drafts import pennies
from tests.faults.falling import AFTER, BEFORE, FLUSH
from tests.faults.shell import commonpurse
from tests.faults.wire import COMMIT, Wire, wire_to
from tests.house.tree import ROOT
from tests.ledger.conftest import FINANCE, World
from tests.ledger.steps import committed, refused

INSERT = b"ledger_append"
MANY = 2_500
ELECTION = ROOT / "tests/data/pabulib/Netherlands_Assen_2024.pb"
SHIM = Path(__file__).with_name("flush.c")

on_postgresql = pytest.mark.parametrize("databases", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
on_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
both_ways = pytest.mark.parametrize("carried_out", [True, False], ids=["it was carried out", "it never arrived"])


@pytest.fixture
def wire(street: Street) -> Iterator[Wire]:
    """A wire to the street's server."""
    with wire_to(street.url) as wire:
        yield wire


@pytest.fixture
def far(wire: Wire, street: Street) -> Iterator[World]:
    """Whoever works at the far end of the wire."""
    world = World(open_database(wire.url), street.world.today)
    world._keys = 2_000
    yield world
    world.database.dispose()


@on_postgresql
@both_ways
def test_help_whose_answer_was_lost_is_recorded_once_however_often_it_is_sent_again(
    street: Street, wire: Wire, far: World, *, carried_out: bool
) -> None:
    order = Order("help", street.purse_of(100), 1, "lost-1")
    wire.cut(COMMIT, carried_out=carried_out)
    with pytest.raises(DBAPIError) as fault, far.unit() as unit:
        record(unit, order)
        unit.commit()
    assert isinstance(in_words(fault.value), AnswerLost)
    assert wire.cuts == 1
    kept = street.recorded("lost-")
    assert list(kept) == ["lost-1"] * carried_out

    again = by_threads(far, [[order]] * 4)
    assert {answer.index for answer in again} == {street.recorded("lost-")["lost-1"]}
    assert street.recorded("lost-").items() >= kept.items()
    assert far.balance("connector/glodbrook") == 99


@on_postgresql
@pytest.mark.parametrize(
    ("word", "carried_out"),
    [(COMMIT, True), (COMMIT, False), (INSERT, False)],
    ids=["the commit was carried out", "the commit never arrived", "the rows never arrived"],
)
def test_a_batch_whose_connection_breaks_is_recorded_whole_or_not_at_all(
    street: Street, wire: Wire, far: World, word: bytes, *, carried_out: bool
) -> None:
    order = committed(street.world)
    before = street.world.size()
    drafts = list(pennies(order, (f"lost-{number}" for number in range(MANY))))
    wire.cut(word, carried_out=carried_out)
    with pytest.raises(DBAPIError) as fault, far.unit() as unit:
        post_many(unit, drafts)
        unit.commit()
    assert isinstance(in_words(fault.value), DatabaseFault)
    assert wire.cuts == 1
    assert len(street.recorded("lost-")) == MANY * carried_out

    with far.unit() as unit:
        entries = post_many(unit, drafts)
        unit.commit()
    assert [entry.index for entry in entries] == list(range(before, before + MANY))
    assert street.recorded("lost-") == {entry.idempotency_key: entry.index for entry in entries}
    assert far.balance("payee/spade") == MANY


@on_postgresql
@both_ways
def test_a_decision_whose_answer_was_lost_is_felt_by_whoever_made_it(
    street: Street, wire: Wire, far: World, *, carried_out: bool
) -> None:
    """An order is reversed; the process that never heard so has just paid on it, and remembers that as lawful."""
    order = committed(street.world)

    def pay(key: str) -> Order:
        return Order("payment", order.index, 100, key)

    assert [answer.refusal for answer in by_threads(far, [[pay("lost-paid")]])] == [""]
    back = street.recorded("lost-")["lost-paid"]
    officer = Actor(FINANCE, Role.FINANCE_OFFICER)
    with far.unit() as unit:  # what was paid comes back, so that nothing rests on the order
        reverse(unit, index=back, actor=officer, reasons="Paid twice.", idempotency_key=far.key())
        unit.commit()
    assert [answer.refusal for answer in by_threads(far, [[pay("lost-again")]])] == [""]
    wire.cut(COMMIT, carried_out=carried_out)
    with pytest.raises(DBAPIError) as fault, far.unit() as unit:
        reverse(unit, index=street.recorded("lost-")["lost-again"], actor=officer, reasons="Twice.", idempotency_key=far.key())
        reverse(unit, index=order.index, actor=officer, reasons="Ordered twice.", idempotency_key=far.key())
        unit.commit()
    assert isinstance(in_words(fault.value), AnswerLost)
    if carried_out:
        refused(far, lambda unit: record(unit, pay("lost-last")), "was reversed in entry")
    else:
        assert [answer.refusal for answer in by_threads(far, [[pay("lost-last")]])] == [""]
    street.recorded("lost-")


@on_postgresql
@both_ways
def test_a_command_whose_answer_was_lost_says_so_in_one_sentence_and_finds_what_it_recorded(
    street: Street, wire: Wire, *, carried_out: bool
) -> None:
    words = ("round", "import", str(ELECTION), "--partnership", "assen")
    before = street.world.size()
    wire.cut(COMMIT, carried_out=carried_out)
    first = commonpurse(wire.url, *words)
    assert first.returncode == 2
    assert first.stderr.splitlines()[-1] == AnswerLost().sentence
    assert "Traceback" not in first.stderr
    kept = street.world.size()
    assert (kept > before) == carried_out
    second = commonpurse(wire.url, *words)
    assert second.returncode == 0, second.stderr
    assert ("imported from this very file before" in second.stdout) == carried_out
    assert (street.world.size() == kept) == carried_out
    street.recorded("lost-")


def fallen(street: Street, purse: int, folder: Path, where: str, flush: str = "") -> str:
    """A process records “lost-1” and falls there; what it said before."""
    street.world.database.dispose()  # nobody else has the database open, as after the machine itself fell
    environment = {"LD_PRELOAD": str(built(folder)), "FLUSH": flush, "FLUSH_ARMED": str(folder / "armed")} if flush else {}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.falling", street.url, str(purse), "lost-1", where, str(folder / "armed")],
        cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (-signal.SIGKILL, "")
    return done.stdout.strip()


def built(folder: Path) -> Path:
    """The disk that fails, compiled."""
    shim = folder / "flush.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"], check=True)
    return shim


def found_once(street: Street, purse: int, kept: dict[str, int]) -> None:
    """The same request again, from everywhere at once, gives the one entry: the one that was there, if it was."""
    again = by_threads(street.world, [[Order("help", purse, 1, "lost-1")]] * 4)
    found = street.recorded("lost-")
    assert {answer.index for answer in again} == {found["lost-1"]}
    assert found.items() >= kept.items()
    assert list(found) == ["lost-1-before", "lost-1"]
    assert street.world.balance("connector/glodbrook") == 98


@pytest.mark.parametrize("where", [BEFORE, AFTER])
def test_help_of_a_process_that_fell_around_its_commit_is_recorded_once(street: Street, where: str, tmp_path: Path) -> None:
    purse = street.purse_of(100)
    assert fallen(street, purse, tmp_path, where) == ""
    kept = street.recorded("lost-")
    assert ("lost-1" in kept) == (where == AFTER)
    found_once(street, purse, kept)


@on_sqlite
@pytest.mark.parametrize("flush", ["dies before", "dies after", "fails"])
def test_help_whose_flush_is_the_last_of_its_process_is_recorded_once(street: Street, flush: str, tmp_path: Path) -> None:
    """Whether it is there when the database is opened again is SQLite's to say; that nobody was promised either is ours."""
    purse = street.purse_of(100)
    said = fallen(street, purse, tmp_path, FLUSH, flush)
    assert said == ("" if flush.startswith("dies") else FlushFailed().sentence)
    found_once(street, purse, street.recorded("lost-"))
