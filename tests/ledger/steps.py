"""Steps that are done or refused, whole."""

from collections.abc import Callable

import pytest

from ledger.awards import allocation_of, commit, pay
from ledger.door import reverse
from ledger.errors import LedgerError
from ledger.people import Role
from ledger.records import Actor, Recorded
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import CONNECTOR, FINANCE, PAYER, World

Step = Callable[[UnitOfWork], object]


def refused(world: World, step: Step, *words: str) -> None:
    """The step is refused with these words, and the log is as long as before."""
    size = world.size()
    with world.unit() as unit, pytest.raises(LedgerError) as refusal:
        step(unit)
        unit.commit()
    for said in words:
        assert said in refusal.value.sentence
    assert refusal.value.sentence.endswith(".")
    assert "{" not in refusal.value.sentence
    assert world.size() == size


def done(world: World, step: Callable[[UnitOfWork], Recorded]) -> Recorded:
    with world.unit() as unit:
        entry = step(unit)
        unit.commit()
    return entry


def committed(world: World, *, payee: str = "spade", amount: int = 400_000, purpose: str = "Benches") -> Recorded:
    return done(
        world,
        lambda unit: promising(unit, payee=payee, amount=amount, purpose=purpose, idempotency_key=world.key()),
    )


def promising(
    unit: UnitOfWork, *, payee: str, idempotency_key: str, amount: int = 400_000, purpose: str = "Benches"
) -> Recorded:
    """An order for the benches, without its commit."""
    return commit(
        unit,
        allocation=allocated(unit),
        payee=payee,
        form="order",
        purpose=purpose,
        resource="GBP",
        amount=amount,
        actor=Actor(CONNECTOR, Role.CONNECTOR),
        idempotency_key=idempotency_key,
    )


def allocated(unit: UnitOfWork) -> int:
    allocation = allocation_of(unit.session, "glodbrook-one-1")
    assert allocation is not None
    return allocation.index


def paying(order: Recorded, amount: int, *, officer: str = PAYER, key: str = "pay") -> Callable[[UnitOfWork], Recorded]:
    return lambda unit: pay(
        unit,
        commitment=order.index,
        amount=amount,
        resource="GBP",
        purpose="Work",
        actor=Actor(officer, Role.FINANCE_OFFICER),
        idempotency_key=key,
    )


def reversing(index: int, *, key: str) -> Callable[[UnitOfWork], Recorded]:
    return lambda unit: reverse(
        unit, index=index, actor=Actor(FINANCE, Role.FINANCE_OFFICER), reasons="Entered by mistake.", idempotency_key=key
    )
