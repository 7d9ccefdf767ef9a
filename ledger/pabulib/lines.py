"""A file's lines in bounded memory, each with its number, and the sentence that names the line that is wrong."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ledger.errors import LedgerError

LARGEST_FILE = 100_000_000  # bytes: Łódź with its 90,494 ballots takes 4 million
LONGEST_LINE = 100_000  # bytes
MOST_LINES_IN_A_ROW = 200  # of a quoted field with line breaks inside
MOST_BLANK_LINES = 1_000
_BETWEEN_REPORTS = 1_000  # lines

Progress = Callable[[int, int], None]


class BadElectionFile(LedgerError):
    """{name}, line {line}: {problem} Nothing was recorded; correct the file and try again."""

    def __init__(self, *, name: str, line: int, problem: str) -> None:
        """`problem` is a whole sentence. What the file itself says goes into it through `quoted`."""
        super().__init__(name=printable(name), line=line, problem=problem)


class NoElectionFile(LedgerError):
    """There is no file {name} that can be read. Check its name and that you may open it; nothing was recorded."""


def printable(text: str) -> str:
    """Text that is safe on any screen: what cannot be shown becomes “�”."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def quoted(text: str) -> str:
    """What a file says, for a sentence: safe to show, and not too long."""
    longest = 40
    return f"“{printable(text[:longest])}{'…' if len(text) > longest else ''}”"


def counted(number: int, what: str) -> str:
    """“1 project”, “3 projects”."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def fields(line: str) -> list[str] | None:
    """A line's fields: `a;"b;c";d` has three. A quoted field may hold `;`, and quotation marks if they are written twice.

    None when a quoted field is still open at the end of the line.
    """
    if '"' not in line:
        return line.split(";")
    found: list[str] = []
    at = 0
    while at <= len(line):
        value = ""
        if line.startswith('"', at):
            end = at + 1
            while line.startswith('""', end := line.find('"', end)):
                end += 2
            if end < 0:
                return None
            value, at = line[at + 1 : end].replace('""', '"'), end + 1
        end = line.find(";", at)
        end = len(line) if end < 0 else end
        found.append(value + line[at:end])
        at = end + 1
    return found


class Lines:
    """Goes through a file once. `number` is the line that was given last; `sha256` is of all bytes once they are read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self.path, self.progress = path, progress
        self.number = 0  # of the line where the row begins that was given last
        self.digest = hashlib.sha256()
        self._read = 0  # lines
        self._bytes = 0
        self._blank = 0

    def bad(self, problem: str, line: int | None = None) -> BadElectionFile:
        """The refusal of this file, at the line that was given last unless another is named."""
        return BadElectionFile(name=self.path.name, line=max(self.number if line is None else line, 1), problem=problem)

    def rows(self) -> Iterator[list[str]]:
        """The fields of every row that is not blank. Raises BadElectionFile at the first that makes no sense."""
        with self.path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            self._hold_size(size)
            texts = self._texts(file, size)
            for text in texts:
                self.number = self._read
                found = fields(text)
                yield [field.strip() for field in (self._closed(text, texts) if found is None else found)]
        self.progress(size, size)

    def _hold_size(self, size: int) -> None:
        if size > LARGEST_FILE:
            raise self.bad(
                f"a file of more than {LARGEST_FILE // 1_000_000} MB is not read: no election is that large.", self._read
            )

    def _texts(self, file: BinaryIO, size: int) -> Iterator[str]:
        """Every line that says something, decoded and stripped; spreadsheets leave lines of nothing but semicolons."""
        while raw := file.readline(LONGEST_LINE + 1):
            self._read += 1
            self._bytes += len(raw)
            self._hold_size(self._bytes)
            self.digest.update(raw)
            if self._read % _BETWEEN_REPORTS == 0:
                self.progress(self._bytes, size)
            text = self._decoded(raw).strip()
            if text.strip("; "):
                yield text
                continue
            self._blank += 1
            if self._blank > MOST_BLANK_LINES:
                raise self.bad(f"here is blank line number {self._blank:,}, so this is not an election file.", self._read)

    def _decoded(self, raw: bytes) -> str:
        if len(raw) > LONGEST_LINE:
            raise self.bad(f"this line is longer than {LONGEST_LINE:,} bytes, so this is not an election file.", self._read)
        try:
            text = raw.decode("utf-8-sig" if self._read == 1 else "utf-8")
        except UnicodeDecodeError:
            raise self.bad("this line is not UTF-8 text. Save the file as UTF-8.", self._read) from None
        if "\x00" in text:
            raise self.bad("this line holds a zero byte, so this is not an election file.", self._read)
        return text

    def _closed(self, text: str, texts: Iterator[str]) -> list[str]:
        """The fields of a row that goes on over the next lines, because a quoted field is open."""
        for following in islice(texts, MOST_LINES_IN_A_ROW - 1):
            text = f"{text} {following}"
            if len(text) > LONGEST_LINE:
                break
            found = fields(text)
            if found is not None:
                return found
        raise self.bad("a quotation mark opens a field here and none closes it.")
