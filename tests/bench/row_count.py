"""Rows 8 to 10: the count, beside pabutools with exact fractions on the same files, in one run.

A count is done by a process of its own, so that its memory is its own too. Winners that differ make the run fail.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.crews import ROOT, PeerFailed
from tests.bench.measuring import Bench, Finding, say

DATA = ROOT / "tests" / "data" / "pabulib"
LODZ, SIELCE = DATA / "Poland_Lodz_2022.pb", DATA / "Poland_Warszawa_2019_Sielce.pb"
_PATIENCE = 900  # seconds
_FASTER = {"greedy": 25, "equal-shares": 20, "phragmen": 20}
_ADD1 = {"name": "equal-shares", "completion": "add1"}
_MEMORY = 4  # times less than pabutools
_RAISED = 150  # times faster, on Sielce
_LODZ_RAISED, _ANY_FILE, _ANY_MEMORY = 3.0, 5.0, 10**9  # seconds, seconds, bytes
RULES: tuple[dict[str, str], ...] = (
    *({"name": "greedy", "satisfaction": satisfaction} for satisfaction in ("cost", "cardinality", "points")),
    *(
        {"name": "equal-shares", "satisfaction": satisfaction, "completion": completion}
        for satisfaction in ("cost", "cardinality", "points")
        for completion in ("none", "greedy", "add1", "add1-exhaustive-greedy", "add-opt")
        if (satisfaction, completion) != ("points", "add-opt")
    ),
    {"name": "phragmen"},
)


def a_city(bench: Bench) -> list[Finding]:
    """Row 8: Łódź 2022, 90,494 ballots and 160 proposals, reading included, and the memory it takes."""
    findings = []
    for name, at_least in _FASTER.items():
        say(f"row 8: {name} on Łódź, beside pabutools")
        theirs = _counted(LODZ, who="pabutools", rule={"name": name}, own_reader=True)
        ours = [_counted(LODZ, rule={"name": name}) for _ in range(bench.rounds)]
        _same(bench, f"{name} on Łódź", ours[0], theirs)
        took = median(_whole(told) for told in ours)
        times, less = _whole(theirs) / took, theirs["memory"] / max(told["memory"] for told in ours)
        words = f"ours {took:.2f} s, pabutools {_whole(theirs):.1f} s"
        findings.append(
            Finding(8, f"{name} on Łódź, read and counted", f"{at_least} ×", f"{times:.0f} ×", times >= at_least, words)
        )
        memory = f"ours {_mb(max(told['memory'] for told in ours))}, pabutools {_mb(theirs['memory'])}"
        findings.append(Finding(8, f"{name} on Łódź, memory", f"1/{_MEMORY}", f"1/{less:.0f}", less >= _MEMORY, memory))
    return findings


def raised(bench: Bench) -> list[Finding]:
    """Row 9: Add1, where every voter's share is raised by one unit of currency after another."""
    say("row 9: Add1 on Warszawa-Sielce, beside pabutools")
    theirs = _counted(SIELCE, who="pabutools", rule=_ADD1, own_reader=False)
    ours = [_counted(SIELCE, rule=_ADD1) for _ in range(bench.rounds)]
    _same(bench, "Add1 on Sielce", ours[0], theirs)
    took = median(told["count"] for told in ours)
    times = theirs["count"] / took
    words = f"ours {took:.2f} s, pabutools {theirs['count']:.1f} s"
    city = median(_counted(LODZ, rule=_ADD1)["count"] for _ in range(bench.rounds))
    most, beside = f"{_LODZ_RAISED:.0f} s at most", "pabutools does not finish"
    return [
        Finding(9, "Add1 on Warszawa-Sielce", f"{_RAISED} ×", f"{times:.0f} ×", times >= _RAISED, words),
        Finding(9, "Add1 on Łódź", most, f"{city:.2f} s", city <= _LODZ_RAISED, beside),
    ]


def explained(bench: Bench) -> list[Finding]:
    """Row 10: what explaining costs beside counting, and the slowest and the largest count of every file by every rule."""
    findings = []
    for name in _FASTER:
        say(f"row 10: explaining {name} on Łódź")
        told = [_counted(LODZ, rule={"name": name}, explain=True) for _ in range(bench.rounds)]
        counting = median(each["read"] + each["count"] for each in told)
        explaining = median(each["explain"] - each["other"] for each in told)
        part = explaining / counting
        words = f"read and counted {counting:.2f} s, explained {explaining:.2f} s (without the other rule’s own count)"
        findings.append(Finding(10, f"explaining {name} on Łódź", "1 × the count at most", f"{part:.2f} ×", part <= 1, words))
    slowest, largest, slow, large = 0.0, 0, "", ""
    for file in sorted(DATA.glob("*.pb")):
        say(f"row 10: every rule on {file.stem}")
        for rule in RULES:
            told_once = _counted(file, rule=rule)
            called = f"{'-'.join(rule.values())} on {file.stem}"
            if _whole(told_once) > slowest:
                slowest, slow = _whole(told_once), called
            if told_once["memory"] > largest:
                largest, large = told_once["memory"], called
    many = f"{len(list(DATA.glob('*.pb')))} files, {len(RULES)} rules"
    most = f"{_ANY_FILE:.0f} s at most"
    return [
        *findings,
        Finding(10, f"{many}, the slowest", most, f"{slowest:.1f} s", slowest <= _ANY_FILE, slow),
        Finding(10, f"{many}, the most memory", "1 GB at most", _mb(largest), largest <= _ANY_MEMORY, large),
    ]


def _counted(file: Path, *, rule: dict[str, str], who: str = "ours", **more: bool) -> dict[str, Any]:
    job = {"file": str(file), "who": who, "rule": rule, **more}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.counter"], cwd=ROOT, input=json.dumps(job), capture_output=True, text=True,
        timeout=_PATIENCE, check=False,
    )  # fmt: skip
    if done.returncode:
        raise PeerFailed(f"{who} could not count {file.name}: {done.stderr.strip().splitlines()[-1]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _same(bench: Bench, what: str, ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    if ours["winners"] != theirs["winners"]:
        bench.wrong.append(f"{what}: our winners are {ours['winners']}, those of pabutools {theirs['winners']}")


def _whole(told: dict[str, Any]) -> float:
    return float(told["read"] + told["count"])


def _mb(size: float) -> str:
    return f"{size / 10**6:,.0f} MB"
