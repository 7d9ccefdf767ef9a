"""Sessions are rows: a token opens one until it ends, and ending it ends every copy."""

from datetime import timedelta

import pytest
from sqlmodel import select

from ledger.credentials.tokens import Purpose, digest_of, new_token
from ledger.credentials.visits import (
    NotLetIn,
    Visit,
    Way,
    bar,
    begin_visit,
    end_one,
    end_others,
    end_visit,
    note_use,
    unbar,
    visit_of,
    visits_of,
)
from tests.ledger.conftest import FINANCE, World
from tests.ledger.forgetting import BEA, end_role, erasing, forget

HOURS, IDLE = timedelta(hours=12), timedelta(hours=4)


def begin(world: World, person: str = BEA, *, instead_of: str | None = None) -> str:
    with world.unit() as unit:
        token = begin_visit(unit, person=person, way=Way.LINK, device="Firefox", lasts=HOURS, instead_of=instead_of)
        unit.commit()
    return token


def who(world: World, token: str, *, after: timedelta = timedelta()) -> str | None:
    with world.database.reading() as session:
        found = visit_of(session, token, idle=IDLE, now=world.clock() + after)
        return found.person if found is not None else None


def test_a_token_opens_its_session_and_no_other_text_does(world: World) -> None:
    token = begin(world)
    assert who(world, token) == BEA
    assert [who(world, other) for other in ("", token[:-1], token + "=", new_token(), "\ud800")] == [None] * 5


def test_only_the_digest_of_a_token_is_kept_and_it_holds_256_bits(world: World) -> None:
    token = begin(world)
    with world.database.reading() as session:
        row = session.exec(select(Visit)).one()
    assert row.digest == digest_of(Purpose.SESSION, token)
    assert token not in str(row.model_dump())
    assert len(token) == 43  # 256 bits in base64
    assert len({new_token() for _ in range(1000)}) == 1000


def test_a_token_is_bound_to_what_it_was_made_for() -> None:
    assert len({digest_of(purpose, "one and the same") for purpose in Purpose}) == len(Purpose)


def test_a_session_ends_by_its_age_and_by_being_left_alone(world: World) -> None:
    token = begin(world)
    assert who(world, token, after=IDLE - timedelta(seconds=1)) == BEA
    assert who(world, token, after=IDLE) is None
    world.today += timedelta(days=1)
    assert who(world, token) is None
    fresh = begin(world)
    with world.database.reading() as session:
        assert [row.digest for row in session.exec(select(Visit))] == [digest_of(Purpose.SESSION, fresh)]


def test_use_keeps_a_session_open_but_never_beyond_its_end(world: World) -> None:
    token = begin(world)
    start = world.clock()
    for hour in (3, 6, 9, 11):
        moment = start + timedelta(hours=hour)
        with world.database.unit_of_work(lambda moment=moment: moment) as unit:  # type: ignore[misc]  # the loop's value is bound
            note_use(unit, digest_of(Purpose.SESSION, token))
            unit.commit()
        assert who(world, token, after=timedelta(hours=hour)) == BEA
    assert who(world, token, after=HOURS) is None


def test_signing_out_ends_every_copy_and_signing_in_ends_the_one_before(world: World) -> None:
    first = begin(world)
    second = begin(world, instead_of=first)
    assert (who(world, first), who(world, second)) == (None, BEA)
    with world.unit() as unit:
        end_visit(unit, token=second)
        unit.commit()
    assert who(world, second) is None


def test_one_ends_ones_own_sessions_and_nobody_elses(world: World) -> None:
    mine, other, officers = begin(world), begin(world), begin(world, FINANCE)
    with world.unit() as unit:
        end_one(unit, person=BEA, digest=digest_of(Purpose.SESSION, officers))
        end_others(unit, person=BEA, but=digest_of(Purpose.SESSION, mine))
        unit.commit()
    assert [who(world, token) for token in (mine, other, officers)] == [BEA, None, FINANCE]
    with world.database.reading() as session:
        assert [row.device for row in visits_of(session, BEA, idle=IDLE, now=world.clock())] == ["Firefox"]


def test_whoever_is_barred_is_out_at_once_and_stays_out_until_let_in_again(world: World) -> None:
    token = begin(world)
    with world.unit() as unit:
        bar(unit, person=BEA)
        bar(unit, person=BEA)
        unit.commit()
    assert who(world, token) is None
    with pytest.raises(NotLetIn, match="cannot sign in here any more"):
        begin(world)
    with world.unit() as unit:
        unbar(unit, person=BEA)
        unit.commit()
    assert who(world, token) is None
    assert who(world, begin(world)) == BEA


def test_a_row_that_a_backup_brought_back_lets_nobody_in_who_is_barred_or_erased(world: World) -> None:
    token, other = begin(world), begin(world, "p-owen")
    with world.database.reading() as session:
        kept = [row.model_dump() for row in session.exec(select(Visit))]
    end_role(world, "p-owen")
    forget(world, erasing("p-owen"))
    with world.unit() as unit:
        bar(unit, person=BEA)
        unit.session.add_all(Visit(**row) for row in kept)
        unit.commit()
    assert (who(world, token), who(world, other)) == (None, None)


def test_whoever_is_erased_is_out_at_once(world: World) -> None:
    token = begin(world)
    end_role(world, BEA)
    forget(world, erasing(BEA))
    assert who(world, token) is None
    with pytest.raises(NotLetIn):
        begin(world)
