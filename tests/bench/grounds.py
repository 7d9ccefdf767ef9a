"""Where databases live while they are measured: in memory, on the disk as it is, and on the disk with slower flushes.

A ground has SQLite files and, once asked, a PostgreSQL of its own; on each, what the workload rests on is laid once and
copied for whoever is measured.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.database import open_database
from tests.bench.crews import Crew
from tests.bench.founding import founded
from tests.databases import Databases, SqliteFiles
from tests.postgres import PostgresServer, running_postgres

MAKES = ("SQLite", "PostgreSQL")
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "wal_sync_method": "fdatasync"}


class ShimNotLoaded(RuntimeError):
    """The server runs without the shim that slows its flushes."""


@dataclass
class Ground:
    """One place for databases of both makes. `environment` is for whoever flushes there."""

    name: str
    place: Path
    directory: Path
    durable: bool
    environment: Mapping[str, str]
    places: int
    _stack: ExitStack
    _files: SqliteFiles
    _server: PostgresServer | None = None
    _laid: dict[str, str] = field(default_factory=dict)
    _flush_files: int = 0

    def postgres(self) -> PostgresServer:
        """The ground's own server, started when first asked for."""
        if self._server is None:
            settings = _DURABLE if self.durable else {}
            running = running_postgres(settings=settings, place=self.place, environment=self.environment)
            self._server = self._stack.enter_context(running)
            _with_shim(self._server, self.environment)
        return self._server

    def databases(self, make: str) -> Databases:
        """The ground's databases of a make."""
        return self._files if make == "SQLite" else self.postgres()

    def laid(self, make: str) -> str:
        """A database in which all mandates of the workload are laid. Copy it; nobody writes in it."""
        return self._once(make, {"peer": "ours"}, self.databases(make).empty)

    def laid_hordak(self, opening: list[list[Any]]) -> str:
        """The same, as hordak keeps it."""
        return self._once("hordak", {"peer": "hordak", "opening": opening}, self.postgres().empty)

    def laid_raw(self, make: str) -> str:
        """The same without the ledger's guards, for raw inserts."""
        return self._once(f"raw {make}", {"peer": "raw"}, lambda: self.copy(make))

    def laid_bare(self, make: str) -> str:
        """A database for the barest insert, which knows neither mandates nor accounts."""
        return self._once(f"bare {make}", {"peer": "raw-bare"}, self.databases(make).empty)

    def copy(self, make: str) -> str:
        """A fresh database with the mandates in it."""
        return self.databases(make).copy_of(self.laid(make))

    def flush_file(self) -> str:
        """A new file's path, for the disk's own rate."""
        self._flush_files += 1
        return str(self.directory / f"flush-{self._flush_files}")

    def _once(self, name: str, job: dict[str, Any], empty: Callable[[], str]) -> str:
        if name not in self._laid:
            url = empty()
            with Crew(name, {**job, "url": url, "entries": 0, "places": self.places}) as crew:
                crew.lay()
            self._laid[name] = url
        return self._laid[name]


@contextmanager
def ground(name: str, place: Path, *, durable: bool, environment: Mapping[str, str], places: int) -> Iterator[Ground]:
    """A ground in a private folder of `place`, removed at the end; `places` are those of the workload."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commonpurse-bench-", dir=place)))
        yield Ground(name, place, directory, durable, environment, places, stack, SqliteFiles(directory))


def opening_of(url: str) -> list[list[Any]]:
    """What was moved before the workload begins, as [from, to, resource, amount]."""
    database = open_database(url)
    with database.reading() as session:
        moved = founded(session).movements
    database.dispose()
    return [[move.from_account, move.to_account, move.resource, move.amount] for move in moved]


def _with_shim(server: PostgresServer, environment: Mapping[str, str]) -> None:
    """The loader passes over a library that the server's user cannot read, without failing: so it is looked at."""
    shim = environment.get("LD_PRELOAD")
    process = int((server.directory / "data/postmaster.pid").read_text().split()[0])
    if shim and shim not in Path(f"/proc/{process}/maps").read_text():
        raise ShimNotLoaded(f"PostgreSQL could not read {shim}, so its flushes are not slowed.")
