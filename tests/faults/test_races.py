"""Writers that meet: at the last pound, at one commitment, at one key, and all day long at the one lock."""

from collections import Counter

import pytest

from tests.faults.conftest import Street
from tests.faults.crews import Answer, Order, by_processes, by_threads, ends
from tests.ledger.steps import committed

POUND = 100
THREADS = 8
PROCESSES = 4


def race(street: Street, orders: list[Order], runners: str) -> list[Answer]:
    """Every order at once: each in a thread of this process, or spread over processes of two threads."""
    if runners == "threads":
        return by_threads(street.world, [[order] for order in orders])
    crews = [[[order] for order in orders[first::PROCESSES]] for first in range(PROCESSES)]
    return by_processes(street.url, crews)


@pytest.mark.parametrize("runners", ["threads", "processes"])
def test_as_many_win_the_last_pounds_as_there_are_pounds(street: Street, runners: str) -> None:
    purse = street.purse_of(3 * POUND)
    before = street.world.size()
    answers = race(street, [Order("help", purse, POUND, f"race-{number}") for number in range(THREADS)], runners)
    assert ends(answers) == {"recorded": 3, "PotExhausted": THREADS - 3}
    won = {answer.key: answer.index for answer in answers if answer.index is not None}
    assert street.recorded("race-") == won
    assert street.world.size() == before + 3
    assert street.world.balance("connector/glodbrook") == 0


@pytest.mark.parametrize("runners", ["threads", "processes"])
def test_payments_that_race_never_pay_more_than_was_promised(street: Street, runners: str) -> None:
    """Another promise of the same project leaves enough in its account, so only the promise's own rule stops them."""
    order, other = committed(street.world, amount=2 * POUND), committed(street.world, amount=20 * POUND)
    answers = race(street, [Order("payment", order.index, POUND, f"race-{number}") for number in range(THREADS)], runners)
    assert ends(answers) == {"recorded": 2, "OverCommitment": THREADS - 2}
    assert len(street.recorded("race-")) == 2
    assert street.world.balance("payee/spade") == 2 * POUND
    assert street.world.balance("committed/glodbrook-one-1") == other.total("GBP")


@pytest.mark.parametrize("runners", ["threads", "processes"])
def test_one_key_sent_at_once_from_everywhere_is_one_entry_and_one_answer(street: Street, runners: str) -> None:
    purse = street.purse_of(100 * POUND)
    before = street.world.size()
    answers = race(street, [Order("help", purse, POUND, "race-of-one")] * THREADS, runners)
    assert answers == [Answer("race-of-one", index=before)] * THREADS
    assert street.recorded("race-") == {"race-of-one": before}
    assert street.world.balance("connector/glodbrook") == 99 * POUND


def many_orders(purse: int, each: int) -> dict[str, list[Order]]:
    """So many small sums for each of eight writers."""
    writers = [f"many-{process}-{thread}" for process in range(PROCESSES) for thread in range(2)]
    return {name: [Order("help", purse, 1, f"{name}-{number}") for number in range(each)] for name in writers}


def in_twos(orders: dict[str, list[Order]]) -> list[list[list[Order]]]:
    """Two writers to a process."""
    hands = list(orders.values())
    return [hands[first : first + 2] for first in range(0, len(hands), 2)]


def test_many_writers_all_get_through_in_turn_and_the_log_is_whole(street: Street) -> None:
    """Four processes of two threads, each with two dozen to post and no pause between them."""
    purse, each = street.purse_of(100 * POUND), 24
    before = street.world.size()
    orders = many_orders(purse, each)
    answers = by_processes(street.url, in_twos(orders))
    assert ends(answers) == {"recorded": each * len(orders)}
    log = street.recorded("many-")
    assert log == {answer.key: answer.index for answer in answers}
    assert street.world.size() == before + each * len(orders)
    assert street.world.balance("connector/glodbrook") == 100 * POUND - each * len(orders)
    assert street.world.balance("payee/spade") == each * len(orders)

    # A fair queue: by the time the quickest is done, the slowest has had a quarter of its turns. Without one, SQLite lets two
    # of the eight post everything before the others begin.
    done: Counter[str] = Counter()
    for key in sorted(log, key=lambda key: log[key]):
        done[key.rpartition("-")[0]] += 1
        if max(done.values()) == each:
            break
    assert min(done[name] for name in orders) >= each // 4, done
