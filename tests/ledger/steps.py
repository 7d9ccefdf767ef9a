"""Steps that are done or refused, whole."""

from collections.abc import Callable

import pytest

from ledger.database import UnitOfWork
from ledger.errors import LedgerError
from ledger.records import Recorded
from tests.ledger.conftest import World

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
