"""A partnership's life, from the devolution to the street, by calling what anyone calls: the ledger's public functions."""

from datetime import date, timedelta

from ledger.awards import allocation_of, commit, fill_purse, give_back, give_help, pay, work
from ledger.door import reverse
from ledger.erasing import digest_in, erase_person, withdraw
from ledger.kinds.authority import Change
from ledger.kinds.deciding import Counted, Electorate
from ledger.kinds.erasing import Reason
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import appoint, claw_back, freeze, second, unfreeze
from ledger.records import Actor, Recorded
from ledger.rounds.ballots import cast
from ledger.rounds.process import Opening, close_round, open_round, ratify, refuse
from ledger.rounds.proposals import Proposal
from ledger.unit_of_work import UnitOfWork
from seeds.cast import AUTHORITY, CHIEF_FINANCE, FINANCE, LEADER, LENDERS, PAYER, REGISTRAR, SUPPLIERS, Place
from seeds.ideas import COMMON, OPEN_ROUND, Idea
from seeds.powers import HOUR, POUND, Powers, found, overruled, references, renewed
from seeds.stage import Life, Stage, month_start


def live(stage: Stage, place: Place, began: date) -> Life:
    """Eighteen months of one partnership."""
    refs = references(place)
    chair, connector = Actor(refs[place.chair], Role.CHAIR), Actor(refs[place.connector], Role.CONNECTOR)
    day = month_start(began, place.month)
    yield day
    powers = found(stage, place, day, began)
    yield day + timedelta(days=12)
    _lend_staff(stage, place, powers, day)
    yield day + timedelta(days=20)
    powers.purse = stage.record(
        lambda unit: fill_purse(
            unit, terms=powers.terms.index, resource="GBP", amount=3_000 * POUND,
            purpose="Small sums without a form", actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key=stage.key(),
        )
    )  # fmt: skip
    offset = sum(map(ord, place.slug))
    ideas = [COMMON[(offset + step * 5) % len(COMMON)] for step in range(7)]
    yield from _round(
        stage, place, chair=chair, connector=connector, opens=day + timedelta(days=40), ideas=ideas, which="first"
    )
    if place.slug == "stonecross":
        yield from _frozen(stage, powers, day + timedelta(days=130))
    yield from _help(stage, place, powers, refs[place.connector], day + timedelta(days=200))
    if place.slug == "upper-weir":
        yield from _regression(stage, powers, day + timedelta(days=250))
        yield from _forgotten(stage, place, refs[place.panel[-2]], day + timedelta(days=260))
        yield from renewed(stage, place, powers, month_start(day, 12))
    if place.second_round:
        more = [COMMON[(offset + 3 + step * 7) % len(COMMON)] for step in range(6)]
        yield from _round(
            stage, place, chair=chair, connector=connector, opens=day + timedelta(days=400), ideas=more, which="second"
        )
    if place.slug == "glodbrook":
        yield stage.today - timedelta(days=9)
        _open_round(stage, place, chair, refs)


def _lend_staff(stage: Stage, place: Place, powers: Powers, day: date) -> None:
    stage.record(
        lambda unit: second(
            unit, devolution=powers.devolution.index, organisation=LENDERS[place.district], title="Two days a week, a year",
            minutes=place.minutes // 3, begins=day, ends=month_start(day, 12), leader=LEADER, idempotency_key=stage.key(),
        )
    )  # fmt: skip


def proposals(ideas: list[Idea] | tuple[Idea, ...], place: Place) -> list[Proposal]:
    """Ideas as they stand on a ballot."""
    return [
        Proposal(
            ref="", round="", number=number, code=str(number), title=idea.title.format(spot=place.spot),
            summary=idea.summary, category=idea.category,
            objections=idea.objections, finance_comment=idea.finance_comment, cost=idea.pounds * POUND,
            minutes=idea.hours * HOUR,
        )
        for number, idea in enumerate(ideas, start=1)
    ]  # fmt: skip


def _round(
    stage: Stage, place: Place, *, chair: Actor, connector: Actor, opens: date, ideas: list[Idea], which: str
) -> Life:  # fmt: skip
    """One round: opened, voted on, closed, ratified, delivered."""
    yield opens
    row_ref = f"{place.slug}-{which}"
    opening = Opening(
        ref=row_ref, partnership=place.slug, title=f"{place.name}: {which} round", electorate=Electorate.PANEL,
        summary="Ideas from the doorstep, costed by the connector, open to everyone to read.",
        budget={"GBP": place.money * 2 // 5, TIME: place.minutes * 9 // 20}, opens_on=opens,
        closes_on=opens + timedelta(days=21),
    )  # fmt: skip
    stage.record(
        lambda unit: open_round(
            unit, opening=opening, proposals=proposals(ideas, place), actor=chair, idempotency_key=stage.key()
        )
    )
    yield opens + timedelta(days=6)
    _votes(stage, place, row_ref, len(ideas))
    yield opens + timedelta(days=20)
    result = stage.record(lambda unit: close_round(unit, round_ref=row_ref, actor=chair, idempotency_key=stage.key()))
    if (place.slug, which) == ("stonecross", "second"):
        yield opens + timedelta(days=24)
        overruled(stage, result)
        return
    yield opens + timedelta(days=27)
    decision = refuse if (place.slug, which) == ("hazel-row", "second") else ratify
    words = (
        "Two awards overlap with work the district has already ordered; bring them back without those."
        if decision is refuse
        else "Within the limits and the pot; the vote was quorate and no funds are double counted."
    )
    stage.record(
        lambda unit: decision(
            unit, round_ref=row_ref, power="Scheme of delegation, paragraph 4.2", reasons=words,
            actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key=stage.key(),
        )
    )  # fmt: skip
    if decision is ratify and isinstance(result.payload, Counted):
        yield from _deliver(stage, place, connector, result.payload.winners, opens + timedelta(days=36))


def _votes(stage: Stage, place: Place, round_ref: str, choices: int) -> None:
    refs = references(place)
    voters = [refs[name] for name in (place.chair, *place.panel)]
    for number, voter in enumerate(voters[:-1]):  # the last one never gets round to it
        chosen = frozenset(1 + (number * 3 + step * step) % choices for step in range(3 + number % 2))
        stage.record(
            lambda unit, voter=voter, chosen=chosen: cast(unit, round_ref=round_ref, voter=voter, choices=chosen)  # type: ignore[misc]  # bound as defaults
        )


def _deliver(stage: Stage, place: Place, connector: Actor, winners: tuple[str, ...], day: date) -> Life:
    """Each award is promised, paid in two halves and worked; one of them returns what it did not need."""
    for step, ref in enumerate(winners):
        yield day + timedelta(days=3 * step)
        allocation = stage.record(lambda unit, ref=ref: allocation_of(unit.session, ref))  # type: ignore[misc]  # bound
        if allocation is None:
            continue
        supplier = SUPPLIERS[(step + len(place.slug)) % len(SUPPLIERS)]
        yield from _spend(
            stage, place, connector, allocation=allocation, supplier=supplier, day=day + timedelta(days=3 * step + 5), step=step
        )


def _spend(
    stage: Stage, place: Place, connector: Actor, *, allocation: Recorded, supplier: str, day: date, step: int
) -> Life:  # fmt: skip
    money, minutes = allocation.total("GBP"), allocation.total(TIME)
    ordered = money * (9 if step == 1 else 10) // 10
    officer = Actor(PAYER, Role.FINANCE_OFFICER)

    def promise(payee: str, form: str, purpose: str, resource: str, amount: int) -> Recorded:
        return stage.record(
            lambda unit: commit(
                unit, allocation=allocation.index, payee=payee, form=form, purpose=purpose, resource=resource,
                amount=amount, actor=connector, idempotency_key=stage.key(),
            )
        )  # fmt: skip

    def settle(commitment: Recorded, amount: int, purpose: str) -> Recorded:
        return stage.record(
            lambda unit: pay(
                unit, commitment=commitment.index, amount=amount, resource="GBP", purpose=purpose, actor=officer,
                idempotency_key=stage.key(),
            )
        )  # fmt: skip

    yield day
    order = promise(supplier, "order", "Work and materials", "GBP", ordered)
    rota = promise(LENDERS[place.district], "rota", "Staff on the ground", TIME, minutes)
    yield day + timedelta(days=30)
    first = settle(order, ordered // 2, "First half")
    _work(stage, connector, rota, minutes // 2)
    if (place.slug, step) == ("tarn-lane", 0):
        yield day + timedelta(days=33)
        _pay_again_rightly(stage, first)
        settle(order, ordered // 2, "First half, to the right account")
    yield day + timedelta(days=75)
    settle(order, ordered - ordered // 2, "Second half, on completion")
    _work(stage, connector, rota, minutes - minutes // 2)
    if ordered < money:
        yield day + timedelta(days=80)
        stage.record(
            lambda unit: give_back(
                unit, allocation=allocation.index, resource="GBP", amount=money - ordered,
                reasons="The price came in lower than the vote allowed for.", actor=connector, idempotency_key=stage.key(),
            )
        )  # fmt: skip


def _work(stage: Stage, connector: Actor, rota: Recorded, minutes: int) -> None:
    stage.record(
        lambda unit: work(
            unit, commitment=rota.index, minutes=minutes, purpose="On the ground", actor=connector, idempotency_key=stage.key()
        )
    )


def _pay_again_rightly(stage: Stage, payment: Recorded) -> None:
    def undo(unit: UnitOfWork) -> Recorded:
        key = stage.key()
        reasons = "Paid from the wrong bank line; paid again the same day."
        return reverse(
            unit, index=payment.index, actor=Actor(CHIEF_FINANCE, Role.CHIEF_FINANCE_OFFICER), reasons=reasons,
            idempotency_key=key,
        )  # fmt: skip

    stage.record(undo)


def _frozen(stage: Stage, powers: Powers, day: date) -> Life:
    """A pot is stopped for three weeks, with its reason in public."""
    yield day
    stop = stage.record(
        lambda unit: freeze(
            unit, devolution=powers.devolution.index, officer=CHIEF_FINANCE, idempotency_key=stage.key(),
            reasons="An invoice names a company we cannot find. Stopped until we have.",
        )
    )  # fmt: skip
    yield day + timedelta(days=21)
    stage.record(
        lambda unit: unfreeze(
            unit, freeze=stop.index, officer=CHIEF_FINANCE, idempotency_key=stage.key(),
            reasons="The company has changed its name; its register entry was checked.",
        )
    )  # fmt: skip


def _regression(stage: Stage, powers: Powers, day: date) -> Life:
    """The authority takes something back, and has to say why where everyone reads it."""
    yield day
    stage.record(
        lambda unit: claw_back(
            unit, devolution=powers.devolution.index, resource="GBP", amount=6_000 * POUND, leader=LEADER,
            reasons="In-year savings: a part not yet allocated is taken back.", idempotency_key=stage.key(),
        )
    )  # fmt: skip


def _help(stage: Stage, place: Place, powers: Powers, connector: str, day: date) -> Life:
    """Small sums from the purse, month by month."""
    stories = (
        ("kettle-and-co", 4_500, "A family of five moved in with nothing; a kettle, bedding and a first shop."),
        ("dray-builders", 12_000, "A ramp in two days, so that somebody could come home from hospital."),
        ("tern-print", 2_250, "Bus times in large print for the sheltered flats."),
        ("marlmoor-buses", 3_600, "Six trips to dialysis while the hospital car was off the road."),
    )
    for step, (payee, pence, story) in enumerate(stories[: 2 + len(place.slug) % 3]):
        yield day + timedelta(days=24 * step)
        purse = powers.purse
        if purse is not None:
            helped = stage.record(
                lambda unit, purse=purse, payee=payee, pence=pence, story=story: give_help(  # type: ignore[misc]  # bound
                    unit, purse=purse.index, payee=payee, resource="GBP", amount=pence, story=story, connector=connector,
                    idempotency_key=stage.key(),
                )
            )  # fmt: skip
            if (place.slug, step) == ("upper-weir", 1):
                yield day + timedelta(days=24 * step + 12)
                _take_back(stage, helped)


def _take_back(stage: Stage, helped: Recorded) -> None:
    """Somebody had agreed to have their story told, and no longer does."""
    stage.record(
        lambda unit: withdraw(
            unit, digest=digest_in(unit.session, helped.index), reason=Reason.CONSENT_WITHDRAWN, registrar=REGISTRAR,
            idempotency_key=stage.key(),
        )
    )  # fmt: skip


def _forgotten(stage: Stage, place: Place, ref: str, day: date) -> Life:
    """A panel member moves away, and asks for their name to be erased."""
    yield day
    stage.record(
        lambda unit: appoint(
            unit, authority=AUTHORITY, place=place.slug, person=ref, role=Role.PANEL_MEMBER, change=Change.ENDED,
            registrar=REGISTRAR, idempotency_key=stage.key(),
        )
    )  # fmt: skip
    stage.record(
        lambda unit: erase_person(
            unit, ref=ref, reason=Reason.ASKED_BY_THE_PERSON, authority=AUTHORITY, registrar=REGISTRAR,
            idempotency_key=stage.key(),
        )
    )  # fmt: skip


def _open_round(stage: Stage, place: Place, chair: Actor, refs: dict[str, str]) -> None:
    """The round that is open now: three have voted, and two more make the quorum."""
    today = stage.today
    opening = Opening(
        ref=f"{place.slug}-open", partnership=place.slug, title=f"{place.name}: third round", electorate=Electorate.PANEL,
        summary="Eight ideas for the year ahead, costed by the connector, with what people said against them.",
        budget={"GBP": 30_000 * POUND, TIME: 400 * HOUR}, opens_on=today - timedelta(days=9),
        closes_on=today + timedelta(days=60), most_choices=4,
    )  # fmt: skip
    stage.record(
        lambda unit: open_round(
            unit, opening=opening, proposals=proposals(OPEN_ROUND, place), actor=chair, idempotency_key=stage.key()
        )
    )
    for name, chosen in zip(place.panel[:4], ({1, 2, 5}, {2, 3, 7}, {1, 5, 8, 3}, {1, 2}), strict=True):
        stage.record(
            lambda unit, name=name, chosen=frozenset(chosen): cast(  # type: ignore[misc]  # bound as defaults
                unit, round_ref=opening.ref, voter=refs[name], choices=chosen
            )
        )
