"""Units of work that do not end as they began: what they leave behind, in the log and in what a process remembers."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice

import pytest
from sqlalchemy.exc import DBAPIError

from ledger.database import open_database
from ledger.door import post, post_many
from ledger.faults import DatabaseReadOnly, in_words
from ledger.kinds.awarding import NotPromised
from ledger.records import Draft
from tests.faults.conftest import Street
from tests.faults.crews import Order, carry_out, record
from tests.faults.drafts import pennies
from tests.ledger.steps import committed, promising

DAY = timedelta(days=1)


@pytest.mark.parametrize("ended", ["committed", "taken back"])
def test_a_unit_that_goes_on_asks_the_clock_again(street: Street, ended: str) -> None:
    """Between its two halves somebody else records help a day later: the second half may not look earlier than that."""
    purse = street.purse_of(100)
    with street.world.unit() as unit:
        record(unit, Order("help", purse, 1, "unit-1"))
        unit.commit() if ended == "committed" else unit.roll_back()
        street.world.today += DAY
        assert carry_out(street.world, Order("help", purse, 1, "unit-2")).index is not None
        late = record(unit, Order("help", purse, 1, "unit-3"))
        unit.commit()
    assert late.recorded_at == street.world.clock()
    assert list(street.recorded("unit-")) == ["unit-1", "unit-2", "unit-3"][ended == "taken back" :]


def test_a_lock_that_sqlite_refuses_to_give_is_a_fault_in_words(sqlite_url: str) -> None:
    """The one connection of the pool was made read-only by whoever had it before."""
    database = open_database(sqlite_url)
    database.upgrade()
    with database.writer.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("PRAGMA query_only=ON")
    with database.unit_of_work() as unit, pytest.raises(DBAPIError) as fault:
        unit.head()
    assert isinstance(in_words(fault.value), DatabaseReadOnly)
    database.dispose()


def cut_off(drafts: Iterator[Draft], after: int) -> Iterator[Draft]:
    """The first of them; then the file they come from cannot be read on."""
    yield from islice(drafts, after)
    raise OSError("the file ends here")


@pytest.mark.parametrize("after", [3, 1_500], ids=["nothing was written down yet", "the first thousand were written down"])
def test_a_batch_that_breaks_off_is_not_recorded_by_a_commit_that_follows(street: Street, after: int) -> None:
    order = committed(street.world)
    before = street.world.size()
    with street.world.unit() as unit:
        with pytest.raises(OSError, match="ends here"):
            post_many(unit, cut_off(pennies(order, (f"cut-{number}" for number in count())), after))
        post(unit, next(pennies(order, ["cut-after"])))
        unit.commit()
    assert street.recorded("cut-") == {"cut-after": before}


def test_what_was_lawful_under_an_entry_that_was_taken_back_is_not_lawful_under_another_in_its_place(street: Street) -> None:
    """An order to Green Spade, and a payment under it, are given up; the order that is recorded there is the corner shop's."""
    with street.world.unit() as unit:
        given_up = promising(unit, payee="spade", idempotency_key=street.world.key())
        payment = next(pennies(given_up, ["taken-1"]))
        post(unit, payment)
    order = committed(street.world, payee="corner-shop")
    assert order.index == given_up.index
    with street.world.unit() as unit, pytest.raises(NotPromised, match="not made to “spade”"):
        post(unit, payment)
    assert street.recorded("taken-") == {}
