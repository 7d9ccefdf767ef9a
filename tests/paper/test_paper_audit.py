"""The audit of papers: dice after the log, a sample that anybody draws, each paper read once more, all of it published."""

import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ledger.ballot.sampling import drawn
from ledger.rounds.paper_audit import Audit, AuditRefused, audit_of, compare, draw
from ledger.rounds.revealing import published_files
from tests.ballot.living import REF
from tests.ledger.conftest import CHAIR
from tests.paper.hall import ANA, CAT, Hall

DICE = "4 1 6 2 5 3 3 1 2 6 4 4"


def throw(hall: Hall, dice: str = DICE, *, wrong: int = 2, clerk: str = CAT) -> Audit:
    with hall.living.world.database.unit_of_work(hall.living.world.clock, appends=False) as unit:
        audit = draw(unit, round_ref=REF, dice=dice, wrong=wrong, clerk=clerk)
        unit.commit()
    return audit


def read_again(hall: Hall, paper: int, chosen: set[int], clerk: str = CAT) -> bool:
    with hall.living.world.database.unit_of_work(hall.living.world.clock, appends=False) as unit:
        agrees = compare(unit, round_ref=REF, paper=paper, chosen=frozenset(chosen), clerk=clerk)
        unit.commit()
    return agrees


@pytest.fixture
def closed(hall: Hall) -> Hall:
    """Eight papers, all of which name benches, are in the log."""
    hall.take(range(8))
    for paper in range(1, 9):
        hall.twice(paper, {1})
    hall.living.close()
    return hall


def test_what_is_drawn_compared_and_found_is_published(closed: Hall) -> None:
    closed.living.count()
    audit = throw(closed)
    assert audit.sample == drawn(8, 2, DICE) == audit.waiting
    first, second = audit.sample[:2]
    assert read_again(closed, first, {1})
    assert not read_again(closed, second, {2})
    with closed.living.world.database.reading() as session:
        assert audit_of(session, REF).wrong == (second,)
        said = json.loads(published_files(session, REF)["audit.json"])
    assert (said["dice"], said["wrong"], said["sample"]) == ("".join(DICE.split()), 2, list(audit.sample))
    compared = {each["paper"]: each["agrees"] for each in said["compared"]}
    assert compared == {first: True, second: False}


def test_dice_are_thrown_after_the_log_and_once(hall: Hall) -> None:
    hall.take(range(3))
    with pytest.raises(AuditRefused, match="not closed"):
        throw(hall)
    for paper in (1, 2, 3):
        hall.twice(paper, {1})
    hall.living.close()
    first = throw(hall)
    assert throw(hall).sample == first.sample, "the same again changes nothing"
    with pytest.raises(AuditRefused, match="already, and stay"):
        throw(hall, "1" * 12)


def test_only_what_was_drawn_is_compared_and_what_was_found_stays(closed: Hall) -> None:
    audit = throw(closed)
    outside = next(paper for paper in range(1, 9) if paper not in audit.sample)
    with pytest.raises(AuditRefused, match="not in the sample"):
        read_again(closed, outside, {1})
    assert not read_again(closed, audit.sample[0], {2})
    with pytest.raises(AuditRefused, match="what was found stays"):
        read_again(closed, audit.sample[0], {1}, ANA)
    for statement in ("UPDATE comparison SET agrees = true", "DELETE FROM comparison", "UPDATE throw SET wrong = 1"):
        with closed.living.world.database.writer.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(statement))


def test_only_a_clerk_or_a_registrar_audits(closed: Hall) -> None:
    with pytest.raises(AuditRefused, match="neither a clerk nor a registrar"):
        throw(closed, clerk=CHAIR)
