"""What a partnership of the demonstration rests on: roles, instrument, terms that are signed and renewed, and an override."""

from dataclasses import dataclass
from datetime import date, timedelta

from ledger.entries import tree_size
from ledger.kinds.authority import SEATS, Change
from ledger.kinds.devolving import Terms, VotingRule
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import agree_terms, appoint, devolve, override
from ledger.records import Actor, Recorded
from ledger.renewing import evidence_at
from ledger.signatures import sign_it
from seeds.cast import AUTHORITY, LEADER, REGISTRAR, Place
from seeds.stage import Life, Stage, month_start

POUND, HOUR = 100, 60
RULE = VotingRule(name="greedy", satisfaction="cost", minimum_votes=1)
LARGEST_AWARD, LONGEST_AWARD = 15_000 * POUND, 220 * HOUR


@dataclass(slots=True)
class Powers:
    """What a partnership rests on, as its life goes on."""

    devolution: Recorded
    terms: Recorded
    purse: Recorded | None = None


def references(place: Place) -> dict[str, str]:
    """Opaque references of a partnership's people, by name: the name itself stays beside the log."""
    names = (place.chair, place.connector, *place.panel)
    return {name: f"p-demo-{place.slug}-{number}" for number, name in enumerate(names)}


def found(stage: Stage, place: Place, day: date, began: date) -> Powers:
    """People take up their roles, the authority devolves, and terms of reference are agreed and signed."""
    refs = references(place)
    roles = {place.chair: Role.CHAIR, place.connector: Role.CONNECTOR}
    for name, ref in refs.items():
        role = roles.get(name, Role.PANEL_MEMBER)
        stage.record(
            lambda unit, ref=ref, role=role: appoint(  # type: ignore[misc]  # the loop's values are bound as defaults
                unit, authority=AUTHORITY, place=place.slug, person=ref, role=role, registrar=REGISTRAR,
                idempotency_key=stage.key(), change=Change.APPOINTED, resident=role in SEATS,
            )
        )  # fmt: skip
    ends = month_start(began, 30) - timedelta(days=1)
    limits = {"GBP": LARGEST_AWARD, TIME: LONGEST_AWARD}
    devolution = stage.record(
        lambda unit: devolve(
            unit, authority=AUTHORITY, partnership=place.slug, title=f"{place.name} neighbourhood instrument",
            power="Decision of the authority, minute 14; Localism Act 2011, section 1", money=place.money,
            minutes=place.minutes, limits=limits, begins=day, ends=ends, leader=LEADER, idempotency_key=stage.key(),
        )
    )  # fmt: skip
    voters = len(place.panel) + 1
    terms = stage.record(
        lambda unit: agree_terms(
            unit, devolution=devolution.index, begins=day, review_on=month_start(day, 12), sunset=ends, panel=voters,
            quorum=voters // 2 + 1, limits=limits, voting_rule=RULE, actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            idempotency_key=stage.key(), signatories=(refs[place.chair], refs[place.connector]),
        )
    )  # fmt: skip
    signed(stage, place, terms)
    return Powers(devolution, terms)


def renewed(stage: Stage, place: Place, powers: Powers, day: date) -> Life:
    """The terms end their first year: they are renewed on what the ledger itself says was decided, spent, learned, promised."""
    yield day
    refs, voters, ends = references(place), len(place.panel) + 1, month_start(day, 18) - timedelta(days=1)
    before = powers.terms.payload
    if isinstance(before, Terms):
        ends = before.sunset
    powers.terms = stage.record(
        lambda unit: agree_terms(
            unit, devolution=powers.devolution.index, begins=day, review_on=month_start(day, 6), sunset=ends, panel=voters,
            quorum=voters // 2 + 1, limits={"GBP": LARGEST_AWARD, TIME: LONGEST_AWARD}, voting_rule=RULE,
            actor=Actor(LEADER, Role.AUTHORITY_LEADER), idempotency_key=stage.key(),
            evidence=evidence_at(unit.session, place.slug, tree_size=tree_size(unit.session))[1],
            signatories=(refs[place.chair], refs[place.connector]),
        )
    )  # fmt: skip
    signed(stage, place, powers.terms)


def signed(stage: Stage, place: Place, terms: Recorded) -> None:
    """Chair and connector sign, each by their own act."""
    refs = references(place)
    for name, role in ((place.chair, Role.CHAIR), (place.connector, Role.CONNECTOR)):
        stage.record(
            lambda unit, ref=refs[name], role=role: sign_it(  # type: ignore[misc]  # the loop's values are bound
                unit, index=terms.index, actor=Actor(ref, role), idempotency_key=stage.key()
            )
        )


def overruled(stage: Stage, result: Recorded) -> None:
    """The authority sets a panel's result aside, which it can do only where everybody reads why."""
    stage.record(
        lambda unit: override(
            unit, index=result.index, leader=LEADER, idempotency_key=stage.key(),
            reasons="Two of the sites are closed for repairs to the market steps until the summer. The panel votes again then.",
        )
    )  # fmt: skip
