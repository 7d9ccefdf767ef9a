"""What a row of the table needs: the grounds, the size of the workload, rounds that take turns, and answers that are held
against the workload's own sums.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from ledger.records import Movement
from tests.bench.crews import Crew
from tests.bench.disk import REAL_DISK, built_shim, disk_place, memory_place
from tests.bench.grounds import Ground, ground, opening_of
from tests.bench.peers import Job
from tests.bench.workload import Balances, Step, balances_after, steps

_WARM_UP = 20  # entries that each poster records before the clock counts
_TRIED = 200  # entries by which a rate is guessed
_LEAST = 4  # entries of each poster in a round
_ENOUGH_FASTER = 1.2  # a disk that much faster than a real one is measured slowed as well


@dataclass(frozen=True)
class Finding:
    """One line of the table. `reached` is none where nothing could be measured, and `measured` then says why."""

    row: int
    what: str
    at_least: str
    measured: str
    reached: bool | None
    beside: str
    rates: Mapping[str, list[float]] = field(default_factory=dict)


@dataclass
class Bench:
    """One run: how much is recorded in it, and where."""

    entries: int
    places: int
    rounds: int
    seconds: float  # that a peer records in one round
    full: bool
    memory: Ground | None
    disks: list[Ground]
    notes: list[str]
    wrong: list[str] = field(default_factory=list)
    _opening: list[list[Any]] | None = None

    def opening(self) -> list[list[Any]]:
        """What was moved before the workload begins: the same on every ground."""
        if self._opening is None:
            self._opening = opening_of(self.anywhere().laid("SQLite"))
        return self._opening

    def anywhere(self) -> Ground:
        """The quickest ground there is."""
        return self.memory or self.disks[0]

    def steps(self, entries: int | None = None) -> Iterator[Step]:
        """The workload, of another length if one is given."""
        return steps(self.entries if entries is None else entries, places=self.places)

    def job(self, peer: str, **more: Any) -> Job:  # noqa: ANN401 - plain JSON
        """What a peer is told of this run, and `more`."""
        return {"peer": peer, "entries": self.entries, "places": self.places, **more}

    def expected(self, recorded: int, *, entries: int | None = None) -> Balances:
        """What every account holds after so many steps, by the workload's own sums."""
        before = balances_after(Movement(*moved) for moved in self.opening())
        told = islice(self.steps(entries), recorded)
        return balances_after((moved for step in told for moved in step.movements), before)

    def ours(self, place: Ground, make: str, *, threads: int = 1, processes: int = 1) -> Crew:
        """Our door on a fresh database: `processes` of `threads` posters each."""
        job = self.job("ours", url=place.copy(make), threads=threads)
        return Crew(f"ours, {processes} × {threads}", job, processes, place.environment)

    def raw(self, place: Ground, make: str, *, processes: int = 1) -> Crew:
        """Raw chained inserts on a fresh database."""
        job = self.job("raw", url=place.databases(make).copy_of(place.laid_raw(make)))
        return Crew("raw chained insert in our tables", job, processes, place.environment)

    def bare(self, place: Ground, make: str, *, processes: int = 1) -> Crew:
        """The barest chained insert: one row in one table."""
        job = self.job("raw-bare", url=place.databases(make).copy_of(place.laid_bare(make)))
        return Crew("raw chained insert of one bare row", job, processes, place.environment)

    def hordak(self, place: Ground, *, bulk: bool = False) -> Crew:
        """django-hordak on a fresh database of the ground's PostgreSQL."""
        url = place.postgres().copy_of(place.laid_hordak(self.opening()))
        job = self.job("hordak", url=url, opening=self.opening(), bulk=bulk)
        return Crew("hordak bulk_create" if bulk else "hordak", job, 1, place.environment)

    def flushes(self, place: Ground) -> Crew:
        """The disk's own rate."""
        return Crew("fsync", self.job("flush", file=place.flush_file()), 1, place.environment)

    def take_turns(self, crews: list[Crew]) -> None:
        """Each records for some seconds, round after round, so that what else the machine does falls on all alike."""
        with ExitStack() as stack:
            for crew in crews:
                stack.enter_context(crew)
            sizes = [self._slice(crew) for crew in crews]
            for _ in range(self.rounds):
                for crew, size in zip(crews, sizes, strict=True):
                    crew.rates.append(crew.record(size))
            for crew in crews:
                self.check(crew, self.expected(crew.recorded))

    def time_for(self, place: Ground, make: str, *, seconds: float, most: int | None = None) -> int:
        """How many entries `post_many` records in the seconds: the whole workload, or `most`, where it is quick enough."""
        most, url = most or self.entries, place.copy(make)
        with Crew("post_many", self.job("ours-many", url=url)) as crew:
            rate = crew.record(min(_TRIED, self.entries))
        place.databases(make).drop(url)
        return min(most, max(int(rate * seconds), _TRIED))

    def check(self, crew: Crew, expected: Balances) -> None:
        """Hold a peer's balances against the workload's own sums."""
        held = crew.balances()
        if held is not None and held != expected:
            odd = min(name for name in held.keys() | expected.keys() if held.get(name, 0) != expected.get(name, 0))
            self.wrong.append(f"{crew.name} holds {held.get(odd, 0)} in {odd}, and {expected.get(odd, 0)} is right")

    def _slice(self, crew: Crew) -> int:
        posters = crew.processes * int(crew.job.get("threads", 1))
        left = max(self.entries // (self.rounds + 1), 1)
        rate = crew.record(min(_WARM_UP * posters, left))
        return max(min(int(rate * self.seconds), left), min(_LEAST * posters, left))


def ratio(crew: Crew, other: Crew) -> float:
    """How many times as fast as the other: the median over the rounds, each round compared with itself."""
    return median(mine / theirs for mine, theirs in zip(crew.rates, other.rates, strict=True))


def rate_of(crew: Crew) -> str:
    """The median rate, in words: “1,234/s”."""
    rate = median(crew.rates)
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"


def rates_of(crews: list[Crew]) -> dict[str, list[float]]:
    """Every round of every peer, for the file of results."""
    return {crew.name: [round(rate, 2) for rate in crew.rates] for crew in crews}


def beside(crews: list[Crew], other: Crew | None = None) -> str:
    """The peers in one line, each with its ratio to `other`."""
    return " · ".join(f"{crew.name} {rate_of(crew)}" + (f" ({ratio(crew, other):.2f} ×)" if other else "") for crew in crews)


def say(words: str) -> None:
    """Tell whoever waits what goes on."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


@contextmanager
def bench(*, entries: int, places: int, rounds: int, seconds: float, full: bool) -> Iterator[Bench]:
    """All grounds of this machine, and what has to be said of them."""
    with ExitStack() as stack:
        notes: list[str] = []
        memory, disk = memory_place(), disk_place()
        made = Bench(entries, places, rounds, seconds, full, None, [], notes)
        if memory is None:
            notes.append("There is no tmpfs here, so nothing is measured in memory.")
        else:
            made.memory = stack.enter_context(ground("memory", memory, durable=False, environment={}, places=places))
        if disk is None:
            notes.append("There is no folder on a disk here, so nothing durable is measured.")
        else:
            plain = stack.enter_context(ground("the disk as it is", disk, durable=True, environment={}, places=places))
            made.disks.append(plain)
            slowed = _slowed(stack, disk, made, plain)
            made.disks += [slowed] if slowed else []
        yield made


def _slowed(stack: ExitStack, disk: Path, made: Bench, plain: Ground) -> Ground | None:
    """The same disk with flushes slowed to a real one's, where it is faster and there is a compiler."""
    own = _flush_rate(made, plain)
    if own < REAL_DISK * _ENOUGH_FASTER:
        made.notes.append(f"The disk makes {own:,.0f} flushes a second, as real disks do; it is not slowed.")
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commonpurse-shim-", dir=disk)))
    folder.chmod(0o755)
    shim = built_shim(folder)
    if shim is None:
        made.notes.append("There is no C compiler (cc) here, so the disk was not measured with slower flushes.")
        return None
    wait = 1_000_000 / REAL_DISK - 1_000_000 / own
    for _ in range(2):  # the second time corrects for how late the system wakes a sleeper
        environment = {"LD_PRELOAD": str(shim), "FLUSH_MICROSECONDS": str(max(int(wait), 0))}
        slow = stack.enter_context(ground("flushes slowed", disk, durable=True, environment=environment, places=made.places))
        rate = _flush_rate(made, slow)
        wait += 1_000_000 / REAL_DISK - 1_000_000 / rate
    made.notes.append(
        f"The disk answers {own:,.0f} flushes a second, more than a disk that really keeps what it answers. So each durable "
        f"row is measured twice: as it is, and with every fsync and fdatasync of whoever is measured (PostgreSQL's too) made "
        f"longer by {environment['FLUSH_MICROSECONDS']} µs, which comes to {rate:,.0f} flushes a second. The ratios are "
        "meant for the second: no program fills so fast a disk."
    )
    return slow


def _flush_rate(made: Bench, place: Ground) -> float:
    with made.flushes(place) as crew:
        return median(crew.record(max(made.entries // 1_000, 20)) for _ in range(3))
