"""Writers that are killed at any moment, again and again, while others post."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess

from tests.faults.conftest import Street
from tests.faults.crews import (
    BATCH,
    PATIENCE,
    SPLIT_OFF,
    Answer,
    Order,
    batch_keys,
    by_threads,
    carry_out_batch,
    ends,
    post_batches_for_ever,
    post_for_ever,
)
from tests.ledger.steps import committed

Work = Callable[[str, str, int, Connection], None]
KILLS = 14
KILLS_OF_BATCHES = 3
WRITERS = 3
LONGEST = 20.0  # seconds for all of the killing
PURSE = 1_000_000


@dataclass
class Writer:
    """A process that posts, with the end of the pipe on which it tells what was answered."""

    name: str
    process: ForkServerProcess
    line: Connection
    told: list[Answer] = field(default_factory=list)

    def listen(self) -> None:
        """Take in what it has told so far; what a kill cut short was not told."""
        with suppress(EOFError, OSError):
            while self.line.poll():
                self.told.append(self.line.recv())

    def kill(self) -> None:
        """SIGKILL, to this one process that we started."""
        self.process.kill()
        self.process.join(PATIENCE)
        self.listen()
        self.line.close()

    def sent(self) -> list[str]:
        """Every key it may have sent: those it told of, and the one it was at."""
        return [f"{self.name}-{number}" for number in range(1, len(self.told) + 2)]


def set_to_work(street: Street, work: Work, mandate: int, name: str) -> Writer:
    ours, theirs = SPLIT_OFF.Pipe(duplex=False)
    process = SPLIT_OFF.Process(target=work, args=(street.url, name, mandate, theirs))
    process.start()
    theirs.close()
    return Writer(name, process, ours)


def kill_again_and_again(street: Street, work: Work, mandate: int, kills: int = KILLS) -> list[Writer]:
    """Three writers at work; every few moments one of them is killed and another takes its place."""
    dice, names = random.Random(20260302), count(1)  # noqa: S311 - a seed, so that a failure can be told again
    at_work = [set_to_work(street, work, mandate, f"kill-{next(names)}") for _ in range(WRITERS)]
    gone: list[Writer] = []
    until = time.monotonic() + LONGEST
    while len(gone) < kills and time.monotonic() < until:
        victim = dice.choice(at_work)
        pause = time.monotonic() + dice.uniform(0.05, 0.35)
        while time.monotonic() < pause or not victim.told:  # each has recorded something before it dies
            for writer in at_work:
                writer.listen()
            time.sleep(0.001)
            assert time.monotonic() < until + PATIENCE, "a writer records nothing"
            assert all(writer.process.is_alive() for writer in at_work), "a writer fell by itself"
        victim.kill()
        at_work.remove(victim)
        gone.append(victim)
        at_work.append(set_to_work(street, work, mandate, f"kill-{next(names)}"))
    for writer in at_work:
        writer.kill()
    return gone + at_work


def test_killing_writers_under_load_loses_nothing_that_was_answered_and_halves_nothing(street: Street) -> None:
    purse = street.purse_of(PURSE)
    writers = kill_again_and_again(street, post_for_ever, purse)
    answers = [answer for writer in writers for answer in writer.told]
    assert ends(answers) == {"recorded": len(answers)}
    assert len(writers) >= WRITERS + KILLS

    found = street.recorded("kill-")
    assert [answer for answer in answers if found.get(answer.key) != answer.index] == []
    sent = [key for writer in writers for key in writer.sent()]
    assert found.keys() <= set(sent)

    again = {answer.key: answer.index for answer in by_threads(street.world, [[Order("help", purse, 1, key) for key in sent]])}
    assert again.keys() == set(sent)
    assert found.items() <= again.items()
    assert street.recorded("kill-") == again
    assert street.world.balance("connector/glodbrook") == PURSE - len(sent)


def test_killing_writers_of_batches_leaves_each_batch_whole_or_away(street: Street) -> None:
    """Afterwards every hash, node, balance and promise and the head are derived again and found right."""
    order = committed(street.world).index
    writers = kill_again_and_again(street, post_batches_for_ever, order, KILLS_OF_BATCHES)
    told = {answer.key: answer.index for writer in writers for answer in writer.told}
    sent = [name for writer in writers for name in writer.sent()]

    found = street.recorded("kill-")
    whole = {name: [found.get(key) for key in batch_keys(name)] for name in sent}
    for indexes in whole.values():
        assert indexes == [None] * BATCH or indexes == list(range(indexes[0] or 0, (indexes[0] or 0) + BATCH))
    recorded = {name: indexes[0] for name, indexes in whole.items() if indexes[0] is not None}
    assert len(found) == BATCH * len(recorded)
    assert told.items() <= recorded.items()
    assert street.world.balance("payee/spade") == len(found)

    last = [writer.sent()[-1] for writer in writers[-WRITERS:]]  # at which they were killed
    again = {name: carry_out_batch(street.world, order, name).index for name in last}
    assert {name: recorded.get(name, index) for name, index in again.items()} == again
    assert len(street.recorded("kill-")) == BATCH * len({*recorded, *last})
