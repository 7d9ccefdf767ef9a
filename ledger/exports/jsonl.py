r"""JSON Lines: one entry a line, and the line is the entry's exact bytes, so the log can be rebuilt from the file.

    $ sed -n 13p ledger.jsonl | tr -d '\n' | (printf '\0'; cat) | sha256sum     # the leaf hash of entry 12

Canonical bytes hold no line break: JSON writes one as `\n`. What stands beside the log (names, texts, ballots) is not in
the file.
"""

from collections.abc import Iterator
from pathlib import Path

from ledger.canonical import LONGEST
from ledger.errors import LedgerError
from ledger.exact import NotExact, exact_entry
from ledger.exports.log import Log, Progress, silent
from ledger.restoring import LineRefused

_REPORTED_EVERY = 1_000  # lines


class NoExport(LedgerError):
    """There is no file {name} that can be read. Check its name and that you may open it; nothing was recorded."""


def pieces(log: Log) -> Iterator[bytes]:
    """Each entry's exact bytes and a line break."""
    for written in log.written():
        yield written + b"\n"


def lines_of(path: Path, progress: Progress = silent) -> Iterator[bytes]:
    """Each line of an exported file without its line break. `progress` hears of bytes done and bytes in all.

    Raises NoExport, and LineRefused for a line that is too long or cut short.
    """
    try:
        size, done = path.stat().st_size, 0
        with path.open("rb") as file:
            number = 0
            while line := file.readline(LONGEST + 1):
                number, done = number + 1, done + len(line)
                if number % _REPORTED_EVERY == 0:
                    progress(done, size)
                yield _whole(line, number)
        progress(size, size)
    except OSError as fault:
        raise NoExport(name=path.name) from fault


def read_through(path: Path, progress: Progress = silent) -> int:
    """Read the whole file for its form alone, before anybody has to wait for the door. Returns how many lines it has.

    Raises NoExport, and LineRefused for the first line that is no entry or does not follow the line before it.
    """
    number, last = 0, None
    for number, line in enumerate(lines_of(path, progress), start=1):
        try:
            entry = exact_entry(line)
        except NotExact as fault:
            raise LineRefused(line=f"{number:,}", problem=fault.facts["problem"]) from fault
        if last is not None and entry.index != last + 1:
            raise LineRefused(line=f"{number:,}", problem=f"it is entry {entry.index}, and the line before it is entry {last}")
        last = entry.index
    return number


def _whole(line: bytes, number: int) -> bytes:
    if line.endswith(b"\n"):
        return line[:-1]
    longest = len(line) > LONGEST
    problem = "it is longer than 65,535 bytes" if longest else "it is cut short, and the file ends in it"
    raise LineRefused(line=f"{number:,}", problem=problem)
