"""What is set aside for a shared risk: out of whose account, how long, and who may take it back."""

from collections.abc import Callable
from datetime import timedelta

from ledger.flows import overview, position
from ledger.kinds.risking import RiskReserve
from ledger.powers import freeze
from ledger.records import Movement, Recorded
from ledger.shared_risk import set_aside, take_back
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import CHAIR, SUNSET, World, agree_on_terms, devolve_to_glodbrook
from tests.ledger.sharing import ENDS, SIGNATORIES, TOWPATH, agreed, draft, posting, signing
from tests.ledger.steps import done, refused

Step = Callable[[UnitOfWork], Recorded]
SHARES = TOWPATH["shares"]


def test_what_is_set_aside_stays_until_the_agreement_is_over(world: World) -> None:
    agreed(world)
    spade = SIGNATORIES["spade"]

    def taking(key: str) -> Step:
        return lambda unit: take_back(unit, agreement="towpath", party="spade", actor=spade, idempotency_key=key)

    def adding(amount: int) -> Step:
        key = world.key()
        return lambda unit: set_aside(unit, agreement="towpath", party="spade", amount=amount, actor=spade, idempotency_key=key)

    refused(world, taking("early"), "stays set aside until the agreement is over, which is after 2026-09-30")
    refused(world, adding(0), "an amount between source/spade and its reserve")
    done(world, adding(5))
    world.today = ENDS + timedelta(days=1)
    refused(world, adding(5), "runs from")
    back = done(world, taking("back"))
    assert done(world, taking("back")) == back
    assert (world.balance("reserve/towpath/spade"), world.balance("source/spade")) == (0, 0)
    refused(world, taking("twice"), "an amount between")


def test_a_reserve_is_its_own_partys_and_no_other(world: World) -> None:
    entry = agreed(world, signed=("spade",))
    pocket = Movement("source/ferry", "reserve/towpath/spade", "GBP", 5)
    more = RiskReserve(agreement="towpath", party="spade", change="set aside")
    made = draft(world, more, entry.index, SIGNATORIES["spade"], pocket)
    refused(world, posting(made), "between source/spade and its reserve")
    early = RiskReserve(agreement="towpath", party="ferry", change="set aside")
    moved = Movement("source/ferry", "reserve/towpath/ferry", "GBP", 5)
    made = draft(world, early, entry.index, SIGNATORIES["ferry"], moved)
    refused(world, posting(made), "ferry has not signed")


def glodbrook_takes_part() -> dict[str, object]:
    share = {"party": "glodbrook", "sort": "partnership", "signatory": CHAIR, "loss": 2_000, "gain": 3_000, "cap": 100_000}
    return {"shares": [SHARES[0], SHARES[1], share | {"reserve": 100_000}]}


def test_a_partnership_sets_money_aside_out_of_its_pot_under_its_terms(world: World) -> None:
    """After the sunset its chair cannot sign for money any more."""
    devolution = devolve_to_glodbrook(world)
    agreed(world, signed=("marlmoor", "spade"), **glodbrook_takes_part(), ends="2027-06-30")
    refused(world, signing(world, "glodbrook"), "has no terms of reference yet")
    agree_on_terms(world, devolution, sunset=SUNSET)
    world.today = SUNSET + timedelta(days=1)
    refused(world, signing(world, "glodbrook"), "Renew the terms first")
    world.today = SUNSET
    done(world, signing(world, "glodbrook"))
    assert world.balance("pot/glodbrook") == 5_000_000 - 100_000
    assert world.balance("reserve/towpath/glodbrook") == 100_000
    with world.database.reading() as session:
        stands = position(session, place="glodbrook", resource="GBP")
        whole = overview(session, authority="marlmoor", resource="GBP")
    assert stands.devolved == 5_000_000 == stands.reserved + stands.available
    assert (whole.devolved, whole.set_aside, whole.unallocated) == (5_000_000, 100_000, 4_900_000)
    assert sum(link.amount for link in whole.links if link.target.sort == "reserve") == 100_000


def test_nothing_is_set_aside_out_of_a_frozen_pot(world: World) -> None:
    devolution = devolve_to_glodbrook(world)
    agree_on_terms(world, devolution)
    agreed(world, signed=(), **glodbrook_takes_part())
    done(
        world,
        lambda unit: freeze(
            unit, devolution=devolution.index, reasons="Audit.", officer="p-chief", idempotency_key=world.key()
        ),
    )
    refused(world, signing(world, "glodbrook"), "is frozen")
