"""Row 6: the whole log read from files and every balance derived, beside the balance reports of plain-text accounting."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from ledger.records import Movement
from tests.bench.crews import ROOT
from tests.bench.journals import beancount_balances, hledger_balances, ledger_balances, write_beancount, write_journal
from tests.bench.measuring import Bench, Finding, say
from tests.bench.tiles import log_entries, write_log
from tests.bench.workload import Balances, balances_after
from tests.system_packages import HLEDGER

_MOST_ROUNDS = 3
_AT_LEAST = {"hledger": 2.0, "beancount": 4.0}
_ENTRIES_A_SECOND = 60_000
_GROWTH = 1.25  # of peak memory, from a tenth of the entries to all of them: more is growth
_MEGABYTE = 1_048_576
_WEIGH = Path(__file__).with_name("weigh.py")


@dataclass
class Reader:
    """A program that reads all and derives every balance, and what it cost, round by round."""

    name: str
    command: list[str]
    balances: Callable[[str], Balances] | None
    walls: list[float] = field(default_factory=list)
    processors: list[float] = field(default_factory=list)
    peaks: list[int] = field(default_factory=list)

    def words(self, other: "Reader | None" = None) -> str:
        """Its cost in one line."""
        times = f", {median(self.walls) / median(other.walls):.1f} × as long" if other and other.walls else ""
        return (
            f"{self.name} {median(self.walls):.1f} s (processor {median(self.processors):.1f} s{times}, "
            f"{max(self.peaks) / _MEGABYTE:,.0f} MB)"
        )


def audit(bench: Bench) -> list[Finding]:
    """Everything is in memory or on the disk's cache: the programs are compared, not the disk."""
    sizes = [max(bench.entries // 10, 1), bench.entries, *([bench.entries * 10] if bench.full else [])]
    with tempfile.TemporaryDirectory(prefix="commonpurse-audit-", dir=bench.anywhere().place) as made:
        folder = Path(made)
        expected = _write_journals(bench, folder)
        readers, rounds = _readers(folder), min(bench.rounds, _MOST_ROUNDS)
        for number in range(rounds):
            for reader in readers:
                say(f"row 6: {reader.name}, round {number + 1} of {rounds}")
                _weigh(bench, reader, folder, expected)
        if not _is_built():
            beside = " · ".join(reader.words() for reader in readers)
            said = "2 × hledger, 4 × beancount, 60,000 entries/s, memory does not grow"
            return [Finding(6, "offline audit from files", said, "not built yet", None, beside, _costs(readers))]
        return _ours(bench, folder, sizes, readers)


def _write_journals(bench: Bench, folder: Path) -> Balances:
    say("row 6: writing the journals")
    opening = [Movement(*moved) for moved in bench.opening()]
    write_journal(folder / "all.journal", opening, bench.steps())
    moves = [moved for step in bench.steps() for moved in step.movements]
    accounts = {path for moved in [*opening, *moves] for path in (moved.from_account, moved.to_account)}
    write_beancount(folder / "all.beancount", opening, bench.steps(), accounts)
    return balances_after(moves, balances_after(opening))


def _readers(folder: Path) -> list[Reader]:
    """Those that this machine has."""
    journal = str(folder / "all.journal")
    hledger = [str(HLEDGER), "-f", journal, "balance", "--flat", "--no-total", "--layout=bare", "-O", "csv"]
    ledger = shutil.which("ledger")
    found = [Reader("hledger", hledger, hledger_balances)] if HLEDGER.exists() else []
    if ledger is not None:
        command = [ledger, "--args-only", "-f", journal, "balance", "--flat", "--no-total"]
        found.append(Reader("ledger", command, ledger_balances))
    beancount = [sys.executable, "-m", "tests.bench.by_beancount", str(folder / "all.beancount")]
    return [*found, Reader("beancount", beancount, beancount_balances)]


def _weigh(bench: Bench, reader: Reader, folder: Path, expected: Balances) -> None:
    printed = folder / "printed"
    command = [sys.executable, "-I", "-S", str(_WEIGH), str(printed), *reader.command]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    cost = json.loads(told.stdout)
    reader.walls.append(cost["wall"])
    reader.processors.append(cost["processor"])
    reader.peaks.append(cost["peak"])
    if cost["code"] != 0:
        bench.wrong.append(f"{reader.name} ended with {cost['code']}: {told.stderr.strip()[-300:]}")
    elif reader.balances is not None and reader.balances(printed.read_text()) != expected:
        bench.wrong.append(f"{reader.name} prints other balances than the workload comes to")


def _is_built() -> bool:
    """Whether there is a command `audit` yet."""
    asked = [sys.executable, "-m", "app", "audit", "--help"]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode == 0


def _ours(bench: Bench, folder: Path, sizes: Iterable[int], readers: list[Reader]) -> list[Finding]:
    own = {size: Reader(f"audit of {size:,}", _command(folder / f"log-{size}"), None) for size in sizes}
    for size, reader in own.items():
        say(f"row 6: our audit of {size:,} entries")
        write_log(folder / f"log-{size}", log_entries(bench.anywhere().laid("SQLite"), bench.steps(size)))
        for _ in range(min(bench.rounds, _MOST_ROUNDS)):
            _weigh(bench, reader, folder, {})
    ours = own[bench.entries]
    findings = [_against(ours, reader) for reader in readers]
    rate, least, most = bench.entries / median(ours.walls), min(own), max(own)
    growth = max(own[most].peaks) / max(own[least].peaks)
    rated = f"{rate:,.0f} entries/s"
    grown = f"{growth:.2f} × ({max(own[least].peaks) / _MEGABYTE:,.0f} → {max(own[most].peaks) / _MEGABYTE:,.0f} MB)"
    costs = _costs([*own.values(), *readers])
    return [
        *findings,
        Finding(6, "offline audit, rate", "60,000 entries/s", rated, rate >= _ENTRIES_A_SECOND, ours.words(), costs),
        Finding(6, f"offline audit, memory from {least:,} to {most:,}", "does not grow", grown, growth <= _GROWTH, ""),
    ]


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "app", "audit", "--from", str(folder)]


def _against(ours: Reader, other: Reader) -> Finding:
    times = median(other.walls) / median(ours.walls)
    processor = median(other.processors) / median(ours.processors)
    least = _AT_LEAST.get(other.name)
    return Finding(
        6, f"offline audit beside {other.name}", f"{least:g} × as fast" if least else "–",
        f"{times:.1f} × (processor {processor:.1f} ×)", min(times, processor) >= least if least else None, other.words(ours),
    )  # fmt: skip


def _costs(readers: list[Reader]) -> dict[str, list[float]]:
    return {reader.name: [round(wall, 3) for wall in reader.walls] for reader in readers}
