"""What people ask the registrar about their own data: it waits, is answered once, and goes with them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ledger.people import NoName, person
from ledger.personal import held_about
from ledger.subject_requests import (
    Declined,
    Request,
    What,
    ask,
    decline,
    grant_name,
    requests_by,
    take_back,
    waiting,
)
from tests.ledger.conftest import World
from tests.ledger.forgetting import BEA, end_role, erasing, forget


def asks(world: World, what: What, name: str = "") -> datetime:
    """Bea asks; on which moment the request is dated."""
    with world.unit() as unit:
        made = ask(unit, by=BEA, what=what, name=name).made
        unit.commit()
    return made


def mine(world: World) -> list[Request]:
    with world.database.reading() as session:
        return requests_by(session, BEA)


def test_a_request_waits_for_its_answer_and_asking_again_does_not_move_its_day(world: World) -> None:
    first = asks(world, What.ERASURE)
    world.today += timedelta(days=3)
    assert asks(world, What.ERASURE) == first
    assert [row.answer_by for row in mine(world)] == [first + timedelta(days=30)]
    with world.database.reading() as session:
        assert [(row.person, row.what) for row in waiting(session)] == [(BEA, "erasure")]


def test_a_name_is_corrected_to_what_the_registrar_read_and_to_nothing_else(world: World) -> None:
    asks(world, What.NAME, "  Béa\tMarsh ")
    with world.unit() as unit:
        grant_name(unit, by=BEA, name="Bea Swamp")
        unit.commit()
    with world.database.reading() as session:
        assert person(session, BEA).name == "Bea"
    with world.unit() as unit:
        grant_name(unit, by=BEA, name="Béa Marsh")
        unit.commit()
    with world.database.reading() as session:
        assert person(session, BEA).name == "Béa Marsh"
        assert waiting(session) == []


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "Bea\x00", "Bea\u202e"])
def test_what_is_no_name_is_refused(world: World, name: str) -> None:
    with pytest.raises(NoName):
        asks(world, What.NAME, name)
    assert mine(world) == []


def test_who_was_declined_reads_why_and_may_ask_again(world: World) -> None:
    asks(world, What.ERASURE)
    with world.unit() as unit:
        decline(unit, by=BEA, what=What.ERASURE, why=Declined.IN_OFFICE)
        unit.commit()
    assert [row.declined for row in mine(world)] == ["in_office"]
    with world.database.reading() as session:
        assert waiting(session) == []
        assert [held.declined for held in held_about(session, BEA).requests] == ["in_office"]
    world.today += timedelta(days=3)
    assert asks(world, What.ERASURE).date() == world.today
    assert [row.declined for row in mine(world)] == [None]


def test_a_request_can_be_taken_back_however_often(world: World) -> None:
    asks(world, What.ERASURE)
    asks(world, What.NAME, "Béa")
    for _ in range(2):
        with world.unit() as unit:
            take_back(unit, by=BEA, what=What.NAME)
            unit.commit()
    assert [row.what for row in mine(world)] == ["erasure"]


def test_an_answer_to_what_was_taken_back_does_nothing(world: World) -> None:
    with world.unit() as unit:
        decline(unit, by=BEA, what=What.ERASURE, why=Declined.NOT_SHOWN)
        grant_name(unit, by=BEA, name="Somebody Else")
        unit.commit()
    assert mine(world) == []
    with world.database.reading() as session:
        assert person(session, BEA).name == "Bea"


def test_requests_go_with_the_person(decided: World) -> None:
    asks(decided, What.ERASURE)
    end_role(decided, BEA)
    forget(decided, erasing(BEA))
    assert mine(decided) == []


@pytest.mark.parametrize(("what", "name"), [("erasure", "Bea"), ("name", ""), ("other", "")])
def test_the_database_takes_no_half_of_a_request(world: World, what: str, name: str) -> None:
    with pytest.raises(IntegrityError), world.unit() as unit:
        unit.session.add(Request(person=BEA, what=what, name=name, made=unit.now()))
        unit.session.flush()
