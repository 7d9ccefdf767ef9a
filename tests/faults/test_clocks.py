"""Clocks that jump: the log's own time never goes back, and the day of each rule stays the day of its entry."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from ledger.entries import Entry
from ledger.kinds.devolving import TermsNotLive
from tests.faults.conftest import Street
from tests.faults.crews import Order, carry_out, record
from tests.ledger.conftest import MONDAY, SUNSET

THREE_DAYS = timedelta(days=3)


def moments(street: Street) -> list[tuple[str, str]]:
    """When each entry was recorded and when it took effect, in the order of the log."""
    with street.world.database.reading() as session:
        rows = session.exec(select(col(Entry.recorded_at), col(Entry.effective_on)).order_by(col(Entry.index))).all()
    return [(moment.isoformat(), day.isoformat()) for moment, day in rows]


def help_on(street: Street, purse: int, days: timedelta) -> tuple[str, str]:
    """Help is recorded with the clock so far from Monday; returns the entry's moment and day."""
    street.world.today = MONDAY + days
    answer = carry_out(street.world, Order("help", purse, 1, street.world.key()))
    assert answer.index == len(moments(street)) - 1, answer.refusal
    return moments(street)[-1]


@pytest.mark.parametrize("jump", [-THREE_DAYS, THREE_DAYS, 100 * THREE_DAYS])
def test_the_logs_time_never_goes_back_whichever_way_the_clock_jumps(street: Street, jump: timedelta) -> None:
    purse = street.purse_of(100)
    before = help_on(street, purse, timedelta())
    jumped = help_on(street, purse, jump)
    back = help_on(street, purse, timedelta())
    on = help_on(street, purse, max(jump, timedelta()) + timedelta(days=1))
    assert before[0].startswith("2026-03-02T10:00:00")
    assert jumped == (before if jump < timedelta() else moments(street)[-3])
    assert back == max(before, jumped)  # the log's last moment holds until the clock has reached it
    assert on > back
    assert moments(street) == sorted(moments(street))
    assert all(moment[:10] == day for moment, day in moments(street))
    street.recorded("key-")


def test_a_decision_by_a_clock_set_back_is_of_the_logs_day_and_rests_on_what_was_decided_before(street: Street) -> None:
    """On Thursday the panel's terms are agreed anew; the clock then says Monday, when they did not exist."""
    street.world.today = MONDAY + THREE_DAYS
    purse = street.purse_of(100)
    street.world.today = MONDAY
    later = street.purse_of(100)
    assert purse < later
    assert help_on(street, later, timedelta())[1] == (MONDAY + THREE_DAYS).isoformat()
    street.recorded("key-")


def test_after_a_sunset_a_clock_set_back_does_not_bring_the_terms_back(street: Street) -> None:
    purse = street.purse_of(100)
    help_on(street, purse, SUNSET - MONDAY + timedelta(days=1))  # what was in the purse may still be given
    street.world.today = SUNSET - THREE_DAYS
    size = street.world.size()
    with pytest.raises(TermsNotLive):
        street.purse_of(100)
    assert street.world.size() == size
    street.recorded("key-")


def test_within_one_unit_of_work_a_clock_that_jumps_is_asked_once(street: Street) -> None:
    purse = street.purse_of(100)
    clock = iter([street.world.clock() + THREE_DAYS, street.world.clock() - THREE_DAYS])
    with street.world.database.unit_of_work(lambda: next(clock)) as unit:
        first = record(unit, Order("help", purse, 1, "jump-1"))
        second = record(unit, Order("help", purse, 1, "jump-2"))
        unit.commit()
    assert first.recorded_at == second.recorded_at == street.world.clock() + THREE_DAYS
    assert street.recorded("jump-") == {"jump-1": first.index, "jump-2": second.index}
