"""What was tried and what was shared: a prototype at its learning date, one that adopted it, and three decisions on data."""

from datetime import date, timedelta

from ledger.kinds.prototyping import Choice, Theme
from ledger.kinds.sharing import Basis, Condition, Data, Outcome, Party, PartyRole, Safeguard, Weight
from ledger.people import Role
from ledger.powers import terms_at
from ledger.prototypes import Agreement, decide, reflect, start
from ledger.records import Actor, Recorded
from ledger.sharing import Deliberation, Part, decide_sharing
from ledger.unit_of_work import UnitOfWork
from seeds.cast import AUTHORITY, LEADER
from seeds.stage import Life, Stage

POUND, HOUR = 100, 60
_FIRST, _SECOND = "glodbrook", "tarn-lane"


def tried(stage: Stage, *, chair: str, connector: str, leaders: tuple[str, ...], others: tuple[str, ...]) -> Life:
    """Glodbrook tries visits without a form, learns and keeps them; Tarn Lane starts from its agreement.

    `chair`, `connector` and `leaders` are Glodbrook's people by reference, `others` lead in Tarn Lane.
    """
    learning_on = stage.today - timedelta(days=45)
    yield learning_on - timedelta(days=110)
    first = _start(stage, _agreement("Warm visits without a form", leaders, learning_on), place=_FIRST)
    yield learning_on - timedelta(days=30)
    stage.record(
        lambda unit: reflect(
            unit, prototype=first.index, theme=Theme.WORKFORCE, actor=Actor(connector, Role.CONNECTOR),
            learned="A nurse and a housing officer who share one van answer each other’s questions before they are asked.",
            idempotency_key=stage.key(),
        )
    )  # fmt: skip
    yield learning_on
    stage.record(
        lambda unit: decide(
            unit, prototype=first.index, choice=Choice.MAINSTREAM, actor=Actor(chair, Role.CHAIR),
            reasons="Help came nine days sooner, cost less than the forms did, and nobody misused it.",
            learned={
                Theme.PRACTICE: "Where nobody asks for a form, people ask for help a week sooner, and for less of it.",
                Theme.SYSTEM: "The trust’s rules on data kept two visits apart that should have been one.",
            },
            idempotency_key=stage.key(),
        )
    )  # fmt: skip
    yield stage.today - timedelta(days=30)
    adopted = _agreement("Warm visits on the lane", others, stage.today - timedelta(days=2))
    second = _start(stage, adopted, place=_SECOND, adopted_from=first.index)
    yield stage.today - timedelta(days=6)
    stage.record(
        lambda unit: reflect(
            unit, prototype=second.index, theme=Theme.LEADERSHIP, actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            learned="Two residents with £200 to decide on need a chair who answers the phone more than they need a policy.",
            idempotency_key=stage.key(),
        )
    )  # fmt: skip


def shared(stage: Stage) -> Life:
    """One sharing that has expired, one that is live, and one refusal with what it costs weighed beside it."""
    yield stage.today - timedelta(days=300)
    _decide(stage, _winter(stage.today - timedelta(days=300), days=180), place=_FIRST)
    yield stage.today - timedelta(days=60)
    _decide(stage, _visits(stage.today), place=_FIRST)
    yield stage.today - timedelta(days=40)
    _decide(stage, _benefits(stage.today), place=_SECOND)


def _agreement(title: str, leaders: tuple[str, ...], learning_on: date) -> Agreement:
    return Agreement(
        title=title, power="Decide on help up to £200 a household on the doorstep, without an assessment",
        money=4_000 * POUND, minutes=120 * HOUR, risk_share=6_000, risk_cap=2_500 * POUND, leaders=leaders,
        hypothesis="Help that needs no form comes sooner, and costs no more than the form does.",
        learning_on=learning_on, ends=learning_on + timedelta(days=40),
    )  # fmt: skip


def _start(stage: Stage, agreement: Agreement, *, place: str, adopted_from: int | None = None) -> Recorded:
    def begin(unit: UnitOfWork) -> Recorded:
        live = terms_at(unit.session, place, on=unit.today())
        if live is None:
            raise AssertionError(f"{place} has no terms of reference")
        return start(
            unit, terms=live.entry.index, agreement=agreement, leader=LEADER, adopted_from=adopted_from,
            idempotency_key=stage.key(),
        )  # fmt: skip

    return stage.record(begin)


def _decide(stage: Stage, deliberation: Deliberation, *, place: str) -> None:
    stage.record(
        lambda unit: decide_sharing(
            unit, authority=AUTHORITY, place=place, deliberation=deliberation, leader=LEADER, idempotency_key=stage.key()
        )
    )


def _winter(decided: date, *, days: int) -> Deliberation:
    return Deliberation(
        title="Who is cold this winter",
        parties=(
            Party(organisation=AUTHORITY, role=PartyRole.CONTROLLER),
            Party(organisation="brackenford-housing", role=PartyRole.JOINT),
        ),
        data=(Data.CONTACT, Data.HOUSEHOLD),
        basis=Basis.PUBLIC_TASK,
        risk_of_sharing=Weight(likelihood=2, impact=2),
        risk_of_not_sharing=Weight(likelihood=4, impact=4),
        safeguards=(Safeguard.LEAST, Safeguard.DELETED),
        outcome=Outcome.SHARE,
        review_on=decided + timedelta(days=days // 2),
        expires=decided + timedelta(days=days),
        words={
            Part.REQUEST: "The addresses of homes whose boilers failed their last inspection.",
            Part.PURPOSE: "To visit each of them before the first frost.",
            Part.SHARING: "A landlord might hold a call for help against a tenant.",
            Part.NOT_SHARING: "Homes stay cold, and we find out from the ambulance.",
            Part.SAFEGUARDS: "Addresses only; both lists are deleted in spring.",
            Part.REASONS: "A cold home is the graver harm, and the list says nothing of who called.",
        },
    )


def _visits(today: date) -> Deliberation:
    return Deliberation(
        title="One visit instead of two",
        parties=(
            Party(organisation=AUTHORITY, role=PartyRole.CONTROLLER),
            Party(organisation="aldmere-health-trust", role=PartyRole.CONTROLLER),
            Party(organisation="marlmoor-voluntary-action", role=PartyRole.PROCESSOR),
        ),
        data=(Data.CONTACT, Data.NEEDS, Data.HEALTH),
        basis=Basis.PUBLIC_TASK,
        condition=Condition.CARE,
        risk_of_sharing=Weight(likelihood=2, impact=4),
        risk_of_not_sharing=Weight(likelihood=4, impact=3),
        safeguards=(Safeguard.LEAST, Safeguard.NAMED_READERS, Safeguard.LOGGED, Safeguard.TOLD),
        outcome=Outcome.SHARE,
        review_on=today + timedelta(days=30),
        expires=today + timedelta(days=120),
        words={
            Part.REQUEST: "Which households the trust’s nurses visit this week, and what each still needs.",
            Part.PURPOSE: "So that a nurse and a connector come once, together.",
            Part.SHARING: "More people read that somebody is ill.",
            Part.NOT_SHARING: "People tell their story twice, or stop telling it.",
            Part.SAFEGUARDS: "Three named readers; each reading is logged; whoever objects is left out.",
            Part.REASONS: "Those who are visited asked for it, and the safeguards keep the circle small.",
        },
    )


def _benefits(today: date) -> Deliberation:
    return Deliberation(
        title="Who has lost a benefit",
        parties=(
            Party(organisation=AUTHORITY, role=PartyRole.CONTROLLER),
            Party(organisation="coldharrow-college", role=PartyRole.PROCESSOR),
        ),
        data=(Data.CONTACT, Data.MONEY),
        risk_of_sharing=Weight(likelihood=4, impact=4),
        risk_of_not_sharing=Weight(likelihood=2, impact=3),
        outcome=Outcome.REFUSE,
        review_on=today + timedelta(days=90),
        expires=today + timedelta(days=180),
        words={
            Part.REQUEST: "The names of people whose benefit was stopped, for a course on budgeting.",
            Part.PURPOSE: "To invite them to the course.",
            Part.SHARING: "People learn that others know what they lost, and trust nobody.",
            Part.NOT_SHARING: "Some do not hear of the course; posters and the connectors reach most of them.",
            Part.REASONS: "The course can be made known without a list of names.",
        },
    )
