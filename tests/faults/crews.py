"""Writers that post at once, in threads and in processes of their own, and say how each order ended."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from threading import Barrier, Thread
from typing import Literal

from ledger.awards import give_help, pay
from ledger.database import open_database
from ledger.door import post_many
from ledger.entries import entry_at
from ledger.errors import LedgerError
from ledger.people import Role
from ledger.records import Actor, Recorded
from ledger.unit_of_work import UnitOfWork
from tests.faults.drafts import pennies
from tests.ledger.conftest import CONNECTOR, PAYER, World

# Each process begins fresh, as a worker of the site does; what they share is the database. One process imports the
# program once, and every writer is split off from it.
SPLIT_OFF = multiprocessing.get_context("forkserver")
SPLIT_OFF.set_forkserver_preload([__name__])
BATCH = 2_000  # entries of one unit of work: the door writes a thousand down at a time
PATIENCE = 120.0  # seconds after which a test gives up on a writer; nothing here is expected to take that long


@dataclass(frozen=True, slots=True)
class Order:
    """One thing to record: help from the purse (`mandate` is its virement), or a payment on a commitment."""

    what: Literal["help", "payment"]
    mandate: int
    amount: int
    key: str


@dataclass(frozen=True, slots=True)
class Answer:
    """How an order ended: in an entry, or in a refusal (its class; a fault is told with its words)."""

    key: str
    index: int | None = None
    refusal: str = ""


def record(unit: UnitOfWork, order: Order) -> Recorded:
    """Do what is ordered, in this unit of work, without its commit."""
    if order.what == "payment":
        return pay(
            unit,
            commitment=order.mandate,
            amount=order.amount,
            resource="GBP",
            purpose="Work",
            actor=Actor(PAYER, Role.FINANCE_OFFICER),
            idempotency_key=order.key,
        )
    return give_help(
        unit,
        purse=order.mandate,
        payee="spade",
        resource="GBP",
        amount=order.amount,
        story=f"Bus fare, {order.key}.",
        connector=CONNECTOR,
        idempotency_key=order.key,
    )


def carry_out(world: World, order: Order) -> Answer:
    """One order, recorded as the site records. Whatever goes wrong is in the answer, for the test to judge."""
    try:
        entry = world.database.record(partial(record, order=order), world.clock)
    except LedgerError as refusal:
        return Answer(order.key, refusal=type(refusal).__name__)
    except Exception as fault:  # noqa: BLE001 - the test must see every fault, and a thread would swallow it
        return Answer(order.key, refusal=f"{type(fault).__name__}: {fault}")
    return Answer(order.key, index=entry.index)


def by_threads(world: World, hands: Sequence[Sequence[Order]]) -> list[Answer]:
    """One thread for each list of orders; all begin at the same moment."""
    answers: list[Answer] = []
    ready = Barrier(len(hands))

    def work(orders: Sequence[Order]) -> None:
        ready.wait(PATIENCE)
        answers.extend([carry_out(world, order) for order in orders])

    threads = [Thread(target=work, args=(orders,)) for orders in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def by_processes(url: str, crews: Sequence[Sequence[Sequence[Order]]]) -> list[Answer]:
    """One process for each crew, and in it one thread for each list of orders; all begin when the last is ready."""
    lines = []
    for hands in crews:
        ours, theirs = SPLIT_OFF.Pipe()
        process = SPLIT_OFF.Process(target=_crew, args=(url, hands, theirs))
        process.start()
        theirs.close()
        lines.append((process, ours))
    for _, ours in lines:
        _heard(ours)
    for _, ours in lines:
        ours.send("go")
    answers: list[Answer] = []
    for process, ours in lines:
        answers += _heard(ours)
        ours.close()
        process.join(PATIENCE)
    return answers


def _heard(line: Connection) -> list[Answer]:
    if not line.poll(PATIENCE):
        raise AssertionError("a writer does not answer")
    said: list[Answer] = line.recv()
    return said


def _crew(url: str, hands: Sequence[Sequence[Order]], line: Connection) -> None:
    with_database(url, lambda world: _at_the_word(world, hands, line))


def _at_the_word(world: World, hands: Sequence[Sequence[Order]], line: Connection) -> None:
    world.size()  # a connection is there before the race begins
    line.send([])
    line.recv()
    line.send(by_threads(world, hands))


def post_for_ever(url: str, name: str, purse: int, line: Connection) -> None:
    """Post one penny after another, and tell each answer once its commit is done. Ends by being killed."""

    def work(world: World) -> None:
        for number in count(1):
            line.send(carry_out(world, Order("help", purse, 1, f"{name}-{number}")))

    with_database(url, work)


def post_batches_for_ever(url: str, name: str, order: int, line: Connection) -> None:
    """Post one large batch after another, each in one unit of work, and tell its first index. Ends by being killed."""

    def work(world: World) -> None:
        for number in count(1):
            line.send(carry_out_batch(world, order, f"{name}-{number}"))

    with_database(url, work)


def carry_out_batch(world: World, order: int, name: str) -> Answer:
    """A batch of pennies on the order: its keys begin with its name."""
    with world.unit() as unit:
        entries = post_many(unit, pennies(entry_at(unit.session, order), batch_keys(name)))
        unit.commit()
    assert [entry.index - entries[0].index for entry in entries] == list(range(BATCH))
    return Answer(name, index=entries[0].index)


def batch_keys(name: str) -> list[str]:
    return [f"{name}-{number}" for number in range(BATCH)]


def with_database(url: str, work: Callable[[World], None]) -> None:
    """Work on the database in a process of its own."""
    database = open_database(url)
    try:
        work(World(database))
    finally:
        database.dispose()


def ends(answers: Sequence[Answer]) -> Counter[str]:
    """How many were recorded, and how many met each refusal."""
    return Counter(answer.refusal or "recorded" for answer in answers)
