"""The last ties of a round are broken by dice that were thrown in public, and the figures stand in the result's entry."""

from datetime import timedelta

import pytest

from ledger.kinds.deciding import Counted, Electorate
from ledger.money import TIME
from ledger.people import Role
from ledger.records import Actor, Recorded
from ledger.rounds.explaining import round_explained
from ledger.rounds.process import Opening, close_round, open_round
from ledger.rounds.proposals import Proposal
from ledger.rounds.publication import published, result_document
from ledger.rounds.reading import round_view
from ledger.tally import UnsoundElection
from ledger.tally.profile import lot_of
from ledger.verify import verify
from tests.ledger.conftest import CHAIR, World, agree_on_terms, devolve_to_glodbrook, vote

REF = "glodbrook-twins"


@pytest.fixture
def live(world: World) -> World:
    """Glodbrook with its instrument and its terms."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    return world


def twins(world: World) -> None:
    """Two benches of one price, money for one, and the same three votes for each."""
    opening = Opening(
        ref=REF, partnership="glodbrook", title="Twins", summary="", budget={"GBP": 400_000, TIME: 6_000},
        opens_on=world.today, closes_on=world.today + timedelta(days=21), electorate=Electorate.PANEL, most_choices=2,
    )  # fmt: skip
    proposals = [
        Proposal(ref="", round="", number=number, code=str(number), title=title, cost=400_000, minutes=0)
        for number, title in enumerate(("North bench", "South bench"), start=1)
    ]
    with world.unit() as unit:
        open_round(unit, opening=opening, proposals=proposals, actor=Actor(CHAIR, Role.CHAIR), idempotency_key=world.key())
        unit.commit()
    vote(world, REF, bea={1, 2}, owen={1, 2}, nasreen={1, 2})


def closed(world: World, lot: str) -> Recorded:
    with world.unit() as unit:
        entry = close_round(unit, round_ref=REF, actor=Actor(CHAIR, Role.CHAIR), idempotency_key="close", lot=lot)
        unit.commit()
    return entry


@pytest.mark.parametrize("dice", ["1 2 3 4 5 6 1 2 3 4", "6543216543", "1111111111", "2 2 2 2 2 2 2 2 2 2"])
def test_the_dice_decide_between_twins_and_stand_in_the_log(live: World, dice: str) -> None:
    twins(live)
    result = closed(live, dice)
    figures = dice.replace(" ", "")
    first = min((lot_of(figures, code), code) for code in "12")[1]
    assert isinstance(result.payload, Counted)
    assert (result.payload.winners, result.payload.lot) == ((f"{REF}-{first}",), figures)
    with live.database.reading() as session:
        verify(session)
        view = round_view(session, REF, today=live.today)
        explained = round_explained(session, view)
        assert explained is not None
        assert explained.result.winners == (first,)
        assert result_document(published(session, view))["lot"] == figures


def test_without_dice_the_order_of_the_ballot_decides_and_the_entry_says_nothing_of_a_lot(live: World) -> None:
    twins(live)
    result = closed(live, "")
    assert isinstance(result.payload, Counted)
    assert (result.payload.winners, result.payload.lot) == ((f"{REF}-1",), None)


def test_what_is_no_throw_of_dice_closes_nothing(live: World) -> None:
    twins(live)
    with pytest.raises(UnsoundElection, match="at least 10 dice"):
        closed(live, "1 2 3 4 5 6 7 8 9 0")
    with live.database.reading() as session:
        assert round_view(session, REF, today=live.today).counted is None
