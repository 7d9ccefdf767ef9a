"""What bandit finds dangerous in the product is not there, or stands beside the reason why it is harmless.

Bandit and ruff's S rules have the same numbers: where ruff already has `noqa: S608` and a reason, bandit needs no second
comment. What ruff does not look for carries `nosec`, the number and the reason.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

PRODUCT = ["app", "ledger", "seeds", "wsgi.py"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What bandit says: which of its tests, where, and in words."""

    number: str
    place: str
    words: str
    lines: str

    @property
    def is_reasoned(self) -> bool:
        """Whether ruff's rule of the same number is excused on these lines; that each has its reason is another test."""
        return re.search(rf"# noqa: (?:[A-Z]+\d+, ?)*S{self.number.removeprefix('B')}\b", self.lines) is not None


def findings(*paths: Path) -> list[Finding]:
    """Every finding, of whatever severity and confidence. Raises AssertionError where a file could not be read."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--exit-zero", "--format", "json", "--recursive", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["errors"] == []
    assert report["metrics"]["_totals"]["loc"] > 0
    return [
        Finding(
            result["test_id"],
            f"{result['filename']}:{result['line_number']}",
            result["issue_text"],
            _lines(Path(result["filename"]), result["line_range"]),
        )
        for result in report["results"]
    ]


def _lines(path: Path, numbers: list[int]) -> str:
    return "\n".join(path.read_text().splitlines()[min(numbers) - 1 : max(numbers)])


def test_nothing_dangerous_is_in_the_product_without_a_reason() -> None:
    found = findings(*(ROOT / name for name in PRODUCT))
    assert [finding for finding in found if not finding.is_reasoned] == []
    assert len(found) > 5, "bandit looked at nothing"


def test_what_is_dangerous_is_found_and_only_a_reason_for_it_lets_it_pass(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(
        "import subprocess  # no" + "sec B404  # runs our own interpreter only\n"
        "def run(line, cursor):\n"
        "    subprocess.run(line, shell=True)\n"
        '    cursor.execute(f"SELECT * FROM {line}")  # no' + "qa: S608 - names of ours\n"
        '    cursor.execute(f"DELETE FROM {line}")  # no' + "qa: S301 - another rule\n"
    )
    found = findings(sample)
    assert {(finding.number, finding.is_reasoned) for finding in found} == {("B602", False), ("B608", True), ("B608", False)}
