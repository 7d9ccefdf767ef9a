"""Row 7: what is asked costs the same however long the log is: a small ledger beside a large one."""

from contextlib import ExitStack
from statistics import median

from tests.bench.crews import Crew
from tests.bench.grounds import MAKES, Ground
from tests.bench.measuring import Bench, Finding, rates_of, say
from tests.bench.ours import IN_ONE_UNIT
from tests.bench.peers import Job
from tests.bench.readers import QUESTIONS

_AT_MOST = 1.5
_SMALL = 10_000
_SECONDS_TO_FILL = 40.0  # for the larger ledger; with --full it takes what it takes
_ASKED = 200


def reading(bench: Bench) -> list[Finding]:
    """A small and a large ledger of each make, filled by `post_many`."""
    place = bench.anywhere()
    findings = [finding for make in MAKES for finding in _reading(bench, place, make)]
    return [*findings, _hordak(bench, place)]


def _reading(bench: Bench, place: Ground, make: str) -> list[Finding]:
    most = bench.entries * (10 if bench.full else 1)
    large = most if bench.full else bench.time_for(place, make, seconds=_SECONDS_TO_FILL, most=most)
    sizes = {}
    for entries in (min(_SMALL, max(large // 10, 1)), large):
        say(f"row 7: {make}, filling a ledger with {entries:,} entries")
        url = place.copy(make)
        _fill(bench, bench.job("ours-many", url=url, entries=entries))
        sizes[url] = entries
    findings = []
    for question in QUESTIONS:
        say(f"row 7: {make}, {question}")
        jobs = {size: bench.job("reader", url=url, question=question) for url, size in sizes.items()}
        crews = _asked(bench, [Crew(f"{question} of {size:,}", job) for size, job in jobs.items()])
        findings.append(_finding(f"{question}, {make}", list(sizes.values()), crews))
    return findings


def _hordak(bench: Bench, place: Ground) -> Finding:
    say("row 7: hordak")
    opening, entries = bench.opening(), max(bench.entries // 5, 1)
    crews = []
    for held in (max(entries // 10, 1), entries):
        job = {"url": place.postgres().copy_of(place.laid_hordak(opening)), "opening": opening, "bulk": True}
        _fill(bench, bench.job("hordak", entries=held, **job))
        crews.append(Crew(f"hordak’s balance of {held:,}", bench.job("hordak-reader", **job)))
    _asked(bench, crews)
    words = " → ".join(f"{crew.name}: {_microseconds(crew)}" for crew in crews)
    times = median(crews[0].rates) / median(crews[1].rates)
    return Finding(7, "a balance, hordak, for comparison", "–", f"{times:.2f} ×", None, words, rates_of(crews))


def _fill(bench: Bench, job: Job) -> None:
    """Record the job's whole workload."""
    with Crew(f"filling {job['peer']}", job) as crew:
        while crew.recorded < job["entries"]:
            crew.record(min(IN_ONE_UNIT, job["entries"] - crew.recorded))
        bench.check(crew, bench.expected(crew.recorded, entries=job["entries"]))


def _asked(bench: Bench, crews: list[Crew]) -> list[Crew]:
    asked = max(min(_ASKED, bench.entries // (bench.rounds + 1)), 1)
    with ExitStack() as stack:
        for crew in crews:
            stack.enter_context(crew)
            crew.record(max(asked // 10, 1))
        for _ in range(bench.rounds):
            for crew in crews:
                crew.rates.append(crew.record(asked))
    return crews


def _finding(what: str, sizes: list[int], crews: list[Crew]) -> Finding:
    times = median(small / large for small, large in zip(crews[0].rates, crews[1].rates, strict=True))
    reached = times <= _AT_MOST
    words = " → ".join(f"{size:,} entries: {_microseconds(crew)}" for size, crew in zip(sizes, crews, strict=True))
    return Finding(7, what, f"within {_AT_MOST} ×", f"{times:.2f} ×", reached, words, rates_of(crews))


def _microseconds(crew: Crew) -> str:
    return f"{1_000_000 / median(crew.rates):,.0f} µs"
