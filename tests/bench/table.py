"""The table as people read it, and the file of results as programs do."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench.measuring import Finding

_VERDICTS = {True: "reached", False: "not reached", None: "–"}


def markdown(machine: dict[str, str], findings: Sequence[Finding], notes: Sequence[str]) -> str:
    """The machine, the table, and what has to be said of both."""
    lines = ["# How fast", ""]
    lines += [f"- {name}: {words}" for name, words in machine.items()]
    lines += [f"- {note}" for note in notes]
    lines += ["", "| row | what | at least | measured | | beside it |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {finding.row} | {finding.what} | {finding.at_least} | {finding.measured} | {_VERDICTS[finding.reached]} "
        f"| {finding.beside} |"
        for finding in findings
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, words: str, machine: dict[str, str], findings: Sequence[Finding], notes: Sequence[str]) -> None:
    """`bench.md` and `bench.json`, with every round of everybody."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.md").write_text(words)
    told = {"machine": machine, "notes": list(notes), "findings": [asdict(finding) for finding in findings]}
    (folder / "bench.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
