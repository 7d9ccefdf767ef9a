"""Two authorities on one site whose names are easily mixed up: Marlmoor, and Marlmoor of Overvale.

Each has a Glodbrook and a Ferrybank, rounds in every stage at both, and one person for each role. Whatever is Overvale's says
so in its name and in its reference, so that a page can be searched for it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from ledger.database import Database
from ledger.kinds.authority import SEATS
from ledger.kinds.deciding import Electorate
from ledger.kinds.devolving import VotingRule
from ledger.kinds.risking import PartySort, RiskAgreement, Score, Share
from ledger.kinds.round_rules import Calendar
from ledger.money import TIME
from ledger.people import Role, add_person
from ledger.places import Authority, Organisation, Partnership
from ledger.powers import agree_terms, appoint, devolve, open_books, terms_at
from ledger.prototypes import Agreement, start
from ledger.records import Actor
from ledger.roles import AT_ONE_PLACE
from ledger.rounds.ballots import cast
from ledger.rounds.meetings import call_meeting
from ledger.rounds.process import Opening, announce_round, close_round, open_round, ratify
from ledger.rounds.proposals import Proposal
from ledger.rounds.shaping import Words, ask_about, share, write
from ledger.shared_risk import decide, propose, sign
from ledger.unit_of_work import UnitOfWork

NOBODY, OPERATOR = "p-nobody", "p-operator"
STAGES = ("coming", "open", "closing", "counted", "ratified")
_LIMITS = {"GBP": 1_000_000, TIME: 6_000}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two authorities: its slug, its name, and what is added to everything that is its own."""

    slug: str
    name: str
    mark: str

    @property
    def places(self) -> tuple[str, str]:
        """Its two partnerships."""
        return f"glodbrook{self.mark}", f"ferrybank{self.mark}"

    def holder(self, role: Role, place: int = 0) -> str:
        """The reference of who holds the role; of panels and chairs there is one at each place."""
        return f"p-{role.value.replace(' ', '-')}{'-2' if place else ''}{self.mark}"

    def posts(self) -> Iterator[tuple[str, Role, str | None]]:
        """Who is what where."""
        for role in Role:
            yield self.holder(role), role, self.places[0] if role in AT_ONE_PLACE else None
        for role in (Role.PANEL_MEMBER, Role.CHAIR, Role.CONNECTOR, Role.RESIDENT):
            yield self.holder(role, 1), role, self.places[1]
        yield self.local_officer, Role.FINANCE_OFFICER, self.places[0]

    @property
    def local_officer(self) -> str:
        """A finance officer for the first place alone."""
        return f"p-local-officer{self.mark}"


MARLMOOR = Side("marlmoor", "Marlmoor Combined Authority", "")
OVERVALE = Side("marlmoor-overvale", "Marlmoor Combined Authority of Overvale", "-overvale")
SIDES = (MARLMOOR, OVERVALE)


class Telling:
    """Records one thing after another, on the days that it is given."""

    def __init__(self, database: Database, today: date) -> None:
        self.database, self.today, self._keys = database, today, count(1)
        self.now = datetime.combine(today - timedelta(days=40), time(9), tzinfo=UTC)

    def key(self) -> str:
        """The next idempotency key."""
        return f"two-authorities/{next(self._keys)}"

    def turn(self, days: int) -> None:
        """Go to the day so many days before (or after) today."""
        self.now = datetime.combine(self.today + timedelta(days=days), time(9), tzinfo=UTC)

    def record(self, work: Callable[[UnitOfWork], object]) -> None:
        """One unit of work."""
        with self.database.unit_of_work(lambda: self.now) as unit:
            work(unit)
            unit.commit()


def tell_of_two(database: Database, today: date) -> None:
    """Both authorities live through forty days that end today."""
    telling = Telling(database, today)
    telling.record(_strangers)
    for side in SIDES:
        telling.record(lambda unit, side=side: _found(unit, telling, side))  # type: ignore[misc]  # the loop's value is bound
        telling.record(lambda unit, side=side: _devolve(unit, telling, side))  # type: ignore[misc]  # the loop's value is bound
    telling.turn(-20)
    for side in SIDES:
        telling.record(lambda unit, side=side: _open(unit, telling, side))  # type: ignore[misc]  # the loop's value is bound
    for side in SIDES:
        telling.record(lambda unit, side=side: _try(unit, telling, side))  # type: ignore[misc]  # the loop's value is bound
    telling.turn(-10)
    for side in SIDES:
        telling.record(lambda unit, side=side: _count(unit, telling, side))  # type: ignore[misc]  # the loop's value is bound
        telling.record(lambda unit, side=side: _share_risks(unit, telling, side))  # type: ignore[misc]  # the loop's value is bound


def _strangers(unit: UnitOfWork) -> None:
    add_person(unit.session, name="Nora Nobody", ref=NOBODY, invented=True)
    add_person(unit.session, name="Jo Penhale", ref=OPERATOR, invented=True)


def _found(unit: UnitOfWork, telling: Telling, side: Side) -> None:
    town = side.mark.removeprefix("-").title() or "Marlmoor"
    for ref, role, place in side.posts():
        at = f" at {place.partition('-')[0].title()}" if place else ""
        add_person(unit.session, name=f"{role.value.title()}{at} of {town} ({ref})", ref=ref, invented=True)
    open_books(
        unit,
        authority=Authority(slug=side.slug, name=side.name, currency="GBP", demonstration=True),
        registrar=side.holder(Role.REGISTRAR),
        operator=OPERATOR,
        idempotency_key=telling.key(),
    )
    for slug in side.places:
        name = slug.title().replace("-", " in ")
        unit.session.add(Partnership(slug=slug, authority=side.slug, name=name))
    unit.session.add(Organisation(slug=f"spade{side.mark}", name=f"Green Spade{side.mark}"))
    unit.session.flush()
    for ref, role, place in side.posts():
        if role is not Role.REGISTRAR:
            appoint(
                unit, authority=side.slug, place=place, person=ref, role=role, registrar=side.holder(Role.REGISTRAR),
                idempotency_key=telling.key(), resident=role in SEATS,
            )  # fmt: skip


def _devolve(unit: UnitOfWork, telling: Telling, side: Side) -> None:
    leader = side.holder(Role.AUTHORITY_LEADER)
    begins, ends = unit.today(), unit.today() + timedelta(days=300)
    for number, place in enumerate(side.places):
        devolve(  # the chair has not signed this one
            unit, authority=side.slug, partnership=place, title=f"Keys of {place}", power=f"Minute 13{side.mark}", money=1,
            minutes=0, limits={"GBP": 1}, begins=begins, ends=ends, leader=leader, idempotency_key=telling.key(),
            signatories=(side.holder(Role.CHAIR, number),),
        )  # fmt: skip
        devolution = devolve(
            unit, authority=side.slug, partnership=place, title=f"Instrument of {place}", power=f"Minute 14{side.mark}",
            money=9_000_000, minutes=60_000, limits=_LIMITS, begins=begins, ends=ends, leader=leader,
            idempotency_key=telling.key(),
        )  # fmt: skip
        agree_terms(
            unit, devolution=devolution.index, begins=begins, review_on=ends, sunset=ends, panel=2, quorum=1, limits=_LIMITS,
            voting_rule=VotingRule(minimum_votes=1), actor=Actor(leader, Role.AUTHORITY_LEADER), idempotency_key=telling.key(),
        )  # fmt: skip


def _open(unit: UnitOfWork, telling: Telling, side: Side) -> None:
    today = telling.today
    days = {
        "coming": (5, 20), "open": (-20, 10), "closing": (-20, -1), "counted": (-20, -10), "ratified": (-20, -10),
    }  # fmt: skip
    registrar = Actor(side.holder(Role.REGISTRAR), Role.REGISTRAR)
    for place in side.places:
        for stage in STAGES:
            opens, closes = (today + timedelta(days=number) for number in days[stage])
            opening = Opening(
                ref=f"{place}-{stage}", partnership=place, title=f"Round of {place}, {stage}", summary=f"For {place}.",
                budget={"GBP": 800_000, TIME: 6_000}, opens_on=opens, closes_on=closes, electorate=Electorate.PANEL,
                most_choices=2,
            )  # fmt: skip
            proposals = [
                Proposal(
                    ref="", round="", number=number, code=str(number), title=f"{title} for {place}", cost=cost, minutes=600
                )
                for number, (title, cost) in enumerate((("Benches", 400_000), ("Warm room", 900_000)), start=1)
            ]
            open_round(unit, opening=opening, proposals=proposals, actor=registrar, idempotency_key=telling.key())
        _gather(unit, telling, side, place)


def _gather(unit: UnitOfWork, telling: Telling, side: Side, place: str) -> None:
    """A round that gathers ideas: two were shared, of which the first was asked about."""
    days = [telling.today + timedelta(days=number) for number in (-20, 10, 20, 40, 50, 60, 150, 200)]
    names = (
        "ideas_on", "shaping_on", "deliberation_on", "counted_by", "ratified_by", "delivering_on", "reflected_on", "closed_on",
    )  # fmt: skip
    opening = Opening(
        ref=f"{place}-ideas", partnership=place, title=f"Round of {place}, ideas", summary=f"For {place}.",
        budget={"GBP": 800_000, TIME: 6_000}, opens_on=telling.today + timedelta(days=30),
        closes_on=telling.today + timedelta(days=38), electorate=Electorate.PANEL,
        calendar=Calendar.model_validate(dict(zip(names, days, strict=True))),
    )  # fmt: skip
    registrar = Actor(side.holder(Role.REGISTRAR), Role.REGISTRAR)
    announce_round(unit, opening=opening, actor=registrar, idempotency_key=telling.key())
    writer = side.holder(Role.RESIDENT, side.places.index(place))
    for title in ("Benches", "A bench"):
        words = Words(
            title=f"{title} for {place}", summary="By the brook.", cost=400_000, minutes=60, theme="parks", spot=(9, 9)
        )
        idea = write(unit, round_ref=opening.ref, words=words, by=writer, idempotency_key=telling.key())
        share(unit, ref=idea.ref, by=writer)
    ask_about(unit, ref=f"{opening.ref}-1", asked="Of oak?", by=NOBODY, idempotency_key=f"question-{place}")


def _meet(unit: UnitOfWork, side: Side, number: int) -> None:
    """A meeting about the open round is called for the first day of the year."""
    on, chair = date(2026, 1, 1), side.holder(Role.CHAIR, number)
    call_meeting(unit, round_ref=f"{side.places[number]}-open", on=on, agenda="1. Benches", by=chair)


def _try(unit: UnitOfWork, telling: Telling, side: Side) -> None:
    """A prototype at each place that waits for its decision today."""
    for number, place in enumerate(side.places):
        live = terms_at(unit.session, place, on=unit.today())
        assert live is not None
        agreement = Agreement(
            title=f"Visits in {place}", power=f"Help without a form{side.mark}", money=100_000, minutes=600, risk_share=5_000,
            risk_cap=50_000, leaders=(side.holder(Role.PANEL_MEMBER, number),), hypothesis=f"It is sooner in {place}.",
            learning_on=telling.today - timedelta(days=1), ends=telling.today + timedelta(days=30),
        )  # fmt: skip
        start(
            unit, terms=live.entry.index, agreement=agreement, leader=side.holder(Role.AUTHORITY_LEADER),
            idempotency_key=telling.key(),
        )  # fmt: skip


def _count(unit: UnitOfWork, telling: Telling, side: Side) -> None:
    registrar = Actor(side.holder(Role.REGISTRAR), Role.REGISTRAR)
    for number, place in enumerate(side.places):
        _meet(unit, side, number)
        for stage in STAGES[1:]:
            cast(unit, round_ref=f"{place}-{stage}", voter=side.holder(Role.PANEL_MEMBER, number), choices=frozenset({1}))
        for stage in ("counted", "ratified"):
            close_round(unit, round_ref=f"{place}-{stage}", actor=registrar, idempotency_key=telling.key())
        ratify(
            unit, round_ref=f"{place}-ratified", power=f"Delegation{side.mark}", reasons=f"As voted in {place}.",
            actor=Actor(side.holder(Role.FINANCE_OFFICER), Role.FINANCE_OFFICER), idempotency_key=telling.key(),
        )  # fmt: skip


def _share_risks(unit: UnitOfWork, telling: Telling, side: Side) -> None:
    """At each place one risk that waits for signatures, and one that is signed and accepted."""
    leader = Actor(side.holder(Role.AUTHORITY_LEADER), Role.AUTHORITY_LEADER)
    partner = Actor(side.holder(Role.PARTNER_ORGANISATION), Role.PARTNER_ORGANISATION)
    parties = ((side.slug, PartySort.AUTHORITY, leader), (f"spade{side.mark}", PartySort.ORGANISATION, partner))
    for place in side.places:
        for ref in (f"{place}-waiting", f"{place}-risk"):
            agreement = RiskAgreement(
                agreement=ref, title=f"Flood at {place}", cause="Rain", event="A flood", effect="Works stop",
                inherent=Score(likelihood=4, impact=4), residual=Score(likelihood=3, impact=3),
                target=Score(likelihood=2, impact=2), residual_bearer=side.slug, most=100_000, begins=unit.today(),
                ends=telling.today + timedelta(days=100), deciders=(Role.AUTHORITY_LEADER,),
                shares=tuple(
                    Share(party=party, sort=sort, signatory=who.person, loss=5_000, gain=5_000, reserve=50_000)
                    for party, sort, who in parties
                ),
            )  # fmt: skip
            propose(unit, authority=side.slug, place=place, agreement=agreement, actor=leader, idempotency_key=telling.key())
        for party, _, who in parties:
            sign(unit, agreement=f"{place}-risk", party=party, actor=who, idempotency_key=telling.key())
        decide(
            unit, agreement=f"{place}-risk", outcome="accepted", harm_of_acting="Mud", harm_of_not_acting="No path",
            acting=Score(likelihood=2, impact=2), not_acting=Score(likelihood=4, impact=4), reasons=f"Needed in {place}.",
            actor=leader, idempotency_key=telling.key(),
        )  # fmt: skip
