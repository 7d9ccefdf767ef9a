"""A panel's meeting: who counts, for the whole and for each item, and minutes that stay as they were published."""

import pytest

from ledger.errors import LedgerError
from ledger.people import Role
from ledger.powers import appoint
from ledger.rounds.declaring import declare
from ledger.rounds.meetings import (
    Meeting,
    MeetingEnded,
    NotQuorate,
    Quorum,
    attending,
    call_meeting,
    come,
    end_meeting,
    leave,
    meetings_of,
    quorums,
)
from ledger.rounds.shaping import Incomplete, NotYours
from tests.ledger.conftest import (
    CHAIR,
    FINANCE,
    MONDAY,
    PANEL,
    REGISTRAR,
    World,
    agree_on_terms,
    devolve_to_glodbrook,
    open_a_round,
)
from tests.ledger.forgetting import end_role
from tests.ledger.steps import Step

MEETING = f"glodbrook-one-{MONDAY}"


@pytest.fixture
def called(world: World) -> World:
    """A meeting is called about the first round; its quorum is three, most of them in residents' seats."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    open_a_round(world)
    do(world, lambda unit: call_meeting(unit, round_ref="glodbrook-one", on=MONDAY, agenda="1. Benches", by=CHAIR))
    return world


def do(world: World, work: Step) -> None:
    with world.unit() as unit:
        work(unit)
        unit.commit()


def refused(world: World, why: type[LedgerError], words: str, work: Step) -> None:
    with world.unit() as unit, pytest.raises(why, match=words) as refusal:
        work(unit)
    assert "{" not in refusal.value.sentence


def arrive(world: World, *people: str) -> None:
    for who in people:
        do(world, lambda unit, who=who: come(unit, meeting=MEETING, person=who, by=CHAIR))  # type: ignore[misc]  # bound


def seen(world: World, *items: str) -> tuple[Quorum, ...]:
    with world.database.reading() as session:
        return quorums(session, MEETING, items=items, on=world.today)


def test_a_meeting_is_quorate_while_enough_are_there_and_no_longer(called: World) -> None:
    arrive(called, *PANEL[:2])
    assert not seen(called)[0].met
    arrive(called, PANEL[2], PANEL[2])
    assert (seen(called)[0].there, seen(called)[0].met) == (3, True)
    do(called, lambda unit: leave(unit, meeting=MEETING, person=PANEL[0], by=PANEL[0]))
    assert (seen(called)[0].there, seen(called)[0].met) == (2, False)


def test_a_meeting_without_a_majority_of_residents_is_not_quorate(called: World) -> None:
    """Nasreen lives here; Pat has moved away, and the chair never did."""
    end_role(called, PANEL[3])
    with called.unit() as unit:
        appoint(
            unit, authority="marlmoor", place="glodbrook", person=PANEL[3], role=Role.PANEL_MEMBER, registrar=REGISTRAR,
            idempotency_key=called.key(),
        )  # fmt: skip
        unit.commit()
    arrive(called, PANEL[2], PANEL[3], CHAIR)
    assert (seen(called)[0].there, seen(called)[0].residents, seen(called)[0].met) == (3, 1, False)
    refused(
        called, NotQuorate, "more than half of them residents",
        lambda unit: end_meeting(unit, meeting=MEETING, minutes="All agreed.", by=CHAIR),
    )  # fmt: skip


def test_a_member_with_an_interest_counts_for_the_meeting_and_not_for_the_item(called: World) -> None:
    arrive(called, *PANEL[:3])
    do(called, lambda unit: declare(unit, proposal="glodbrook-one-2", what="I chair the hall.", by=PANEL[0]))
    whole, benches, room = seen(called, "glodbrook-one-1", "glodbrook-one-2")
    assert [(each.there, each.met) for each in (whole, benches, room)] == [(3, True), (3, True), (2, False)]


def test_published_minutes_and_who_was_there_stay_as_they_are(called: World) -> None:
    arrive(called, *PANEL[:3])
    refused(called, Incomplete, "Write the minutes", lambda unit: end_meeting(unit, meeting=MEETING, minutes=" ", by=CHAIR))
    do(called, lambda unit: end_meeting(unit, meeting=MEETING, minutes="Benches were discussed.", by=CHAIR))
    for work in (
        lambda unit: end_meeting(unit, meeting=MEETING, minutes="Otherwise.", by=CHAIR),
        lambda unit: come(unit, meeting=MEETING, person=PANEL[3], by=CHAIR),
        lambda unit: leave(unit, meeting=MEETING, person=PANEL[0], by=CHAIR),
        lambda unit: call_meeting(unit, round_ref="glodbrook-one", on=MONDAY, agenda="Other", by=CHAIR),
    ):
        refused(called, MeetingEnded, "its minutes are published", work)
    with called.database.reading() as session:
        assert [(row.agenda, row.minutes) for row in meetings_of(session, "glodbrook-one")] == [
            ("1. Benches", "Benches were discussed.")
        ]
        assert {row.person for row in attending(session, MEETING)} == set(PANEL[:3])


def test_the_chair_calls_and_ends_a_meeting_and_nobody_notes_another_member(called: World) -> None:
    refused(called, NotYours, "Only the chair", lambda unit: come(unit, meeting=MEETING, person=PANEL[1], by=PANEL[0]))
    refused(called, NotYours, "a panel member or chair", lambda unit: come(unit, meeting=MEETING, person=FINANCE, by=CHAIR))
    refused(called, NotYours, "Only the chair", lambda unit: end_meeting(unit, meeting=MEETING, minutes="x", by=PANEL[0]))
    refused(
        called, NotYours, "Only the chair",
        lambda unit: call_meeting(unit, round_ref="glodbrook-one", on=MONDAY, agenda="x", by=PANEL[0]),
    )  # fmt: skip
    with called.database.reading() as session:
        assert session.get_one(Meeting, MEETING).ended is None
