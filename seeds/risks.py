"""A risk that five partners share: the quay wall of Ferrybank, the flood that came, and who paid what of it.

The loss of £10,000.01 is the worked table of `ledger.risk`, lived.
"""

from datetime import date, timedelta

from ledger.kinds.risking import First, PartySort, RiskAgreement, Score, Share
from ledger.people import add_person
from ledger.powers import appoint
from ledger.records import Actor, Recorded
from ledger.roles import Role
from ledger.shared_risk import call, decide, propose, set_aside, share_gain, sign, take_back
from seeds.cast import AUTHORITY, FINANCE, LEADER, REGISTRAR, Character
from seeds.stage import Life, Stage, month_start

REF = "ferrybank-quay-wall"
_POUND = 100

# Who signs for whom, with the share in per cent, the cap and what is set aside in pounds.
_PARTNERS = (
    ("brackenford-housing", Character("p-demo-risk-housing", "Imran Vale", "Signs for Brackenford Housing."), 25, 1_800, 1_800),
    (
        "aldmere-health-trust",
        Character("p-demo-risk-health", "Carys Benn", "Signs for Aldmere Health Trust."),
        20,
        1_500,
        1_500,
    ),
    ("coldharrow-college", Character("p-demo-risk-college", "Leo Strand", "Signs for Coldharrow College."), 15, None, 2_000),
    ("marlmoor-voluntary-action", Character("p-demo-risk-action", "Hope Adeyemi", "Signs for Voluntary Action."), 5, None, 600),
)


def share_a_risk(stage: Stage, began: date) -> Life:
    """Agreed and signed in the tenth month, decided a week later, settled in the autumn."""
    yield month_start(began, 3)
    _meet(stage)
    yield from _summer_stage(stage, month_start(began, 3))
    day = month_start(began, 9)
    yield day
    leader = Actor(LEADER, Role.AUTHORITY_LEADER)
    agreement = _agreement(day, stage.today)
    stage.record(
        lambda unit: propose(
            unit, authority=AUTHORITY, place="ferrybank", agreement=agreement, actor=leader, idempotency_key=stage.key()
        )
    )
    yield day + timedelta(days=3)
    for share in agreement.shares:
        actor = Actor(share.signatory, share.sort.role)
        stage.record(
            lambda unit, share=share, actor=actor: sign(  # type: ignore[misc]  # the loop's values are bound
                unit, agreement=REF, party=share.party, actor=actor, idempotency_key=stage.key()
            )
        )
    yield day + timedelta(days=10)
    decision = stage.record(
        lambda unit: decide(
            unit, agreement=REF, outcome="accepted",
            harm_of_acting="A flood during the works would stop them and cost up to £20,000",
            harm_of_not_acting="The wall fails in a winter, and forty homes behind it flood",
            acting=Score(likelihood=3, impact=3), not_acting=Score(likelihood=3, impact=5),
            reasons="Waiting is the larger risk. The cost of a bad week is shared, and what each of us can lose is known.",
            actor=leader, idempotency_key=stage.key(),
        )
    )  # fmt: skip
    yield from _settled(stage, agreement, decision, day + timedelta(days=75))


def _settled(stage: Stage, agreement: RiskAgreement, decision: Recorded, day: date) -> Life:
    """The flood is called, a partner sets more aside, and what the pumps fetched is shared."""
    yield day
    stage.record(
        lambda unit: call(
            unit, decision=decision.index, payee="dray-builders", loss=10_000 * _POUND + 1,
            reasons="The river stood on the quay for nine days. The builders had to wait, and pump the trench dry twice.",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key=stage.key(),
        )
    )  # fmt: skip
    yield day + timedelta(days=7)
    college = agreement.shares[3]
    stage.record(
        lambda unit: set_aside(
            unit, agreement=REF, party=college.party, amount=1_000 * _POUND,
            actor=Actor(college.signatory, Role.PARTNER_ORGANISATION), idempotency_key=stage.key(),
        )
    )  # fmt: skip
    yield day + timedelta(days=14)
    stage.record(
        lambda unit: share_gain(
            unit, decision=decision.index, holder=AUTHORITY, gain=1_200 * _POUND + 3,
            reasons="Pumps and barriers that were bought for the works were sold on when the river went down.",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key=stage.key(),
        )
    )  # fmt: skip


def _summer_stage(stage: Stage, day: date) -> Life:
    """An agreement that was over before anything happened: the authority has taken its reserve back, the College has not."""
    leader, college = Actor(LEADER, Role.AUTHORITY_LEADER), Actor(_PARTNERS[2][1].ref, Role.PARTNER_ORGANISATION)
    shares = (
        Share(party=AUTHORITY, sort=PartySort.AUTHORITY, signatory=LEADER, loss=6_000, gain=5_000, reserve=600 * _POUND),
        Share(
            party="coldharrow-college", sort=PartySort.ORGANISATION, signatory=college.person, loss=4_000, gain=5_000,
            cap=400 * _POUND, reserve=400 * _POUND,
        ),
    )  # fmt: skip
    agreement = RiskAgreement(
        agreement="summer-stage", title="Rain on the summer stage", cause="The stage stands in the open for a month",
        event="A storm damages it", effect="It has to be hired again", inherent=Score(likelihood=3, impact=2),
        residual=Score(likelihood=2, impact=2), target=Score(likelihood=2, impact=1), shares=shares,
        first=(First(name="The authority’s insurance", party=AUTHORITY, at_most=200 * _POUND),), residual_bearer=AUTHORITY,
        most=1_000 * _POUND, begins=day, ends=day + timedelta(days=30), deciders=(Role.AUTHORITY_LEADER,),
    )  # fmt: skip
    stage.record(
        lambda unit: propose(unit, authority=AUTHORITY, agreement=agreement, actor=leader, idempotency_key=stage.key())
    )
    for share, actor in zip(shares, (leader, college), strict=True):
        stage.record(
            lambda unit, party=share.party, actor=actor: sign(  # type: ignore[misc]  # the loop's values are bound
                unit, agreement="summer-stage", party=party, actor=actor, idempotency_key=stage.key()
            )
        )
    yield day + timedelta(days=35)
    stage.record(
        lambda unit: take_back(unit, agreement="summer-stage", party=AUTHORITY, actor=leader, idempotency_key=stage.key())
    )


def _meet(stage: Stage) -> None:
    """Somebody signs for each of the four organisations."""
    stage.record(
        lambda unit: [
            add_person(unit.session, name=who.name, story=who.story, invented=True, ref=who.ref) for _, who, *_ in _PARTNERS
        ]
    )
    for _, who, *_ in _PARTNERS:
        stage.record(
            lambda unit, ref=who.ref: appoint(  # type: ignore[misc]  # the loop's value is bound
                unit, authority=AUTHORITY, person=ref, role=Role.PARTNER_ORGANISATION, registrar=REGISTRAR,
                idempotency_key=stage.key(),
            )
        )  # fmt: skip


def _agreement(begins: date, today: date) -> RiskAgreement:
    own = Share(party=AUTHORITY, sort=PartySort.AUTHORITY, signatory=LEADER, loss=3_500, gain=3_500, reserve=8_000 * _POUND)
    partners = (
        Share(
            party=party, sort=PartySort.ORGANISATION, signatory=who.ref, loss=percent * 100, gain=percent * 100,
            cap=None if cap is None else cap * _POUND, reserve=reserve * _POUND,
        )
        for party, who, percent, cap, reserve in _PARTNERS
    )  # fmt: skip
    return RiskAgreement(
        agreement=REF, title="Flood during the works on Ferrybank’s quay wall",
        cause="The quay wall is rebuilt while the river is high",
        event="The river floods the works",
        effect="The works stand still, and the builders have to be paid for waiting",
        inherent=Score(likelihood=4, impact=4), residual=Score(likelihood=3, impact=3), target=Score(likelihood=2, impact=3),
        shares=(own, *partners), residual_bearer=AUTHORITY, most=20_000 * _POUND, begins=begins,
        ends=month_start(today, 6), deciders=(Role.AUTHORITY_LEADER,),
    )  # fmt: skip
