"""Attempts are counted in the database: of one who asks, for one thing, in one span of time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from ledger.credentials.attempts import Attempt, Limit, count
from ledger.database import Database
from tests.ledger.conftest import World

MOMENT = datetime(2026, 3, 2, 10, 7, tzinfo=UTC)
THREE = Limit("a letter", most=3, minutes=15)


def tried(database: Database, who: str, *, at: datetime = MOMENT, limit: Limit = THREE, key: str = "key") -> timedelta | None:
    with database.unit_of_work(lambda: at, appends=False) as unit:
        wait = count(unit, limit, who, key=key)
        unit.commit()
    return wait


def test_the_fourth_time_is_one_too_many_until_the_span_is_over(world: World) -> None:
    assert [tried(world.database, "bea@example.org") for _ in range(3)] == [None, None, None]
    assert tried(world.database, "bea@example.org") == timedelta(minutes=8)
    assert tried(world.database, "owen@example.org") is None
    assert tried(world.database, "bea@example.org", limit=Limit("a code", most=3, minutes=15)) is None
    assert tried(world.database, "bea@example.org", at=MOMENT + timedelta(minutes=8)) is None


def test_of_those_who_try_at_once_no_more_get_through_than_may(world: World) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: tried(world.database, "bea@example.org"), range(24)))
    assert sum(wait is None for wait in waits) == 3


def test_nobody_who_asked_can_be_named_from_the_table_and_what_is_over_is_cleared_away(world: World) -> None:
    tried(world.database, "bea@example.org")
    tried(world.database, "bea@example.org", key="another key")
    with world.database.reading() as session:
        rows = session.exec(select(Attempt)).all()
    assert len({row.digest for row in rows}) == 2
    assert all("bea" not in row.digest for row in rows)
    tried(world.database, "owen@example.org", at=MOMENT + timedelta(hours=1))
    with world.database.reading() as session:
        assert len(session.exec(select(Attempt)).all()) == 1
