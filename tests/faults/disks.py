"""Disks that fill up, as really as the machine lets us, whoever runs the tests."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.pool import ConnectionPoolEntry

from ledger.database import Database
from tests.postgres import PostgresServer

_SIZE = 4_000_000  # bytes of the small disk: some hundreds of entries


class Disk:
    """A disk that a test can fill, and give space again."""

    def fill(self) -> None:
        """No byte more fits on it."""

    def make_space(self) -> None:
        """There is room again, and the database is opened anew, as after a restart."""


@dataclass
class MountedDisk(Disk):
    """A file system of its own, with nothing left in it."""

    directory: Path

    def fill(self) -> None:
        with suppress(OSError), (self.directory / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"\0" * 4096)

    def make_space(self) -> None:
        (self.directory / "ballast").unlink()


@dataclass
class CountedPages(Disk):
    """Where nothing may be mounted: SQLite itself takes the disk for full once the file would need another page."""

    database: Database
    full: bool = False

    def __post_init__(self) -> None:
        event.listen(self.database.writer, "connect", self._limit)

    def _limit(self, connection: object, _entry: ConnectionPoolEntry) -> None:
        if self.full:
            connection.execute("PRAGMA max_page_count=1")  # type: ignore[attr-defined]  # SQLite's; it keeps what is there

    def fill(self) -> None:
        self.full = True
        self.database.dispose()

    def make_space(self) -> None:
        self.full = False
        self.database.dispose()


@contextmanager
def small_directory(directory: Path) -> Iterator[bool]:
    """A small file system in the directory for as long as the block lasts; False where we may not mount one."""
    directory.mkdir()
    order = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "commonpurse-test", str(directory)]
    mounted = os.geteuid() == 0 and subprocess.run(order, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(directory)], check=True)


@dataclass
class FullTable(Disk):
    """PostgreSQL's file of a table leads to /dev/full: the system itself answers “No space left on device”.

    It needs no rights but those over the tests' own server, and a table that has no page yet, so that the next row needs one.
    """

    server: PostgresServer
    database: Database
    table: str

    def _file(self) -> Path:
        with self.database.writer.connect() as connection:
            path = connection.execute(text("SELECT pg_relation_filepath(:table)"), {"table": self.table}).scalar_one()
        return self.server.directory / "data" / str(path)

    def fill(self) -> None:
        file = self._file()
        if file.stat().st_size:
            raise AssertionError(f"{self.table} has pages already: its next row may fit")
        self.database.dispose()  # a backend keeps the files open that it has used
        file.rename(file.with_name(f"{file.name}.kept"))
        file.symlink_to("/dev/full")

    def make_space(self) -> None:
        file = self._file()
        self.database.dispose()
        file.unlink()
        file.with_name(f"{file.name}.kept").rename(file)
