"""Those who record at the same moment share a transaction: each has an answer of their own, and it holds."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from ledger.awards import fill_purse, give_help
from ledger.combining import Waiting
from ledger.database import Database, open_database
from ledger.door import KeyUsedTwice, post, post_many
from ledger.entries import Balance, Head, Promise
from ledger.errors import LedgerError
from ledger.kinds.authority import Change
from ledger.kinds.awarding import Payment
from ledger.kinds.controlling import Reversal, mirrored
from ledger.memory import Memory
from ledger.people import Person, Role
from ledger.powers import appoint, terms_at
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.unit_of_work import Clock, UnitOfWork
from ledger.verify import verify
from tests.ledger.conftest import CONNECTOR, FINANCE, MONDAY, PAYER, REGISTRAR, World
from tests.ledger.steps import committed, paying, reversing

Done = TypeVar("Done")
Work = Callable[[UnitOfWork], Recorded]
PATIENCE = 60  # seconds


def payment(order: Recorded, amount: int, key: str) -> Draft:
    """A draft that is posted as it is, without a question to the session."""
    return Draft(
        authority="marlmoor", place="glodbrook", mandate=order.index, actor=Actor(PAYER, Role.FINANCE_OFFICER),
        payload=Payment(project="glodbrook-one-1", payee="spade", purpose="Work"), effective_on=MONDAY, idempotency_key=key,
        movements=(Movement("committed/glodbrook-one-1", "payee/spade", "GBP", amount),),
    )  # fmt: skip


def posting(order: Recorded, amount: int, key: str) -> Work:
    return lambda unit: post(unit, payment(order, amount, key))


def together(
    world: World, works: list[Callable[[UnitOfWork], Done]], clocks: list[Clock] | None = None
) -> list[Done | Exception]:
    """What became of each work, when all wait in this order before the first transaction ends: its work waits for them."""
    first_is_in, go = Event(), Event()

    def hold(_unit: UnitOfWork) -> None:
        first_is_in.set()
        assert go.wait(PATIENCE)

    def record(work: Callable[[UnitOfWork], Done], clock: Clock) -> Done | Exception:
        try:
            return world.database.record(work, clock)
        except Exception as fault:  # noqa: BLE001 - the test looks at each
            return fault

    with ThreadPoolExecutor(len(works) + 1) as threads:
        holding = threads.submit(world.database.record, hold, world.clock)
        assert first_is_in.wait(PATIENCE)
        waiting = []
        for work, clock in zip(works, clocks or [world.clock] * len(works), strict=True):
            waiting.append(threads.submit(record, work, clock))
            while len(world.database._combining._waiting) < len(waiting):
                assert not holding.done()
        go.set()
        holding.result(PATIENCE)
        return [future.result(PATIENCE) for future in waiting]


def whole(world: World) -> int:
    """The ledger is right, and so is what this process remembers of it. How many entries there are."""
    with world.database.reading() as session:
        memory, head = world.database._kept["ledger.memory"], session.exec(select(Head)).one()
        assert isinstance(memory, Memory)
        if memory.root == head.root:
            stored = {(row.account, row.resource): row.amount for row in session.exec(select(Balance))}
            assert memory.balances == {key: stored.get(key, 0) for key in memory.balances}
            left = {(row.entry, row.resource): row.left for row in session.exec(select(Promise))}
            assert memory.left == {key: left.get(key, 0) for key in memory.left}
        return verify(session).entries


@contextmanager
def counting_who_is_done_alone() -> Iterator[list[object]]:
    """Grows by one for each work that had to be done again in a unit of its own."""
    alone: list[object] = []
    done = Database._alone

    def counted(database: Database, waiting: Waiting[UnitOfWork]) -> None:
        alone.append(waiting)
        done(database, waiting)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_alone", counted)
        yield alone


def test_all_who_wait_are_answered_by_one_commit(decided: World) -> None:
    order = committed(decided)
    before = decided.size()
    commits = 0
    done = UnitOfWork.commit

    def counted(unit: UnitOfWork) -> None:
        nonlocal commits
        commits += 1
        done(unit)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitOfWork, "commit", counted)
        answers = together(decided, [posting(order, 100 + number, f"pay-{number}") for number in range(20)])
    assert commits == 2  # of the first, for whom they waited, and of all others
    entries = [answer for answer in answers if isinstance(answer, Recorded)]
    assert sorted(entry.index for entry in entries) == list(range(before, before + 20))
    assert [entry.movements[0].amount for entry in entries] == [100 + number for number in range(20)]
    assert whole(decided) == before + 20


def test_who_is_refused_does_not_take_the_others_along(decided: World) -> None:
    order = committed(decided, amount=1_000)
    works = [
        posting(order, 400, "first"), posting(order, 700, "too much"), posting(order, 500, "second"),
        posting(order, 101, "one too many"), posting(order, 100, "last"),
    ]  # fmt: skip
    first, too_much, second, one_too_many, last = together(decided, works)
    assert [entry.index for entry in (first, second, last) if isinstance(entry, Recorded)] == [
        order.index + 1, order.index + 2, order.index + 3,
    ]  # fmt: skip
    for refusal in (too_much, one_too_many):
        assert isinstance(refusal, LedgerError)
        assert "is left of this commitment" in refusal.sentence
    assert whole(decided) == order.index + 4


def test_the_same_key_at_once_is_one_entry_and_one_answer(decided: World) -> None:
    order = committed(decided)
    others = [posting(order, 1, f"other-{number}") for number in range(3)]
    twice, *between, again, different = together(
        decided, [posting(order, 100, "same"), *others, posting(order, 100, "same"), posting(order, 999, "same")]
    )
    assert isinstance(twice, Recorded)
    assert twice == again
    assert isinstance(different, KeyUsedTwice)
    assert all(isinstance(entry, Recorded) for entry in between)
    assert whole(decided) == order.index + 5


def test_a_key_that_was_used_long_ago_gives_its_entry_also_in_a_crowd(decided: World) -> None:
    order = committed(decided)
    long_ago = decided.database.record(posting(order, 100, "long ago"), decided.clock)
    answers = together(decided, [posting(order, 1, "new"), posting(order, 100, "long ago"), posting(order, 2, "newer")])
    assert answers[1] == long_ago
    assert {answer.index for answer in answers if isinstance(answer, Recorded)} == {
        long_ago.index, long_ago.index + 1, long_ago.index + 2,
    }  # fmt: skip
    assert whole(decided) == long_ago.index + 3


def test_words_and_rows_of_a_part_that_fails_are_taken_back_and_the_others_stay(decided: World) -> None:
    """Parts that use the session, such as help with its story, beside parts that do not."""
    with decided.database.reading() as session:
        terms = terms_at(session, "glodbrook", on=decided.today)
    assert terms is not None
    purse = decided.database.record(
        lambda unit: fill_purse(
            unit, terms=terms.entry.index, resource="GBP", amount=1_000, purpose="Small help",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key="purse",
        ),
        decided.clock,
    )  # fmt: skip
    order = committed(decided)

    def helping(amount: int, key: str) -> Work:
        return lambda unit: give_help(
            unit, purse=purse.index, payee="corner-shop", resource="GBP", amount=amount, story=f"A story: {key}.",
            connector=CONNECTOR, idempotency_key=key,
        )  # fmt: skip

    def changes_its_mind(unit: UnitOfWork) -> Recorded:
        unit.session.add(Person(ref="p-nobody", name="Nobody", story="", invented=True))
        unit.session.flush()
        post(unit, payment(order, 50, "never"))
        raise RuntimeError("no")

    works = [
        helping(400, "milk"), posting(order, 10, "paid"), helping(700, "too much"), changes_its_mind, helping(500, "bread"),
        posting(order, 20, "paid too"),
    ]  # fmt: skip
    with counting_who_is_done_alone() as alone:
        answers = together(decided, works)
    assert len(alone) == 2  # the two that failed; nobody else was disturbed
    assert [type(answer).__name__ for answer in answers] == [
        "Recorded", "Recorded", "PotExhausted", "RuntimeError", "Recorded", "Recorded",
    ]  # fmt: skip
    assert decided.balance("connector/glodbrook") == 100
    with decided.database.reading() as session:
        told = set(session.connection().execute(text("SELECT text FROM narrative WHERE text LIKE 'A story%'")).scalars())
        assert session.get(Person, "p-nobody") is None
    assert told == {"A story: milk.", "A story: bread."}
    assert whole(decided) == order.index + 5


def test_a_decision_is_felt_by_those_behind_it_in_the_same_transaction(decided: World) -> None:
    order = committed(decided)
    decided.database.record(posting(order, 1, "lawful"), decided.clock)

    def the_payer_leaves(unit: UnitOfWork) -> Recorded:
        return appoint(
            unit, authority="marlmoor", person=PAYER, role=Role.FINANCE_OFFICER, registrar=REGISTRAR, change=Change.ENDED,
            idempotency_key="leaves",
        )  # fmt: skip

    before, leaving, after = together(decided, [posting(order, 2, "before"), the_payer_leaves, posting(order, 3, "after")])
    assert isinstance(before, Recorded)
    assert isinstance(leaving, Recorded)
    assert isinstance(after, LedgerError)
    assert "do not hold the role" in after.sentence
    assert whole(decided) == leaving.index + 1


def test_an_order_that_is_reversed_is_gone_for_those_behind(decided: World) -> None:
    order, other = committed(decided, amount=500), committed(decided, amount=500)
    undone, refused, fine = together(
        decided, [reversing(order.index, key="undo"), posting(order, 1, "too late"), posting(other, 1, "fine")]
    )
    assert isinstance(undone, Recorded)
    assert isinstance(refused, LedgerError)
    assert "was reversed in entry" in refused.sentence
    assert isinstance(fine, Recorded)
    assert whole(decided) == undone.index + 2


def test_each_has_their_own_moment_and_the_logs_time_does_not_go_back(decided: World) -> None:
    order = committed(decided)
    now = decided.clock()
    clocks: list[Clock] = [lambda: now + timedelta(hours=2), lambda: now, lambda: now + timedelta(hours=3)]
    answers = together(decided, [posting(order, 1, f"at-{number}") for number in range(3)], clocks)
    hours = [(entry.recorded_at - now) // timedelta(hours=1) for entry in answers if isinstance(entry, Recorded)]
    assert hours == [2, 2, 3]
    assert whole(decided) == order.index + 4


def test_what_a_failed_part_did_is_gone_whether_rows_or_entries(decided: World) -> None:
    order, other = committed(decided, amount=1_000), committed(decided, amount=500)

    def only_a_row(unit: UnitOfWork) -> Recorded:
        unit.session.add(Person(ref="p-nobody", name="Nobody", story="", invented=True))
        raise RuntimeError("no")

    def only_entries(unit: UnitOfWork) -> Recorded:
        post(unit, payment(order, 900, "never"))
        raise RuntimeError("no")

    def a_reversal_among_them(unit: UnitOfWork) -> Recorded:
        post(unit, payment(order, 800, "never either"))
        actor = Actor(FINANCE, Role.FINANCE_OFFICER)
        undo = Draft(
            authority=other.authority, place=other.place, mandate=other.index, payload=Reversal(reasons="a" * 64), actor=actor,
            effective_on=unit.today(), movements=mirrored(other.movements), idempotency_key="never undone",
        )  # fmt: skip
        post(unit, undo)
        raise RuntimeError("no")

    works = [
        posting(order, 10, "a"),
        only_a_row,
        posting(order, 20, "b"),
        only_entries,
        a_reversal_among_them,
        posting(order, 970, "c"),
    ]
    with counting_who_is_done_alone() as alone:
        answers = together(decided, works)
    assert [type(answer).__name__ for answer in answers] == [
        "Recorded", "RuntimeError", "Recorded", "OverCommitment", "OverCommitment", "Recorded",
    ]  # fmt: skip  # alone, after the others, they are told what is true by then
    assert len(alone) == 3
    with decided.database.reading() as session:
        assert session.get(Person, "p-nobody") is None
    assert whole(decided) == other.index + 4
    decided.database.record(posting(other, 1, "still stands"), decided.clock)


def test_many_entries_at_once_beside_single_ones(decided: World) -> None:
    order = committed(decided)
    drafts = [payment(order, 1, f"many-{number}") for number in range(1_200)]
    many, single = together(
        decided, [lambda unit: post_many(unit, drafts), lambda unit: [post(unit, payment(order, 2, "one"))]]
    )
    assert isinstance(many, list)
    assert isinstance(single, list)
    assert len(many) == 1_200
    assert decided.balance("payee/spade") == 1_202
    assert whole(decided) == order.index + 1_202


def test_two_processes_that_record_in_turn_know_of_each_other(decided: World) -> None:
    """What one remembers is no longer so once the other has recorded: each asks the head, or takes its lock."""
    order = committed(decided, amount=1_000)
    other = World(open_database(decided.database.url.render_as_string(hide_password=False)))
    paid = 0
    for number in range(12):
        here = decided if number % 3 else other  # twice here, once there: the one that hopes is disappointed
        entry = here.database.record(posting(order, 75, f"turn-{number}"), here.clock)
        assert entry.index == order.index + 1 + number
        assert whole(here) == entry.index + 1
        paid += 75
    for world in (decided, other):
        with pytest.raises(LedgerError, match="is left of this commitment"):
            world.database.record(posting(order, 101, f"over-{id(world)}"), world.clock)
    assert decided.balance("payee/spade") == paid
    assert whole(decided) == order.index + 13
    other.database.dispose()


def test_a_connection_that_was_cut_is_made_anew_and_nobody_notices(decided: World) -> None:
    order = committed(decided)
    for number in range(3):
        decided.database.record(posting(order, 1, f"before-{number}"), decided.clock)
    if decided.database.url.get_backend_name() == "postgresql":
        with Session(decided.database.writer) as session:
            cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            assert session.connection().execute(text(f"{cut}pg_backend_pid()")).scalar_one() >= 1
    else:
        decided.database._let_go()
    entry = decided.database.record(posting(order, 1, "after"), decided.clock)
    again = decided.database.record(paying(order, 1, key="after"), decided.clock)
    assert again == entry
    assert whole(decided) == entry.index + 1


def test_a_work_does_not_commit_and_does_not_record_in_another_unit(decided: World) -> None:
    with pytest.raises(AssertionError, match="not in another"):
        decided.database.record(lambda unit: decided.database.record(lambda inner: (unit, inner), decided.clock), decided.clock)
    assert decided.database.record(lambda unit: unit.today(), decided.clock) == decided.today


def test_a_reversal_in_the_middle_of_a_part_is_seen_by_the_rest_of_it(decided: World) -> None:
    """One work that posts, decides and posts again, alone and in a crowd."""
    order, other = committed(decided, amount=500), committed(decided, amount=500)

    def work(unit: UnitOfWork) -> Recorded:
        post(unit, payment(other, 5, "its own first"))
        reversing(order.index, key="undo")(unit)
        return post(unit, payment(other, 6, "its own last"))

    last, single = together(decided, [work, posting(other, 7, "single")])
    assert isinstance(last, Recorded)
    assert isinstance(single, Recorded)
    with decided.database.reading() as session:
        assert verify(session).entries == order.index + 2 + 4
    with pytest.raises(LedgerError, match="was reversed"):
        decided.database.record(posting(order, 1, "late"), decided.clock)
    assert Kind.REVERSAL.decides
