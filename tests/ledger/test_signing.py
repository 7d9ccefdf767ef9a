"""An instrument and terms say their scope, on what conditions, and who signed; the words stand beside the log."""

from datetime import date

import pytest

from ledger.entries import DatabaseBook
from ledger.kinds.devolving import CannotSign, Devolution, SignedTwice
from ledger.markers import told
from ledger.powers import devolve
from ledger.records import Recorded
from tests.ledger.conftest import CHAIR, LEADER, MONDAY, World

CONDITIONS = "Half of the hours go to the warm room."


def _signed(world: World, *signed: str) -> Recorded:
    with world.unit() as unit:
        entry = devolve(
            unit,
            authority="marlmoor",
            partnership="glodbrook",
            title="Glodbrook instrument",
            power="Minute 14",
            money=100,
            minutes=0,
            limits={"GBP": 100},
            begins=MONDAY,
            ends=date(2027, 3, 31),
            leader=LEADER,
            scope="Anything that the panel of Glodbrook decides",
            conditions=CONDITIONS,
            signed=signed,
            idempotency_key=world.key(),
        )
        unit.commit()
    return entry


def test_an_instrument_holds_its_scope_its_signatories_and_the_digest_of_its_conditions(world: World) -> None:
    entry = _signed(world, CHAIR, "p-chief")
    assert isinstance(entry.payload, Devolution)
    assert entry.payload.signed == (CHAIR, "p-chief")
    with world.database.reading() as session:
        kept = DatabaseBook(session).entry(entry.index)
        assert kept == entry
        assert told(session, entry.payload.conditions or "").text == CONDITIONS


def test_whoever_holds_no_role_there_cannot_have_signed(world: World) -> None:
    size = world.size()
    with pytest.raises(CannotSign):
        _signed(world, "p-operator")
    assert world.size() == size


@pytest.mark.parametrize("signed", [(CHAIR, CHAIR), (LEADER,)])
def test_everybody_signs_once(world: World, signed: tuple[str, ...]) -> None:
    with pytest.raises(SignedTwice):
        _signed(world, *signed)


def test_an_instrument_of_an_earlier_release_keeps_its_exact_bytes(world: World) -> None:
    entry = _signed(world, CHAIR)
    assert isinstance(entry.payload, Devolution)
    old = entry.payload.model_copy(update={"scope": None, "conditions": None, "signed": ()})
    assert set(old.model_dump(mode="json")) == {"title", "power", "begins", "ends", "limits"}
