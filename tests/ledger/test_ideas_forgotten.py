"""What is held about a person of their ideas, and what goes with them when they are erased."""

import pytest
from sqlmodel import col, select

from ledger.erasing import erase_person
from ledger.kinds.erasing import Reason
from ledger.people import Role
from ledger.personal import held_about
from ledger.rounds.forgetting import TAKEN_AWAY
from ledger.rounds.ideas import Author, Idea, Photo, Revision, State, questions_of, revisions_of, seconded
from ledger.rounds.proposals import proposals_of
from ledger.rounds.shaping import add_co_author, ask_about, change, second
from tests.ledger.conftest import REGISTRAR, World
from tests.ledger.forgetting import end_role
from tests.ledger.spring import IMRAN, MABEL, REF, ROSA, WARM_ROOM, announce_to_residents, do, freeze, has_idea, kept


@pytest.fixture
def spring(world: World) -> World:
    announce_to_residents(world)
    return world


def erase(world: World, who: str) -> None:
    end_role(world, who, Role.RESIDENT)
    do(
        world,
        lambda unit: erase_person(
            unit, ref=who, reason=Reason.ASKED_BY_THE_PERSON, authority="marlmoor", registrar=REGISTRAR, idempotency_key="erase"
        ),
    )


def everything(world: World) -> str:
    with world.database.reading() as session:
        tables = (Idea, Revision, Author, Photo)
        return "".join(repr(row) for table in tables for row in session.exec(select(table)).all())


def test_what_is_held_about_a_resident_names_their_ideas_and_questions(spring: World) -> None:
    ref = has_idea(spring)
    do(spring, lambda unit: second(unit, ref=ref, by=IMRAN))
    do(spring, lambda unit: ask_about(unit, ref=ref, asked="Of oak?", by=IMRAN, idempotency_key="q"))
    with spring.database.reading() as session:
        mine = [(held.idea, held.title, held.credit) for held in held_about(session, ROSA).ideas]
        held = held_about(session, IMRAN)
    assert mine == [(ref, "Benches", "author")]
    assert (held.seconded, [(row.idea, row.asked) for row in held.questions]) == ((ref,), [(ref, "Of oak?")])


def test_an_erased_persons_drafts_and_words_go_and_what_others_wrote_stays(spring: World) -> None:
    mine, draft = has_idea(spring), has_idea(spring, words=WARM_ROOM, shared=False)
    ours = has_idea(spring, by=IMRAN, words=WARM_ROOM)
    do(spring, lambda unit: add_co_author(unit, ref=ours, other=ROSA, by=IMRAN))
    do(spring, lambda unit: second(unit, ref=ours, by=MABEL))
    do(spring, lambda unit: ask_about(unit, ref=ours, asked="Mabel’s own words?", by=MABEL, idempotency_key="q"))
    erase(spring, ROSA)
    erase_again(spring, MABEL)
    left = everything(spring)
    assert ROSA not in left
    assert "Three benches" not in left
    assert (kept(spring, mine).title, kept(spring, mine).state) == (TAKEN_AWAY, State.WITHDRAWN)
    assert kept(spring, ours).summary == WARM_ROOM.summary
    with spring.database.reading() as session:
        assert session.exec(select(Idea.ref).where(col(Idea.ref) == draft)).first() is None
        assert seconded(session, [ours]) == {ours: 1}
        assert [row.asked for row in questions_of(session, ours)] == [""]
        assert held_about(session, MABEL).seconded == ()


def erase_again(world: World, who: str) -> None:
    end_role(world, who, Role.RESIDENT)
    for _ in range(2):
        do(
            world,
            lambda unit: erase_person(
                unit, ref=who, reason=Reason.ASKED_BY_THE_PERSON, authority="marlmoor", registrar=REGISTRAR,
                idempotency_key="again",
            ),
        )  # fmt: skip


def test_what_people_voted_on_stays_without_who_brought_it(spring: World) -> None:
    ref = has_idea(spring)
    do(spring, lambda unit: change(unit, ref=ref, words=WARM_ROOM, by=ROSA))
    freeze(spring)
    erase(spring, ROSA)
    with spring.database.reading() as session:
        assert [(row.title, row.proposer) for row in proposals_of(session, REF)] == [("Warm room", "")]
        assert [row.summary for row, _ in revisions_of(session, ref)] == [WARM_ROOM.summary]
    assert ROSA not in everything(spring)
