"""Our own door, as a peer: entries posted one by one by one poster or many, and many at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import groupby

from sqlmodel import col, select

from ledger.database import Database, open_database
from ledger.door import post, post_many
from ledger.entries import Balance, Entry, tree_size
from tests.bench.drafts import Indexes, draft_of, key_of
from tests.bench.founding import clock_of, found, founded
from tests.bench.workload import FIRST_DAY, Balances, Step, workable

IN_ONE_UNIT = 2_000  # entries that post_many is given at once
_KEYS_AT_ONCE = 500


class Ours:
    """`posters` threads that each post one entry after another through the full door, all on the founding's own day."""

    def __init__(self, url: str, *, places: int, posters: int = 1) -> None:
        """`places` says for how many of them mandates are laid; connections are made when first needed."""
        self.database, self._places, self._posters = open_database(url), places, posters
        self._shares: list[list[Step]] = []
        self._indexes: Indexes = {}

    def lay(self) -> None:
        self.database.upgrade()
        found(self.database, places=self._places)

    def prepare(self, chosen: list[Step]) -> None:
        with self.database.reading() as session:
            self._founded = founded(session)
        self._shares = workable(chosen, clients=self._posters)
        self._indexes = known_indexes(self.database, chosen)

    def run(self) -> int:
        if self._posters == 1:
            return self._post(self._shares[0])
        with ThreadPoolExecutor(self._posters) as posters:
            return sum(posters.map(self._post, self._shares))

    def _post(self, share: list[Step]) -> int:
        clock = clock_of(FIRST_DAY)
        for step in share:
            draft = draft_of(step, self._founded, self._indexes, FIRST_DAY)
            self._indexes[step.number] = self.database.record(partial(post, draft=draft), clock).index
        return len(share)

    def balances(self) -> Balances:
        with self.database.reading() as session:
            rows = session.exec(select(Balance)).all()
        return {f"{row.account} {row.resource}": row.amount for row in rows if row.amount}

    def close(self) -> None:
        self.database.dispose()


class OursMany(Ours):
    """One poster that gives `post_many` some thousands of entries at once, day by day."""

    def prepare(self, chosen: list[Step]) -> None:
        super().prepare(chosen)
        with self.database.reading() as session:
            size = tree_size(session)
        # Nobody else writes, so each entry's place is known before it is recorded.
        self._indexes |= {step.number: size + place for place, step in enumerate(chosen)}

    def run(self) -> int:
        done = 0
        for day, units in _units(self._shares[0]):
            drafts = (draft_of(step, self._founded, self._indexes) for step in units)
            done += len(self.database.record(partial(post_many, drafts=drafts), clock_of(day)))
        return done


def known_indexes(database: Database, chosen: list[Step]) -> Indexes:
    """Where the earlier steps stand on which the chosen ones rest."""
    here = {step.number for step in chosen}
    wanted = sorted({step.rests_on for step in chosen if step.rests_on is not None} - here)
    found_: Indexes = {}
    with database.reading() as session:
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            keys = [key_of(number) for number in wanted[start : start + _KEYS_AT_ONCE]]
            query = select(Entry.idempotency_key, Entry.index).where(col(Entry.idempotency_key).in_(keys))
            found_ |= {int(key.rpartition("-")[2]): index for key, index in session.exec(query)}
    return found_


def _units(chosen: list[Step]) -> Iterator[tuple[date, list[Step]]]:
    for day, same in groupby(chosen, key=lambda step: step.day):
        whole = list(same)
        for start in range(0, len(whole), IN_ONE_UNIT):
            yield day, whole[start : start + IN_ONE_UNIT]
