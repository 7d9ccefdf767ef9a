"""A gain is shared as a loss is borne: to the penny, by the shares that were signed, out of the hands of whoever has it."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from ledger.door import reverse
from ledger.entries import DatabaseBook
from ledger.kinds.risk_calls import RiskGain, gained
from ledger.names import names_of
from ledger.people import Role
from ledger.records import Actor, Movement, Recorded
from ledger.risk import Party, Sharing
from ledger.shared_risk import share_gain
from ledger.unit_of_work import UnitOfWork
from ledger.verify import verify
from ledger.words import sentence
from tests.ledger.conftest import CHAIR, FINANCE, LEADER, World
from tests.ledger.sharing import TOWPATH, agreed, deciding, draft, posting
from tests.ledger.steps import done, refused

GAIN = 100_001
OFFICER = Actor(FINANCE, Role.FINANCE_OFFICER)
POT = {"party": "glodbrook", "sort": "partnership", "signatory": CHAIR, "loss": 0, "gain": 3_000}


def sharing(
    world: World, decision: Recorded, gain: int = GAIN, *, holder: str = "marlmoor", key: str = "", actor: Actor = OFFICER
) -> Callable[[UnitOfWork], Recorded]:
    key = key or world.key()
    return lambda unit: share_gain(
        unit, decision=decision.index, holder=holder, gain=gain, reasons="It was dry.", actor=actor, idempotency_key=key
    )


def test_whoever_has_a_gain_pays_the_others_their_parts_in_one_entry(world: World) -> None:
    """£1,000.01 by 40, 30 and 30 per cent: Marlmoor has it in hand, and keeps £400.01."""
    agreed(world)
    entry = done(world, sharing(world, done(world, deciding(world))))
    assert {move.to_account: move.amount for move in entry.movements} == {"source/ferry": 30_000, "source/spade": 30_000}
    assert {move.from_account for move in entry.movements} == {"source/marlmoor"}
    assert world.balance("source/spade") == -150_000 + 30_000
    with world.database.reading() as session:
        said = sentence(entry, names_of(session, [entry]))
    assert said == ("The risk “Flooding of the towpath” turned out well: of £1,000.01, Marlmoor shared £600 as agreed.")
    with world.database.reading() as session:
        verify(session)


def test_a_partnerships_part_of_a_gain_goes_into_its_pot(world: World) -> None:
    shares = [TOWPATH["shares"][0] | {"gain": 1_000}, *TOWPATH["shares"][1:], POT]
    agreed(world, shares=shares, signed=("marlmoor", "spade", "ferry", "glodbrook"))
    before = world.balance("pot/glodbrook")
    done(world, sharing(world, done(world, deciding(world)), holder="spade"))
    assert world.balance("pot/glodbrook") == before + 30_000


def test_gains_that_follow_each_other_come_to_what_one_gain_would_have(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    for gain in (4, 6):
        done(world, sharing(world, decision, gain))
    assert world.balance("source/spade") == -150_000 + 3, "30 % of ten pence"
    assert world.balance("source/ferry") == -60_000 + 3


def test_the_same_gain_sent_twice_is_shared_once(world: World) -> None:
    agreed(world)
    decision, key = done(world, deciding(world)), world.key()
    first = done(world, sharing(world, decision, key=key))
    assert done(world, sharing(world, decision, key=key)) == first
    with world.database.reading() as session:
        assert gained(DatabaseBook(session), "towpath") == GAIN


def test_no_gain_is_shared_before_the_risk_was_weighed(world: World) -> None:
    entry = agreed(world, signed=("marlmoor", "spade"))
    refused(world, sharing(world, entry), "has to rest on a risk decision")


def test_a_gain_is_shared_only_under_the_decision_that_stands_and_by_somebody_else(world: World) -> None:
    agreed(world, deciders=["chief finance officer"])
    chief = Actor("p-chief", Role.CHIEF_FINANCE_OFFICER)
    accepted = done(world, deciding(world, actor=chief))
    refused(world, sharing(world, accepted, actor=chief), "two different people")
    declined = done(world, deciding(world, outcome="refused", harms=("Mud", "A longer way"), actor=chief))
    refused(world, sharing(world, accepted), "was followed by another decision")
    refused(world, sharing(world, declined), "refused it")


@pytest.mark.parametrize("wrong", [{"source/ferry": 30_001, "source/spade": 30_000}, {"source/ferry": 60_000}, {}])
def test_other_parts_of_a_gain_than_were_agreed_are_refused_whoever_posts_them(world: World, wrong: dict[str, int]) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    payload = RiskGain(agreement="towpath", holder="marlmoor", gain=GAIN, reasons="0" * 64)
    moves = tuple(Movement("source/marlmoor", into, "GBP", part) for into, part in wrong.items())
    refused(world, posting(draft(world, payload, decision.index, OFFICER, *moves)), "By the agreement this moves £300")


def test_a_gain_that_is_all_its_holders_or_a_strangers_is_refused(world: World) -> None:
    shares = [share | {"gain": 10_000 if share["party"] == "marlmoor" else 0} for share in TOWPATH["shares"]]
    agreed(world, shares=shares)
    decision = done(world, deciding(world))
    refused(world, sharing(world, decision), "marlmoor has the whole of this gain")
    refused(world, sharing(world, decision, holder="digger-hire"), "is none of its parties")


def test_gains_are_taken_back_the_newest_first_and_split_afresh_after_it(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    first, second = (done(world, sharing(world, decision, gain)) for gain in (1_003, 2_001))

    def back(entry: Recorded) -> Callable[[UnitOfWork], Recorded]:
        key = world.key()
        return lambda unit: reverse(unit, index=entry.index, actor=OFFICER, reasons="A mistake.", idempotency_key=key)

    refused(world, back(first), f"the gain in entry {second.index} came on top")
    done(world, back(second))
    assert done(world, sharing(world, decision, 2_001)).movements == second.movements


def test_a_larger_gain_never_gives_anybody_less() -> None:
    parties = (Party("marlmoor", 5_000, 4_000), Party("spade", 3_000, 3_300, 90), Party("ferry", 2_000, 2_700))
    shares = Sharing(parties, "marlmoor", 1_000)
    for before, after in pairwise(range(400)):
        further = shares.further_gain(after - before, before=before)
        assert sum(further.values()) == 1
        assert min(further.values()) == 0


def test_the_leader_shares_no_gain(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    refused(world, sharing(world, decision, actor=Actor(LEADER, Role.AUTHORITY_LEADER)), "finance officer")
