"""Two rounds of the demonstration: Millrace gathers ideas for its next one, and Northgate Quay has voted by secret ballot.

Keys and codes of the secret round are made here, used once and kept nowhere: what is published is all that is left of it.
"""

from dataclasses import replace
from datetime import date, timedelta

from nacl.signing import SigningKey

from ledger.ballot.codes import credential, new_code, roll_mark
from ledger.ballot.opening import open_box
from ledger.ballot.sealing import new_holder, public_part
from ledger.kinds.authority import Change
from ledger.kinds.deciding import Electorate
from ledger.kinds.round_rules import Calendar, Cap
from ledger.money import TIME
from ledger.people import Role, add_person
from ledger.powers import appoint
from ledger.records import Actor
from ledger.rounds.casting import cast_with_code, mark
from ledger.rounds.declaring import declare
from ledger.rounds.freezing import Drafted, draft_rules
from ledger.rounds.meetings import call_meeting, come, end_meeting
from ledger.rounds.process import Opening, announce_round, open_round, ratify
from ledger.rounds.revealing import box_of, count_openings, seal_waiting
from ledger.rounds.roll import load_roll, set_up
from ledger.rounds.shaping import OnBehalf, Words, add_co_author, answer, ask_about, comment, merge, second, share, write
from ledger.unit_of_work import UnitOfWork
from seeds.cast import AUTHORITY, FINANCE, PLACES, REGISTRAR, Place
from seeds.ideas import COMMON
from seeds.lives import proposals
from seeds.powers import HOUR, POUND, references
from seeds.stage import Life, Stage

RESIDENTS = {
    "p-demo-millrace-cora": ("Cora Wexler", "Lives in Millrace: writes and seconds ideas."),
    "p-demo-millrace-emeka": ("Emeka Strand", "Lives in Millrace: tells the connector his ideas."),
}
CORA, EMEKA = RESIDENTS
GATHERING, SECRET = "millrace-spring", "northgate-quay-residents"
CODES, CAST = 60, 47
_MARKS = ({1, 2}, {2, 4}, {1, 5}, {2, 3, 5}, {4}, {1, 2, 6}, {2, 5})


def gathering(stage: Stage) -> Life:
    """Millrace's next round: announced, ideas written and shared, asked about and commented on; its rules can still change."""
    place = next(place for place in PLACES if place.slug == "millrace")
    refs, today = references(place), stage.today
    chair, connector, member = refs[place.chair], refs[place.connector], refs[place.panel[0]]
    yield today - timedelta(days=30)
    stage.record(lambda unit: _residents(unit, stage))
    stage.record(lambda unit: _announce(unit, stage, place, Actor(chair, Role.CHAIR)))
    stage.record(lambda unit: _announce_beside(unit, stage))
    yield today - timedelta(days=24)
    _written(stage, connector)
    yield today - timedelta(days=14)
    _talked_about(stage, connector, member)
    yield today - timedelta(days=7)
    meeting = stage.record(lambda unit: _meet(unit, chair))
    for who in (chair, *(refs[name] for name in place.panel[:4])):
        stage.record(lambda unit, who=who: come(unit, meeting=meeting, person=who, by=who))  # type: ignore[misc]  # bound
    minutes = "The ideas were read out. The panel asks for a price for the tool shed, and meets again before the vote."
    stage.record(lambda unit: end_meeting(unit, meeting=meeting, minutes=minutes, by=chair))


def _residents(unit: UnitOfWork, stage: Stage) -> None:
    for ref, (name, story) in RESIDENTS.items():
        add_person(unit.session, name=name, story=story, invented=True, ref=ref)
        appoint(
            unit, authority=AUTHORITY, place="millrace", person=ref, role=Role.RESIDENT, registrar=REGISTRAR,
            idempotency_key=stage.key(), change=Change.APPOINTED,
        )  # fmt: skip


def _announce_beside(unit: UnitOfWork, stage: Stage) -> None:
    """Tarn Lane votes on the same days, on its own pot."""
    lane = next(place for place in PLACES if place.slug == "tarn-lane")
    opening = replace(
        _opening(stage.today, lane), ref="tarn-lane-spring", title="Tarn Lane: ideas for the spring",
        summary="One lane, three estates: what would you mend first?", budget={"GBP": 9_000 * POUND, TIME: 120 * HOUR},
    )  # fmt: skip
    announce_round(unit, opening=opening, actor=Actor(references(lane)[lane.chair], Role.CHAIR), idempotency_key=stage.key())


def _announce(unit: UnitOfWork, stage: Stage, place: Place, chair: Actor) -> None:
    announce_round(unit, opening=_opening(stage.today, place), actor=chair, idempotency_key=stage.key())
    caps = (Cap(on="theme", name="youth", at_least_percent=25),)
    draft_rules(unit, round_ref=GATHERING, drafted=Drafted(most_choices=3, caps=caps))


def _opening(today: date, place: Place) -> Opening:

    def day(number: int) -> date:
        return today + timedelta(days=number)

    calendar = Calendar(
        ideas_on=day(-30), shaping_on=day(-5), deliberation_on=day(16), counted_by=day(46), ratified_by=day(60),
        delivering_on=day(61), reflected_on=day(240), closed_on=day(270),
    )  # fmt: skip
    return Opening(
        ref=GATHERING, partnership=place.slug, title="Millrace: ideas for the spring",
        summary="What would make the yard, the market and the lane better? Write it down, or tell the connector.",
        budget={"GBP": 12_000 * POUND, TIME: 160 * HOUR}, opens_on=day(23), closes_on=day(44), electorate=Electorate.PANEL,
        calendar=calendar, joint="Marlmoor in spring",
    )  # fmt: skip


def _written(stage: Stage, connector: str) -> None:
    told = OnBehalf(resident=EMEKA, consent="On the market steps; it was read back to him and he agreed.")
    ideas = (
        (CORA, None, Words(title="A tool shed in Sluice Yard", summary="Ladders, drills and a mower for the yard to borrow.",
                           cost=2_400 * POUND, minutes=30 * HOUR, theme="meeting", spot=(420, 610))),
        (CORA, None, Words(title="Benches by the mill race", summary="Three, with backs, facing the water.",
                           cost=3_300 * POUND, minutes=8 * HOUR, theme="parks", spot=(655, 340))),
        (connector, told, Words(title="Homework club on Tuesdays", summary="A warm room, two tutors, and something to eat.",
                                cost=4_100 * POUND, minutes=70 * HOUR, theme="youth", spot=(300, 520))),
        (connector, told, Words(title="Somewhere to sit in the yard", summary="A bench would do.",
                                cost=900 * POUND, minutes=4 * HOUR, theme="parks", spot=(430, 600))),
    )  # fmt: skip
    for by, resident, words in ideas:
        idea = stage.record(
            lambda unit, by=by, resident=resident, words=words: (
                write(  # type: ignore[misc]  # the loop's values are bound
                    unit, round_ref=GATHERING, words=words, by=by, idempotency_key=stage.key(), for_=resident
                ).ref
            )
        )
        stage.record(lambda unit, idea=idea, by=by: share(unit, ref=idea, by=by).ref)  # type: ignore[misc]  # bound


def _talked_about(stage: Stage, connector: str, member: str) -> None:
    shed, benches, club, seat = (f"{GATHERING}-{number}" for number in (1, 2, 3, 4))
    stage.record(lambda unit: merge(unit, ref=seat, into=benches, by=connector).ref)
    stage.record(lambda unit: add_co_author(unit, ref=shed, other=EMEKA, by=CORA))
    for ref, by in ((club, CORA), (benches, member), (club, member)):
        stage.record(lambda unit, ref=ref, by=by: second(unit, ref=ref, by=by))  # type: ignore[misc]  # bound
    question = stage.record(
        lambda unit: ask_about(unit, ref=shed, asked="Who keeps the key?", by=member, idempotency_key=stage.key()).ref
    )
    said = "The café at the gate, until nine in the evening."
    stage.record(lambda unit: answer(unit, question=question, said=said, by=CORA).ref)
    stage.record(
        lambda unit: comment(
            unit, ref=club, by=FINANCE, feasibility="The school lets the room, so it can begin in a month.",
            finance="The price stands. Tutors are paid by the hour, so what is not used comes back.",
        ).ref
    )  # fmt: skip
    stage.record(lambda unit: declare(unit, proposal=club, what="My sister is one of the tutors.", by=member).what)


def _meet(unit: UnitOfWork, chair: str) -> str:
    agenda = "1. The ideas so far\n2. What a tool shed costs\n3. Interests"
    return call_meeting(unit, round_ref=GATHERING, on=unit.today(), agenda=agenda, by=chair).ref


def secret(stage: Stage) -> Life:
    """Northgate Quay's residents vote with codes; two of three keyholders open the ballots, and the result is ratified."""
    place = next(place for place in PLACES if place.slug == "northgate-quay")
    chair, opens = Actor(references(place)[place.chair], Role.CHAIR), stage.today - timedelta(days=75)
    holders, key = (new_holder(0), new_holder(1), new_holder(2)), SigningKey.generate()
    codes = [new_code() for _ in range(CODES)]
    yield opens
    ideas = [COMMON[number] for number in (0, 3, 4, 7, 8, 10)]
    opening = Opening(
        ref=SECRET, partnership=place.slug, title="Northgate Quay: the residents’ round", electorate=Electorate.RESIDENTS,
        summary="Everybody who lives on the Quay has a vote, by a code in a letter, and nobody can see who chose what.",
        budget={"GBP": 18_000 * POUND, TIME: 200 * HOUR}, opens_on=opens, closes_on=opens + timedelta(days=30), most_choices=3,
    )  # fmt: skip
    stage.record(
        lambda unit: (
            open_round(unit, opening=opening, proposals=proposals(ideas, place), actor=chair, idempotency_key=stage.key()).ref
        )
    )
    stage.record(
        lambda unit: set_up(
            unit, round_ref=SECRET, keyholders=tuple(map(public_part, holders)), promises=bytes(key.verify_key).hex(),
            rerun_at=3, backups_end=opens + timedelta(days=60),
        ).round
    )  # fmt: skip
    marks = sorted(roll_mark(SECRET, credential(SECRET, code)) for code in codes)
    stage.record(lambda unit: load_roll(unit, round_ref=SECRET, marks=marks))
    for first, last in ((0, 25), (25, CAST)):
        yield opens + timedelta(days=8 if first == 0 else 21)
        for number in range(first, last):
            stage.record(lambda unit, number=number: _cast(unit, codes[number], number, key))  # type: ignore[misc]  # bound
        stage.record(lambda unit: len(seal_waiting(unit, round_ref=SECRET, actor=chair)))
    yield opens + timedelta(days=31)
    stage.record(lambda unit: len(seal_waiting(unit, round_ref=SECRET, actor=chair, closing=True)))
    yield opens + timedelta(days=33)
    box = stage.record(lambda unit: box_of(unit.session, SECRET))
    stage.record(lambda unit: count_openings(unit, openings=open_box(box, holders[0], holders[2]), actor=chair))
    yield opens + timedelta(days=40)
    stage.record(
        lambda unit: ratify(
            unit, round_ref=SECRET, power="Scheme of delegation, paragraph 4.2", actor=Actor(FINANCE, Role.FINANCE_OFFICER),
            reasons="Within the limits and the pot; the published files were counted again and come to the same.",
            idempotency_key=stage.key(),
        )
    )  # fmt: skip


def _cast(unit: UnitOfWork, code: str, number: int, key: SigningKey) -> str:
    chosen, digits = frozenset(_MARKS[number % len(_MARKS)]), f"{(number * 7_919) % 1_000_000:06d}"
    ballot = mark(unit.session, round_ref=SECRET, chosen=chosen, digits=digits)
    return str(cast_with_code(unit, code=code, ballot=ballot, key=key))
