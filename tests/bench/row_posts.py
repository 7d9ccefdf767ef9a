"""Rows 1 to 4: posts one by one, by one client, eight or sixty-four, durable or in memory."""

from statistics import median

from tests.bench.crews import Crew
from tests.bench.grounds import MAKES, Ground
from tests.bench.measuring import Bench, Finding, beside, rate_of, rates_of, ratio, say

_NO_MEMORY = "not measured: there is no tmpfs here"
_NO_DISK = "not measured: there is no folder on a disk here"


def durable(bench: Bench) -> list[Finding]:
    """Row 1: one client, each post answered when it is on the disk."""
    what, at_least = "single durable posts, 1 client", 0.85
    findings = [_durable(bench, place, make, what, at_least) for place in bench.disks for make in MAKES]
    return findings or [_cannot(1, what, f"{at_least} × the fsync rate", _NO_DISK)]


def _durable(bench: Bench, place: Ground, make: str, what: str, at_least: float) -> Finding:
    say(f"row 1: {make}, {place.name}")
    ours, flushes = bench.ours(place, make), bench.flushes(place)
    peers = [bench.raw(place, make), bench.bare(place, make)] + ([bench.hordak(place)] if make == "PostgreSQL" else [])
    bench.take_turns([flushes, ours, *peers])
    return _finding(
        1, f"{what}, {make}, {place.name}", at_least, ours, flushes, unit="the fsync rate",
        others=f"fsync {rate_of(flushes)} · {beside(peers, flushes)}", crews=[flushes, ours, *peers],
    )  # fmt: skip


def full_door(bench: Bench) -> list[Finding]:
    """Row 2: SQLite in memory, beside hordak."""
    what, at_least = "single posts through the full door, SQLite, software only", 12
    place = bench.memory
    if place is None:
        return [_cannot(2, what, f"{at_least} × hordak", _NO_MEMORY)]
    say("row 2: SQLite, memory")
    ours, hordak = bench.ours(place, "SQLite"), bench.hordak(place)
    peers = [hordak, bench.raw(place, "SQLite"), bench.bare(place, "SQLite")]
    bench.take_turns([ours, *peers])
    others = beside(peers, hordak)
    return [_finding(2, what, at_least, ours, hordak, unit="hordak", others=others, crews=[ours, *peers])]


def on_postgres(bench: Bench) -> list[Finding]:
    """Row 3: PostgreSQL in memory, one client and eight, beside hordak's single rate."""
    what = "the same, PostgreSQL, software only"
    place = bench.memory
    if place is None:
        return [_cannot(3, what, "6 × / 15 × hordak's single rate", _NO_MEMORY)]
    say("row 3: PostgreSQL, memory, 1 client")
    make = "PostgreSQL"
    one, hordak = bench.ours(place, make), bench.hordak(place)
    peers = [hordak, bench.raw(place, make), bench.bare(place, make)]
    bench.take_turns([one, *peers])
    say("row 3: PostgreSQL, memory, 8 clients")
    eights = [bench.ours(place, make, processes=2, threads=4), bench.ours(place, make, processes=8)]
    again = bench.hordak(place)
    crews = [*eights, again, bench.raw(place, make, processes=8), bench.bare(place, make, processes=8)]
    bench.take_turns(crews)
    best = max(eights, key=lambda crew: median(crew.rates))
    unit = "hordak's single rate"
    return [
        _finding(
            3, f"{what}, 1 client", 6, one, hordak, unit=unit, others=beside(peers, hordak), crews=[one, *peers],
        ),
        _finding(
            3, f"{what}, 8 clients ({_shape(best)})", 15, best, again, unit=unit,
            others=beside([crew for crew in crews if crew is not best], again), crews=crews,
        ),
    ]  # fmt: skip


def posters(bench: Bench) -> list[Finding]:
    """Row 4: sixty-four posters at once, each answered only when its entry is durable."""
    what, at_least = "64 posters at once", 15
    findings = [_posters(bench, place, make, what, at_least) for place in bench.disks for make in MAKES]
    return findings or [_cannot(4, what, f"{at_least} × the fsync rate", _NO_DISK)]


def _posters(bench: Bench, place: Ground, make: str, what: str, at_least: float) -> Finding:
    say(f"row 4: {make}, {place.name}")
    flushes, raw = bench.flushes(place), bench.raw(place, make)
    crowds = [bench.ours(place, make, threads=64), bench.ours(place, make, processes=2, threads=32)]
    bench.take_turns([flushes, *crowds, raw])
    best = max(crowds, key=lambda crew: median(crew.rates))
    others = [crew for crew in crowds if crew is not best]
    return _finding(
        4, f"{what}, {make}, {place.name} ({_shape(best)})", at_least, best, flushes, unit="the fsync rate",
        others=f"fsync {rate_of(flushes)} · one by one: {beside([raw], flushes)} · {beside(others, flushes)}",
        crews=[flushes, *crowds, raw],
    )  # fmt: skip


def _shape(crew: Crew) -> str:
    threads = int(crew.job["threads"])
    return f"{crew.processes} process{'es' if crew.processes > 1 else ''} of {threads} thread{'s' if threads > 1 else ''}"


def _finding(
    row: int, what: str, at_least: float, ours: Crew, other: Crew, *, unit: str, others: str, crews: list[Crew]
) -> Finding:
    times = ratio(ours, other)
    return Finding(
        row, what, f"{at_least:g} × {unit}", f"{times:.2f} × ({rate_of(ours)})", times >= at_least, others, rates_of(crews)
    )


def _cannot(row: int, what: str, at_least: str, why: str) -> Finding:
    return Finding(row, what, at_least, why, None, "")
