"""The one door: all or nothing, once, in order, with a tree that anyone can compute again."""

import threading
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, col, select

from ledger.database import Database
from ledger.door import KeyUsedTwice, post, reverse
from ledger.entries import DatabaseBook, Entry, Head, decode
from ledger.kinds.controlling import CannotReverse, PeriodClose
from ledger.kinds.devolving import Devolution
from ledger.mandates import PotExhausted
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import claw_back, founding
from ledger.records import Actor, Draft, Movement
from ledger.tree import root_of
from ledger.verify import verify
from tests.ledger.conftest import FINANCE, LEADER, MONDAY, World, devolve_to_glodbrook


def leaves(database: Database) -> list[bytes]:
    with database.reading() as session:
        return list(session.exec(select(Entry.leaf_hash).order_by(col(Entry.index))))


def test_entries_have_no_gap_and_the_head_holds_the_root_of_their_leaves(world: World) -> None:
    devolve_to_glodbrook(world)
    with world.database.reading() as session:
        indexes = list(session.exec(select(Entry.index).order_by(col(Entry.index))))
        head = session.exec(select(Head)).one()
    assert indexes == list(range(len(indexes)))
    assert (head.size, head.root) == (len(indexes), root_of(leaves(world.database)))


def test_a_devolution_moves_money_and_time_into_the_pot(world: World) -> None:
    devolve_to_glodbrook(world, money=5_000_000, minutes=60_000)
    assert world.balance("pot/glodbrook") == 5_000_000
    assert world.balance("pot/glodbrook", TIME) == 60_000
    assert world.balance("source/marlmoor") == -5_000_000
    assert world.balance("staff/marlmoor", TIME) == -60_000


def test_without_commit_nothing_of_a_unit_is_kept(world: World) -> None:
    before = world.size()
    with world.unit() as unit:
        post(unit, clawing(unit.session, world))
    assert world.size() == before


def clawing(session: Session, world: World) -> Draft:
    return Draft(
        authority="marlmoor",
        mandate=founding(session, "marlmoor").index,
        payload=PeriodClose(through=MONDAY.replace(day=1)),
        actor=Actor(FINANCE, Role.FINANCE_OFFICER),
        effective_on=MONDAY,
        idempotency_key=world.key(),
    )


def test_asking_again_with_the_same_key_gives_the_same_entry(world: World) -> None:
    first = devolve_to_glodbrook(world)
    size = world.size()
    world._keys -= 1
    assert devolve_to_glodbrook(world) == first
    assert world.size() == size


def test_the_same_key_with_other_values_is_refused_and_the_first_is_kept(world: World) -> None:
    devolve_to_glodbrook(world)
    size = world.size()
    world._keys -= 1
    with pytest.raises(KeyUsedTwice, match="those were kept"):
        devolve_to_glodbrook(world, money=1)
    assert world.size() == size


def test_words_sent_again_under_one_key_are_kept_once(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    for _ in range(2):
        with world.unit() as unit:
            claw_back(
                unit, devolution=devolution.index, resource="GBP", amount=100, reasons="Savings.", leader=LEADER,
                idempotency_key="claw",
            )  # fmt: skip
            unit.commit()
    assert world.balance("returned/marlmoor") == 100


def test_a_refusal_takes_back_everything_its_unit_did(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    size = world.size()
    with world.unit() as unit:
        claw_back(
            unit, devolution=devolution.index, resource="GBP", amount=1_000_000, reasons="First.", leader=LEADER,
            idempotency_key="first",
        )  # fmt: skip
        with pytest.raises(PotExhausted, match="nothing was recorded"):
            claw_back(
                unit, devolution=devolution.index, resource="GBP", amount=9_000_000, reasons="Too much.", leader=LEADER,
                idempotency_key="second",
            )  # fmt: skip
        unit.commit()
    assert world.size() == size
    assert world.balance("pot/glodbrook") == 5_000_000


def test_a_reversal_restores_every_balance(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    with world.unit() as unit:
        taken = claw_back(
            unit, devolution=devolution.index, resource="GBP", amount=700, reasons="Savings.", leader=LEADER,
            idempotency_key="claw",
        )  # fmt: skip
        unit.commit()
    for key in ("undo", "undo"):
        with world.unit() as unit:
            actor = Actor(LEADER, Role.AUTHORITY_LEADER)
            reverse(unit, index=taken.index, actor=actor, reasons="Taken by mistake.", idempotency_key=key)
            unit.commit()
    assert world.balance("pot/glodbrook") == 5_000_000
    assert world.balance("returned/marlmoor") == 0
    with world.unit() as unit, pytest.raises(CannotReverse, match="has reversed it already"):
        reverse(unit, index=taken.index, actor=Actor(LEADER, Role.AUTHORITY_LEADER), reasons="Again.", idempotency_key="again")


def test_a_clock_set_back_three_days_does_not_set_the_log_back(world: World) -> None:
    devolve_to_glodbrook(world)
    world.today = MONDAY.replace(month=2, day=27)
    with world.unit() as unit:
        draft = clawing(unit.session, world)
        entry = post(unit, draft)
        unit.commit()
    assert entry.recorded_at.date() == MONDAY
    with world.database.reading() as session:
        assert verify(session).entries == world.size()


def test_two_writers_racing_for_the_last_pound_leave_one_winner(world: World) -> None:
    devolution = devolve_to_glodbrook(world, money=100)
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def take(name: str) -> None:
        ready.wait()
        try:
            with world.unit() as unit:
                claw_back(
                    unit, devolution=devolution.index, resource="GBP", amount=100, reasons=name, leader=LEADER,
                    idempotency_key=name,
                )  # fmt: skip
                unit.commit()
            outcomes.append("taken")
        except PotExhausted:
            outcomes.append("refused")

    writers = [threading.Thread(target=take, args=(name,)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == ["refused", "taken"]
    assert world.balance("pot/glodbrook") == 0


def test_one_key_sent_twice_at_once_leaves_one_entry(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    size, indexes, ready = world.size(), [], threading.Barrier(4)

    def send() -> None:
        ready.wait()
        with world.unit() as unit:
            entry = claw_back(
                unit, devolution=devolution.index, resource="GBP", amount=100, reasons="Same.", leader=LEADER,
                idempotency_key="double-click",
            )  # fmt: skip
            unit.commit()
        indexes.append(entry.index)

    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert indexes == [size] * 4
    assert world.balance("pot/glodbrook") == 5_000_000 - 100


def test_an_entry_reads_back_from_its_bytes_as_it_was_recorded(world: World) -> None:
    entry = devolve_to_glodbrook(world)
    with world.database.reading() as session:
        written = session.exec(select(Entry.written).where(col(Entry.index) == entry.index)).one()
        assert DatabaseBook(session).entry(entry.index) == entry
    assert decode(bytes(written)) == entry
    assert isinstance(entry.payload, Devolution)
    assert entry.movements[0] == Movement("source/marlmoor", "pot/glodbrook", "GBP", 5_000_000)


def test_a_unit_that_lasts_past_midnight_is_of_one_day(world: World) -> None:
    moments = iter([datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC), datetime(2026, 3, 3, 0, 0, 1, tzinfo=UTC)])
    with world.database.unit_of_work(lambda: next(moments)) as unit:
        assert (unit.today(), unit.now().date(), unit.today()) == (MONDAY, MONDAY, MONDAY)
