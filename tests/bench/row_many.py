"""Row 5: thousands of entries in one unit of work, beside a raw bulk insert of the very rows that came of it."""

from statistics import median

from tests.bench.crews import Crew
from tests.bench.grounds import MAKES, Ground
from tests.bench.measuring import Bench, Finding, rate_of, rates_of, say
from tests.bench.ours import IN_ONE_UNIT

_AT_LEAST = 0.25
_SECONDS = 8.0  # that one round of `post_many` may take; at full speed it records the whole workload
_MOST_ROUNDS = 3


def many(bench: Bench) -> list[Finding]:
    """Both databases, in memory where there is a tmpfs."""
    place, rounds = bench.anywhere(), min(bench.rounds, _MOST_ROUNDS)
    hordak = bench.hordak(place, bulk=True)
    with hordak:
        for _ in range(rounds + 1):
            hordak.rates.append(hordak.record(max(min(IN_ONE_UNIT, bench.entries // (rounds + 1)), 1)))
        bench.check(hordak, bench.expected(hordak.recorded))
    hordak.rates.pop(0)  # the first was to warm up
    return [_many(bench, place, make, hordak) for make in MAKES]


def _many(bench: Bench, place: Ground, make: str, hordak: Crew) -> Finding:
    say(f"row 5: {make}, {place.name}")
    count = bench.time_for(place, make, seconds=_SECONDS)
    ours, raw, ratios = Crew("post_many", {}), Crew("raw bulk insert", {}), []
    for _ in range(min(bench.rounds, _MOST_ROUNDS)):
        url, bulk_url = place.copy(make), place.copy(make)
        for crew, job in (
            (ours, bench.job("ours-many", url=url)),
            (raw, bench.job("raw-bulk", url=bulk_url, before=place.laid(make), after=url)),
        ):
            crew.job, crew.recorded = job, 0
            with crew:
                crew.rates.append(crew.record(count))
                bench.check(crew, bench.expected(count))
        ratios.append(ours.rates[-1] / raw.rates[-1])
        for used in (url, bulk_url):
            place.databases(make).drop(used)
    times = median(ratios)
    return Finding(
        5, f"post_many, {make}, {count:,} entries", "1/4 of a raw bulk insert of the same rows",
        f"1/{1 / times:.1f} ({rate_of(ours)})", times >= _AT_LEAST,
        f"raw bulk insert {rate_of(raw)} · hordak bulk_create on PostgreSQL {rate_of(hordak)} "
        f"(1/{median(raw.rates) / median(hordak.rates):.1f})",
        rates_of([ours, raw, hordak]),
    )  # fmt: skip
