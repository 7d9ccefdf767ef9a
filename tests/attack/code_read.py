"""Semgrep reads the product by the rules in `tests/security/rules`, offline.

Each rule is first shown its examples, so that one which can find nothing fails. What a rule leaves out by name has to need it:
the code is read without any exclusion, and what is found has to be in the places that are named, all of them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attack.children import MADE, run
from tests.house.tree import ROOT

RULES = ROOT / "tests/security/rules"
SEMGREP = MADE / "audit/bin/semgrep"
READ = ("app", "ledger", "seeds", "templates", "wsgi.py")
_FEWEST = 200  # files: fewer, and it read something else
_SECONDS = 180.0

Found = tuple[str, str, int]  # rule, path, line


def read() -> Iterator[str]:
    """What is wrong with the code or with the rules."""
    shown = run([SEMGREP, "--test", "--metrics", "off", RULES], seconds=_SECONDS, log="semgrep-examples")
    if shown.code != 0 or "All tests passed" not in shown.words:
        yield f"a rule does not do with its examples what they say: {shown.words[-2000:]}"
        return
    with TemporaryDirectory() as place:
        folder, report = Path(place) / "rules", Path(place) / "report.json"
        folder.mkdir()
        for file in RULES.glob("*.yaml"):
            (folder / file.name).write_text(without_exclusions(file.read_text()))
        options: list[str | Path] = [
            "--metrics",
            "off",
            "--disable-version-check",
            "--quiet",
            "--no-git-ignore",
            "--json-output",
            report,
        ]
        done = run([SEMGREP, "scan", "--config", folder, *options, *READ], seconds=_SECONDS, log="semgrep")
        if done.code != 0:
            yield f"semgrep could not read the code: {done.words[-2000:]}"
            return
        yield from judged(json.loads(report.read_text()), exclusions(file.read_text() for file in RULES.glob("*.yaml")))


def judged(report: dict[str, object], excluded: Sequence[tuple[str, str]]) -> Iterator[str]:
    """What a report says beyond the exclusions, and each exclusion without anything behind it."""
    found = list(_found(report))
    faults, scanned = report["errors"], report["paths"]
    if faults:
        yield f"semgrep could not read a part: {faults}"
    if not isinstance(scanned, dict) or len(scanned["scanned"]) < _FEWEST:
        yield "semgrep read fewer files than there are"
    for rule, path, line in found:
        if not any(rule == name and fnmatch(path, pattern) for name, pattern in excluded):
            yield f"{path}:{line} breaks “{rule}”"
    for name, pattern in excluded:
        if not any(rule == name and fnmatch(path, pattern) for rule, path, _ in found):
            yield f"“{name}” leaves out {pattern}, which does not need it"


def without_exclusions(rules: str) -> str:
    """The same rules for every file."""
    shorter = re.sub(r"^      exclude:\n(?:^ {8}.*\n)+", "", rules, flags=re.MULTILINE)
    return re.sub(r"^    paths:\n(?! {6})", "", shorter, flags=re.MULTILINE)


def exclusions(files: Iterator[str]) -> list[tuple[str, str]]:
    """Each rule with each path that it leaves out."""
    named = []
    for rules in files:
        for part in re.split(r"^  - id: ", rules, flags=re.MULTILINE)[1:]:
            block = re.search(r"^      exclude:\n((?:^ {8}.*\n)+)", part, flags=re.MULTILINE)
            paths = re.findall(r"^ {8}- (\S+)$", block[1], flags=re.MULTILINE) if block else []
            named += [(part.partition("\n")[0], path) for path in paths]
    return named


def _found(report: dict[str, object]) -> Iterator[Found]:
    results = report["results"]
    if not isinstance(results, list):
        raise TypeError("semgrep's report has no list of results")
    for result in results:
        yield result["check_id"].rpartition(".")[2], result["path"], result["start"]["line"]
