"""The two databases a test may run on, behind one face: fresh ones, and copies of one that is filled already."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url


class Databases(Protocol):
    """Makes databases of one make. A copy is quick: fill one per session, then copy it for each test."""

    def empty(self) -> str:
        """The address of a new database with nothing in it."""

    def copy_of(self, url: str) -> str:
        """The address of a new database with all that is in another, to which nobody may be connected."""

    def drop(self, url: str) -> None:
        """Remove a database."""


@dataclass(frozen=True)
class SqliteFiles:
    """SQLite databases: files in one directory."""

    directory: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def empty(self) -> str:
        """The address of a file that is not there yet."""
        return f"sqlite:///{self.directory / f'test_{next(self._numbers)}.db'}"

    def copy_of(self, url: str) -> str:
        """A copy of the file; a write-ahead log that was not folded in yet comes along."""
        copy = self.empty()
        for suffix in ("", "-wal"):
            source = Path(_file(url) + suffix)
            if source.exists():
                shutil.copyfile(source, _file(copy) + suffix)
        return copy

    def drop(self, url: str) -> None:
        """Remove the file and what is kept beside it."""
        for suffix in ("", "-wal", "-shm", "-turns"):
            Path(_file(url) + suffix).unlink(missing_ok=True)


def _file(url: str) -> str:
    return make_url(url).database or ""
