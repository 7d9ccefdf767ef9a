"""One count of an election file, in a process of its own: `python -m tests.bench.counter` with a job as JSON.

It says how long reading and counting took, the most memory the process ever held, and who won, so that whoever compares two
compares the same winners. pabutools reads with its own parser and counts with exact fractions, as it does by itself.
"""

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from ledger.pabulib import read
from ledger.tally import Rule, count
from ledger.tally.explaining import beside, paid

Job = dict[str, Any]


def ours(job: Job) -> Job:
    """Read and count; then the explanations, which are timed apart."""
    begun = perf_counter()
    election = read(Path(job["file"])).election()
    is_read = perf_counter()
    rule = Rule(**job["rule"])
    result = count(election, rule)
    is_counted = perf_counter()
    told = {"read": is_read - begun, "count": is_counted - is_read, "winners": sorted(result.winners)}
    if job.get("explain"):
        side_by_side = beside(election, result)
        if result.shares is not None:
            paid(result.shares)
        told["explain"] = perf_counter() - is_counted
        begun = perf_counter()
        for side in (side_by_side.greedy, side_by_side.shares):
            if side.result is not result:
                count(election, side.result.rule)
        told["other"] = perf_counter() - begun  # the other rules' own counts, which are no explanation
    return told


def pabutools(job: Job) -> Job:
    """The same by pabutools."""
    import pabutools.election as pb  # noqa: PLC0415 - only where it is asked for: it takes a second
    from pabutools import rules  # noqa: PLC0415 - as above

    from tests.tally import by_pabutools  # noqa: PLC0415 - as above

    rule = Rule(**job["rule"])
    begun = perf_counter()
    if job["own_reader"]:
        instance, profile = pb.parse_pabulib(job["file"])
        is_read = perf_counter()
        won = {
            "greedy": lambda: rules.greedy_utilitarian_welfare(instance, profile, sat_class=pb.Cost_Sat),
            "equal-shares": lambda: rules.method_of_equal_shares(instance, profile, sat_class=pb.Cost_Sat),
            "phragmen": lambda: rules.sequential_phragmen(instance, profile),
        }[rule.name]()
        winners = [project.name for project in won]
    else:
        election = read(Path(job["file"])).election()
        is_read = perf_counter()
        winners = by_pabutools.winners(election, rule)
    return {"read": is_read - begun, "count": perf_counter() - is_read, "winners": sorted(winners)}


def _most_memory() -> int:
    """Bytes; of this program alone. What `getrusage` says begins with what whoever started the program held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) * 1024


def main() -> None:
    """Count as the job on standard input says, and answer on standard output."""
    job = json.load(sys.stdin)
    told = {"ours": ours, "pabutools": pabutools}[job["who"]](job)
    told["memory"] = _most_memory()
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
