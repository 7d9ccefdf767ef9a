"""The authority overrules a panel in the open: with reasons, once, and nothing is taken out of the record."""

from collections.abc import Callable

import pytest

from ledger.door import post, reverse
from ledger.entries import DatabaseBook
from ledger.errors import LedgerError
from ledger.kinds.overriding import Override
from ledger.mandates import RoleNotHeld
from ledger.markers import told
from ledger.powers import override
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.roles import Role
from ledger.rounds.process import refuse
from ledger.rounds.reading import round_view
from ledger.rounds.stages import Stage
from tests.ledger.conftest import (
    CHAIR,
    FINANCE,
    LEADER,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    open_a_round,
    ratify_result,
    vote,
)

WHY = "The site of the benches is to be sold, which the panel could not know."


def _overrule(world: World, index: int, *, leader: str = LEADER, instead: str | None = None) -> Recorded:
    with world.unit() as unit:
        entry = override(unit, index=index, reasons=WHY, instead=instead, leader=leader, idempotency_key=world.key())
        unit.commit()
    return entry


@pytest.fixture
def counted(world: World) -> tuple[World, str, Recorded]:
    """A round that is counted and waits for its ratification."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
    return world, ref, close(world, ref)


def _refused(step: Callable[[], object], words: str) -> None:
    with pytest.raises(LedgerError) as fault:
        step()
    assert words in fault.value.sentence


def test_a_result_that_was_overridden_is_not_ratified_and_nothing_is_allocated_on_it(
    counted: tuple[World, str, Recorded],
) -> None:
    world, ref, result = counted
    entry = _overrule(world, result.index)
    size = world.size()
    _refused(lambda: ratify_result(world, ref), f"overrode entry {result.index}, on which this rests, in entry {entry.index}")
    assert (world.size(), world.balance("award/glodbrook-one-1")) == (size, 0)


def test_a_ratification_that_was_overridden_allocates_nothing_more_and_its_awards_stand(decided: World) -> None:
    """The benches' allocation is reversed; by the same ratification it cannot be made again."""

    with decided.database.reading() as session:
        allocation = next(iter(DatabaseBook(session).where(Kind.ALLOCATION, subject="glodbrook-one-1")))
    assert allocation.mandate is not None
    _overrule(decided, allocation.mandate)
    assert decided.balance("award/glodbrook-one-1") == 400_000
    officer = Actor(FINANCE, Role.FINANCE_OFFICER)
    with decided.unit() as unit:
        reverse(unit, index=allocation.index, actor=officer, reasons="Not to be built.", idempotency_key=decided.key())
        unit.commit()
    again = Draft(
        authority="marlmoor",
        place="glodbrook",
        mandate=allocation.mandate,
        payload=allocation.payload,
        actor=officer,
        effective_on=decided.today,
        movements=tuple(
            Movement(move.from_account, move.to_account, move.resource, move.amount) for move in allocation.movements
        ),
        idempotency_key=decided.key(),
    )
    with decided.unit() as unit:
        _refused(lambda: post(unit, again), "The authority overrode entry")


def test_the_reasons_and_what_takes_its_place_are_public_on_the_round(counted: tuple[World, str, Recorded]) -> None:
    world, ref, result = counted
    entry = _overrule(world, result.index, instead="The panel votes again in May.")
    with world.database.reading() as session:
        view = round_view(session, ref, today=world.today)
        (shown,) = view.overrides
        assert (view.stage, shown.entry.index, shown.reasons.text) == (Stage.OVERRIDDEN, entry.index, WHY)
        assert shown.override.instead == "The panel votes again in May."
        assert isinstance(entry.payload, Override)
        assert told(session, entry.payload.reasons).text == WHY
        assert view.result == result  # nothing is deleted


def test_only_the_authority_leader_overrides_and_only_once(counted: tuple[World, str, Recorded]) -> None:
    world, _, result = counted
    with pytest.raises(RoleNotHeld):
        _overrule(world, result.index, leader=CHAIR)
    entry = _overrule(world, result.index)
    _refused(lambda: _overrule(world, result.index), f"entry {entry.index} has overridden it already")


def test_a_round_and_a_devolution_are_not_overridden(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    _refused(lambda: _overrule(world, devolution.index), "only a round’s result or its ratification can be")


def test_an_overridden_result_is_not_refused_either(counted: tuple[World, str, Recorded]) -> None:

    world, ref, result = counted
    _overrule(world, result.index)
    with world.unit() as unit:
        officer = Actor(FINANCE, Role.FINANCE_OFFICER)
        _refused(
            lambda: refuse(unit, round_ref=ref, power="4.2", reasons="No.", actor=officer, idempotency_key=world.key()),
            "The authority overrode entry",
        )
