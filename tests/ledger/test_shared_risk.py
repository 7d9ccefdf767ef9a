"""A shared risk binds when all have signed, is weighed both ways, and is paid exactly as it was agreed."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace
from pydantic import ValidationError
from sqlmodel import col, select

from ledger.canonical import canonical_bytes
from ledger.door import reverse
from ledger.entries import DatabaseBook, Entry, decode
from ledger.kinds.risk_calls import RiskCall, RiskDecision
from ledger.kinds.risking import RiskSignature
from ledger.names import names_of
from ledger.people import Role
from ledger.powers import appoint
from ledger.records import Actor, Kind, Movement, Recorded
from ledger.replaying import EntryWrong, Replay
from ledger.shared_risk import propose, set_aside
from ledger.unit_of_work import UnitOfWork
from ledger.verify import verify
from ledger.words import sentence
from tests.ledger.conftest import FINANCE, LEADER, PAYER, REGISTRAR, World
from tests.ledger.sharing import (
    ENDS,
    FERRY,
    SIGNATORIES,
    SPADE,
    TOWPATH,
    agreed,
    calling,
    deciding,
    draft,
    meet_the_partners,
    posting,
    proposing,
    signing,
    towpath,
)
from tests.ledger.steps import done, refused

DIGEST = "0" * 64
Step = Callable[[UnitOfWork], Recorded]
LOSS = 200_001
PARTS = {"marlmoor": 100_001, "spade": 60_000, "ferry": 40_000}


def out_of(parts: dict[str, int], payee: str = "digger-hire") -> tuple[Movement, ...]:
    return tuple(Movement(f"reserve/towpath/{name}", f"payee/{payee}", "GBP", part) for name, part in sorted(parts.items()))


def test_a_call_moves_every_partners_part_out_of_its_reserve_in_one_entry(world: World) -> None:
    """£2,000.01 by 50, 30 and 20 per cent: the odd penny is Marlmoor's."""
    agreed(world)
    assert world.balance("reserve/towpath/spade") == 150_000
    assert world.balance("source/spade") == -150_000
    entry = done(world, calling(world, done(world, deciding(world)), LOSS))
    assert entry.movements == out_of(PARTS)
    assert world.balance("payee/digger-hire") == LOSS
    assert world.balance("reserve/towpath/marlmoor") == 1_000_000 - 100_001
    with world.database.reading() as session:
        told = sentence(entry, names_of(session, [entry]))
    assert told == "The risk “Flooding of the towpath” happened: 3 partners paid £2,000.01 to digger-hire as agreed."


def test_nothing_is_called_before_every_party_has_signed(world: World) -> None:
    """Two of three have signed: there is no decision to rest on, and no way to make one."""
    entry = agreed(world, signed=("marlmoor", "spade"))
    refused(world, deciding(world), "does not bind yet: ferry has not signed")
    refused(world, calling(world, entry, LOSS), "has to rest on a risk decision")
    done(world, signing(world, "ferry"))
    done(world, calling(world, done(world, deciding(world)), LOSS))


@pytest.mark.parametrize("by", ["spade", "marlmoor"])
def test_nobody_signs_for_another_party(world: World, by: str) -> None:
    agreed(world, signed=())
    refused(world, signing(world, "ferry", by=by), "signs this agreement through somebody else")


def test_a_party_signs_once_and_sets_aside_what_it_promised(world: World) -> None:
    entry = agreed(world, signed=("spade",))
    refused(world, signing(world, "spade"), "has signed this agreement already")
    for moves in ((), (Movement("source/ferry", "reserve/towpath/ferry", "GBP", 59_999),)):
        made = draft(world, RiskSignature(agreement="towpath", party="ferry"), entry.index, SIGNATORIES["ferry"], *moves)
        refused(world, posting(made), "sets £600 aside when it signs, out of source/ferry")
    other = draft(world, RiskSignature(agreement="quay", party="ferry"), entry.index, SIGNATORIES["ferry"])
    refused(world, posting(other), "is about “towpath”")
    stranger = draft(world, RiskSignature(agreement="towpath", party="weir"), entry.index, SIGNATORIES["ferry"])
    refused(world, posting(stranger), "is none of its parties")


def test_nobody_signs_what_is_over(world: World) -> None:
    agreed(world, signed=())
    world.today = ENDS + timedelta(days=1)
    refused(world, signing(world, "ferry"), "runs from 2026-03-02 to 2026-09-30")


@pytest.mark.parametrize(
    "parts",
    [
        PARTS | {"marlmoor": 100_000},
        {"marlmoor": 50_001, "spade": 90_000, "ferry": 60_000},
        {"spade": 100_001, "ferry": 60_000, "marlmoor": 40_000},
        {"marlmoor": LOSS},
        {},
    ],
)
def test_other_amounts_than_were_agreed_are_refused_whoever_posts_them(world: World, parts: dict[str, int]) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    payload = RiskCall(agreement="towpath", payee="digger-hire", loss=LOSS, reasons=DIGEST)
    made = draft(world, payload, decision.index, Actor(FINANCE, Role.FINANCE_OFFICER), *out_of(parts))
    refused(world, posting(made), "By the agreement this moves £400 from reserve/towpath/ferry")


def written(world: World) -> list[bytes]:
    with world.database.reading() as session:
        return list(session.exec(select(Entry.written).order_by(col(Entry.index))))


def replayed(lines: list[bytes]) -> None:
    """As an import, a restore and somebody else's audit take the log in."""
    with Replay(lambda index: decode(lines[index])) as replay:
        for line in lines:
            replay.take(line)
        replay.finish()


def test_a_log_in_which_somebody_pays_less_than_was_agreed_is_refused_wherever_it_comes_from(world: World) -> None:
    """A penny of Marlmoor's part is laid on the Ferry Trust, and the entry is written down as if it were lawful."""
    agreed(world)
    done(world, calling(world, done(world, deciding(world)), LOSS))
    with world.database.reading() as session:
        verify(session)
    lines = written(world)
    replayed(lines)
    fields = json.loads(lines[-1])
    for move, change in zip(fields["transfers"], (1, -1, 0), strict=True):
        move["amount"] += change
    with pytest.raises(EntryWrong, match="By the agreement this moves £400 from reserve/towpath/ferry"):
        replayed([*lines[:-1], canonical_bytes(fields)])


def test_a_log_in_which_a_party_never_signed_is_refused_wherever_it_comes_from(world: World) -> None:
    agreed(world, signed=("marlmoor", "spade"))
    lines = written(world)
    agreed_in = next(index for index, line in enumerate(lines) if b'"kind":"risk_agreement"' in line)
    done(world, signing(world, "ferry"))
    done(world, deciding(world))
    decided = json.loads(written(world)[-1]) | {"index": len(lines), "mandate": agreed_in}
    with pytest.raises(EntryWrong, match="does not bind yet: ferry has not signed"):
        replayed([*lines, canonical_bytes(decided)])


def test_a_call_pays_the_one_it_names(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    payload = RiskCall(agreement="towpath", payee="digger-hire", loss=LOSS, reasons=DIGEST)
    made = draft(world, payload, decision.index, Actor(FINANCE, Role.FINANCE_OFFICER), *out_of(PARTS, payee="friend"))
    refused(world, posting(made), "By the agreement this moves")
    wrong = RiskCall(agreement="quay", payee="digger-hire", loss=LOSS, reasons=DIGEST)
    refused(world, posting(replace(made, payload=wrong)), "is about “towpath”")


def test_caps_hold_over_all_losses_and_the_residual_bearer_takes_the_rest(world: World) -> None:
    """Two losses of £4,000: Green Spade would pay £2,400 of them, and is capped at £1,500."""
    agreed(world, most=800_000)
    decision = done(world, deciding(world))
    with world.unit() as unit:
        ferry = SIGNATORIES["ferry"]
        set_aside(unit, agreement="towpath", party="ferry", amount=40_000, actor=ferry, idempotency_key=world.key())
        unit.commit()
    first = done(world, calling(world, decision, 400_000, key="first"))
    assert {move.from_account: move.amount for move in first.movements}["reserve/towpath/spade"] == 120_000
    second = done(world, calling(world, decision, 400_000))
    moved = {move.from_account.rpartition("/")[2]: move.amount for move in second.movements}
    assert moved == {"spade": 30_000, "ferry": 20_000, "marlmoor": 350_000}
    refused(
        world, calling(world, decision, 1), "covers losses of £8,000 in all, and with this one they would come to £8,000.01"
    )
    assert done(world, calling(world, decision, 400_000, key="first")) == first, "sent again, it is the same entry"


def test_a_reserve_that_is_too_small_has_to_be_filled_first(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    refused(world, calling(world, decision, 400_000), "ferry has £600 set aside", "its part of this loss is £800")


def test_no_call_without_a_decision_that_stands(world: World) -> None:
    agreed(world)
    accepted = done(world, deciding(world))
    declined = done(world, deciding(world, outcome="refused", harms=("Mud", "A longer way")))
    refused(world, calling(world, accepted, LOSS), "was followed by another decision")
    refused(world, calling(world, declined, LOSS), f"entry {declined.index} refused it")


def test_who_decides_does_not_call_the_loss_as_well(world: World) -> None:
    agreed(world, deciders=["chief finance officer"])
    chief = Actor("p-chief", Role.CHIEF_FINANCE_OFFICER)
    refused(world, deciding(world), "is taken by the chief finance officer")
    decision = done(world, deciding(world, actor=chief))
    payload = RiskCall(agreement="towpath", payee="digger-hire", loss=LOSS, reasons=DIGEST)
    made = draft(world, payload, decision.index, chief, *out_of(PARTS))
    refused(world, posting(made), "two different people")
    done(world, calling(world, decision, LOSS))


@pytest.mark.parametrize("harms", [("", "No path"), ("Mud", "  "), ("Mud", "mud")])
def test_a_risk_is_weighed_in_both_directions(world: World, harms: tuple[str, str]) -> None:
    agreed(world)
    refused(world, deciding(world, harms=harms), "weighed in both directions")


@pytest.mark.parametrize("missing", ["harm_of_acting", "harm_of_not_acting", "acting", "not_acting"])
def test_no_bytes_of_a_decision_leave_one_direction_out(missing: str) -> None:
    score = {"likelihood": 1, "impact": 1}
    said = {
        "agreement": "towpath", "outcome": "accepted", "harm_of_acting": "Mud", "harm_of_not_acting": "No path",
        "acting": score, "not_acting": score, "reasons": DIGEST,
    }  # fmt: skip
    RiskDecision.model_validate(said)
    for left_out in ({key: value for key, value in said.items() if key != missing}, said | {missing: ""}):
        with pytest.raises(ValidationError):
            RiskDecision.model_validate(left_out)


def test_a_loss_is_called_on_the_days_of_the_agreement_and_on_no_other(world: World) -> None:
    agreed(world, begins="2026-03-04")
    decision = done(world, deciding(world))
    refused(world, calling(world, decision, LOSS), "runs from 2026-03-04 to 2026-09-30")
    world.today = ENDS
    done(world, calling(world, decision, LOSS))
    world.today = ENDS + timedelta(days=1)
    refused(world, calling(world, decision, LOSS), "would take effect on 2026-10-01")
    refused(world, deciding(world), "would take effect on 2026-10-01")


def test_losses_are_taken_back_in_turn_and_the_reserves_are_as_before(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    first, second = (done(world, calling(world, decision, loss)) for loss in (LOSS, 3))
    officer = Actor(PAYER, Role.FINANCE_OFFICER)

    def undoing(entry: Recorded) -> Step:
        key = world.key()
        return lambda unit: reverse(unit, index=entry.index, actor=officer, reasons="Not ours.", idempotency_key=key)

    refused(world, undoing(first), "came on top; reverse that first")
    done(world, undoing(second))
    done(world, undoing(first))
    assert world.balance("reserve/towpath/spade") == 150_000
    again = done(world, calling(world, decision, LOSS))
    assert again.movements == first.movements


SHARES = TOWPATH["shares"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"shares": [SHARES[0] | {"loss": 4_900}, *SHARES[1:]]}, "a loss come to 99 %"),
        ({"shares": [SHARES[0] | {"gain": 4_001}, *SHARES[1:]]}, "a gain come to 100.01 %"),
        ({"residual_bearer": "spade"}, "has no cap"),
        ({"shares": [SHARES[0], SHARES[1], SHARES[2] | {"signatory": "p-sadia"}]}, "through somebody of its own"),
        ({"shares": [SHARES[0] | {"party": "wieliczka"}, *SHARES[1:]], "residual_bearer": "wieliczka"}, "cannot take part"),
        ({"shares": [SHARES[0] | {"sort": "partnership"}, *SHARES[1:]]}, "cannot take part as partnership of glodbrook"),
        ({"shares": [SHARES[0] | {"sort": "organisation"}, *SHARES[1:]]}, "no organisation called “marlmoor”"),
        ({"target": {"likelihood": 5, "impact": 5}}, "makes it no worse"),
        ({"deciders": []}, "is taken by the authority leader or the chief finance officer"),
        ({"deciders": ["resident"]}, "is taken by the authority leader or the chief finance officer"),
        ({"ends": "2026-03-01"}, "before it begins or today"),
        ({"first": [{"name": "Insurance", "party": "spade", "at_most": 150_001}]}, "more than its own cap"),
    ],
)
def test_an_agreement_that_does_not_hold_together_is_refused(world: World, changed: dict[str, object], words: str) -> None:
    meet_the_partners(world)
    refused(world, proposing(world, towpath(**changed)), words)


def test_an_organisation_that_has_books_here_takes_part_as_the_authority_it_is(world: World) -> None:
    """Posted by hand, past the function that asks whether there is such an organisation."""
    agreement = towpath(shares=[SHARES[0] | {"sort": "organisation"}, *SHARES[1:]])
    made = draft(world, agreement, 0, SIGNATORIES["marlmoor"])
    refused(world, posting(made), "“marlmoor” cannot take part as organisation")


def test_an_agreement_is_proposed_once(world: World) -> None:
    first = agreed(world, signed=())
    refused(world, proposing(world, towpath()), f"“towpath” already, in entry {first.index}")


def test_an_agreement_of_the_whole_authority_is_signed_by_who_signs_for_the_whole(world: World) -> None:
    """Sadia and Femi hold their role at Glodbrook alone."""
    meet_the_partners(world)
    leader, key = Actor(LEADER, Role.AUTHORITY_LEADER), world.key()

    def for_the_whole(unit: UnitOfWork) -> Recorded:
        return propose(unit, authority="marlmoor", agreement=towpath(), actor=leader, idempotency_key=key)

    refused(world, for_the_whole, "whoever signs for “spade” has to hold the role of partner organisation there")
    with world.unit() as unit:
        for person in (SPADE, FERRY):
            appoint(
                unit, authority="marlmoor", person=person, role=Role.PARTNER_ORGANISATION, registrar=REGISTRAR,
                idempotency_key=world.key(),
            )  # fmt: skip
        unit.commit()
    assert done(world, for_the_whole).place is None


def test_every_entry_about_a_shared_risk_reads_as_a_sentence(world: World) -> None:
    agreed(world)
    decision = done(world, deciding(world))
    spade = SIGNATORIES["spade"]
    done(
        world,
        lambda unit: set_aside(unit, agreement="towpath", party="spade", amount=5, actor=spade, idempotency_key="more"),
    )
    done(world, calling(world, decision, LOSS))
    kinds = (Kind.RISK_AGREEMENT, Kind.RISK_SIGNATURE, Kind.RISK_RESERVE, Kind.RISK_DECISION)
    with world.database.reading() as session:
        found = [entry for entry in DatabaseBook(session).where(*kinds) if entry.kind in kinds]
        told = [sentence(entry, names_of(session, found)) for entry in found]
    assert told == [
        "An agreement to share the risk “Flooding of the towpath” was put to its 3 partners.",
        "Marlmoor signed the agreement on the risk “Flooding of the towpath”, and set £10,000 aside.",
        "Green Spade signed the agreement on the risk “Flooding of the towpath”, and set £1,500 aside.",
        "Ferry Trust signed the agreement on the risk “Flooding of the towpath”, and set £600 aside.",
        "Need and risk were weighed, and the risk “Flooding of the towpath” was accepted.",
        "Green Spade set £0.05 more aside for the risk “Flooding of the towpath”.",
    ]
