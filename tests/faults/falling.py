"""A process that records one thing and falls at a chosen point around its COMMIT; run in a process of its own.

It falls by SIGKILL. What the disk answers inside the COMMIT is decided by `flush.c`, which the test puts before the C library.
"""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from ledger.faults import in_words
from tests.faults.crews import Order, carry_out, record, with_database
from tests.ledger.conftest import World

BEFORE, AFTER, FLUSH = "before the commit", "after the commit", "at its flush"


def fall(*_: object) -> None:
    """End this very process."""
    os.kill(os.getpid(), signal.SIGKILL)


def work(world: World, purse: int, key: str, where: str, armed: Path) -> None:
    """Record help, and then help again with the fall before, in or after its commit."""
    carry_out(world, Order("help", purse, 1, f"{key}-before"))  # the log of SQLite has begun
    if where == BEFORE:
        event.listen(world.database.writer, "commit", fall)
    if where == FLUSH:
        event.listen(world.database.writer, "commit", lambda _: armed.touch())
    try:
        with world.unit() as unit:
            record(unit, Order("help", purse, 1, key))
            unit.commit()
    except DBAPIError as fault:
        print(in_words(fault), flush=True)  # noqa: T201 - what the test is told before the fall
    fall()


if __name__ == "__main__":
    url, purse, key, where, armed = sys.argv[1:]
    with_database(url, lambda world: work(world, int(purse), key, where, Path(armed)))
