"""How fast the ledger is, beside those who do a part of the same: `python -m tests.bench`, or `make bench`.

Prints one table of ratios measured in one run on this machine, and keeps it in `.make/bench.md` and `.make/bench.json`.
It exits 0 however fast or slow that was, and 1 when anybody's balances were not what the workload comes to.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench import row_audit, row_count, row_many, row_posts, row_reading
from tests.bench.crews import ROOT, PeerFailed
from tests.bench.machine import described
from tests.bench.measuring import Bench, Finding, bench, say
from tests.bench.table import markdown, write
from tests.bench.workload import PLACES

ROWS: dict[int, Callable[[Bench], list[Finding]]] = {
    1: row_posts.durable,
    2: row_posts.full_door,
    3: row_posts.on_postgres,
    4: row_posts.posters,
    5: row_many.many,
    6: row_audit.audit,
    7: row_reading.reading,
    8: row_count.a_city,
    9: row_count.raised,
    10: row_count.explained,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows that are asked for."""
    asked = _asked(arguments)
    machine, findings = described(), []
    sizes = {name: getattr(asked, name) for name in ("entries", "places", "rounds", "seconds", "full")}
    with bench(**sizes) as measuring:
        for row in asked.only or ROWS:
            try:
                findings += ROWS[row](measuring)
            except PeerFailed as fault:
                measuring.wrong.append(f"row {row} could not be measured: {fault}")
    said = (
        f"The workload is {asked.entries:,} entries; rates are medians of {asked.rounds} rounds (rows 5 and 6: 3 at most), "
        "in which all took turns, and a ratio is the median of the rounds' own."
    )
    notes = [said, *measuring.notes]
    words = markdown(machine, findings, notes)
    sys.stdout.write(words)
    write(asked.to, words, machine, findings, notes)
    for wrong in measuring.wrong:
        say(f"Wrong: {wrong}.")
    return 1 if measuring.wrong else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast the ledger is, beside its peers.")
    parser.add_argument("--only", type=int, action="append", choices=ROWS, metavar="ROW", help="this row only; may be repeated")
    parser.add_argument("--entries", type=_above_zero, default=100_000, help="how many entries the workload has")
    parser.add_argument("--places", type=int, choices=range(1, len(PLACES) + 1), default=len(PLACES), metavar="N",
                        help="in how many partnerships; fewer are founded faster")  # fmt: skip
    parser.add_argument("--rounds", type=_above_zero, default=5, help="how many rounds a median is taken of")
    parser.add_argument("--seconds", type=float, default=1.0, help="how long each records in one round, about")
    parser.add_argument(
        "--full", action="store_true", help="ten times the entries as well, where length is compared: takes long"
    )
    parser.add_argument("--to", type=Path, default=ROOT / ".make", help="the folder for bench.md and bench.json")
    return parser.parse_args(arguments)


def _above_zero(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("give a number above zero")
    return number


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever stops it gets everything cleaned up too
    sys.exit(main())
