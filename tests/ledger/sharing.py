"""A risk that Marlmoor, Green Spade and the Ferry Trust share: the towpath of Glodbrook may flood while it is dug up."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from ledger.door import post
from ledger.kinds.payload import Payload
from ledger.kinds.risking import RiskAgreement, Score
from ledger.people import Role, add_person
from ledger.places import Organisation
from ledger.powers import appoint
from ledger.records import Actor, Draft, Movement, Recorded
from ledger.shared_risk import call, decide, propose, sign
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import CHAIR, FINANCE, LEADER, REGISTRAR, World
from tests.ledger.steps import done

SPADE, FERRY = "p-sadia", "p-femi"  # who signs for Green Spade, and for the Ferry Trust
SIGNATORIES = {
    "marlmoor": Actor(LEADER, Role.AUTHORITY_LEADER),
    "spade": Actor(SPADE, Role.PARTNER_ORGANISATION),
    "ferry": Actor(FERRY, Role.PARTNER_ORGANISATION),
    "glodbrook": Actor(CHAIR, Role.CHAIR),
}
ENDS = date(2026, 9, 30)
TOWPATH: dict[str, Any] = {
    "agreement": "towpath",
    "title": "Flooding of the towpath",
    "cause": "The towpath is dug up in a wet spring",
    "event": "The brook floods the trench",
    "effect": "The works stop, and the contractor has to be paid for the days",
    "inherent": {"likelihood": 4, "impact": 4},
    "residual": {"likelihood": 3, "impact": 3},
    "target": {"likelihood": 2, "impact": 3},
    "shares": [
        {"party": "marlmoor", "sort": "authority", "signatory": LEADER, "loss": 5_000, "gain": 4_000, "reserve": 1_000_000},
        {
            "party": "spade", "sort": "organisation", "signatory": SPADE,
            "loss": 3_000, "gain": 3_000, "cap": 150_000, "reserve": 150_000,
        },
        {
            "party": "ferry", "sort": "organisation", "signatory": FERRY,
            "loss": 2_000, "gain": 3_000, "cap": 100_000, "reserve": 60_000,
        },
    ],
    "residual_bearer": "marlmoor",
    "most": 1_000_000,
    "begins": "2026-03-02",
    "ends": ENDS.isoformat(),
    "deciders": ["authority leader"],
}  # fmt: skip


def towpath(**changed: object) -> RiskAgreement:
    return RiskAgreement.model_validate(TOWPATH | changed)


def meet_the_partners(world: World) -> None:
    """Two organisations, and somebody for each."""
    with world.unit() as unit:
        unit.session.add(Organisation(slug="ferry", name="Ferry Trust"))
        unit.session.flush()
        for ref, name in ((SPADE, "Sadia"), (FERRY, "Femi")):
            add_person(unit.session, name=name, ref=ref)
            appoint(
                unit, authority="marlmoor", place="glodbrook", person=ref, role=Role.PARTNER_ORGANISATION,
                registrar=REGISTRAR, idempotency_key=world.key(),
            )  # fmt: skip
        unit.commit()


def proposing(world: World, agreement: RiskAgreement, *, key: str = "") -> Callable[[UnitOfWork], Recorded]:
    key = key or world.key()
    leader = Actor(LEADER, Role.AUTHORITY_LEADER)
    return lambda unit: propose(
        unit, authority="marlmoor", place="glodbrook", agreement=agreement, actor=leader, idempotency_key=key
    )


def signing(world: World, party: str, *, by: str = "") -> Callable[[UnitOfWork], Recorded]:
    key, actor = world.key(), SIGNATORIES[by or party]
    return lambda unit: sign(unit, agreement="towpath", party=party, actor=actor, idempotency_key=key)


def agreed(world: World, *, signed: Iterable[str] = ("marlmoor", "spade", "ferry"), **changed: object) -> Recorded:
    """The agreement, put to its parties and signed by them."""
    meet_the_partners(world)
    entry = done(world, proposing(world, towpath(**changed)))
    for party in signed:
        done(world, signing(world, party))
    return entry


def deciding(
    world: World,
    *,
    outcome: str = "accepted",
    actor: Actor = SIGNATORIES["marlmoor"],
    harms: tuple[str, str] = ("Mud", "No path"),
) -> Callable[[UnitOfWork], Recorded]:
    key = world.key()
    return lambda unit: decide(
        unit,
        agreement="towpath",
        outcome=outcome,
        harm_of_acting=harms[0],
        harm_of_not_acting=harms[1],
        acting=Score(likelihood=3, impact=2),
        not_acting=Score(likelihood=4, impact=4),
        reasons="Children walk to school on the road.",
        actor=actor,
        idempotency_key=key,
    )


def calling(
    world: World, decision: Recorded, loss: int, *, key: str = "", officer: str = FINANCE
) -> Callable[[UnitOfWork], Recorded]:
    key = key or world.key()
    return lambda unit: call(
        unit,
        decision=decision.index,
        payee="digger-hire",
        loss=loss,
        reasons="The trench flooded on Tuesday.",
        actor=Actor(officer, Role.FINANCE_OFFICER),
        idempotency_key=key,
    )


def draft(world: World, payload: Payload, mandate: int, actor: Actor, *movements: Movement) -> Draft:
    return Draft(
        authority="marlmoor", place="glodbrook", mandate=mandate, payload=payload, actor=actor, effective_on=world.today,
        movements=movements, idempotency_key=world.key(),
    )  # fmt: skip


def posting(made: Draft) -> Callable[[UnitOfWork], Recorded]:
    return lambda unit: post(unit, made)
