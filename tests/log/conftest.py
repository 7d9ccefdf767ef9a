"""A log of entries that only the tree looks at, of any length, and the real ones of Marlmoor; both on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from ledger.database import Database, open_database
from ledger.entries import Entry, Head
from ledger.tree import Edge, leaf_hash
from tests.databases import Databases
from tests.ledger.conftest import decided, founded_url, world  # noqa: F401 - fixtures, found by their names here too

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
_AT_ONCE = 5_000


def synthetic(index: int, word: str = "leaf") -> bytes:
    """The bytes of a synthetic entry."""
    return f"{word} {index}".encode()


def grow(database: Database, size: int, word: str = "leaf") -> None:
    """Lengthen the log to `size` entries that no rule was asked about: only their place in the tree is of interest."""
    with database.unit_of_work() as unit:
        head = unit.session.get_one(Head, 1)
        edge, rows = Edge(head.size, head.edge), []
        for index in range(head.size, size):
            written = synthetic(index, word)
            leaf = leaf_hash(written)
            rows.append(
                {
                    "index": index, "kind": "synthetic", "recorded_at": NOON, "effective_on": NOON.date(),
                    "authority": "marlmoor", "person": "p-nobody", "role": "clerk", "idempotency_key": f"synthetic-{index}",
                    "written": written, "leaf_hash": leaf, "nodes": b"".join(edge.append(leaf)),
                }
            )  # fmt: skip
        for begin in range(0, len(rows), _AT_ONCE):
            unit.session.execute(insert(Entry), rows[begin : begin + _AT_ONCE])
        unit.session.execute(update(Head).values(size=edge.size, edge=edge.packed(), root=edge.root(), recorded_at=NOON))
        unit.commit()


@pytest.fixture
def log(database_url: str) -> Iterator[Database]:
    """An empty log. The test runs on SQLite and on PostgreSQL."""
    database = open_database(database_url)
    database.upgrade()
    yield database
    database.dispose()


@pytest.fixture
def sqlite_log(sqlite_url: str) -> Iterator[Database]:
    """An empty log in a file."""
    database = open_database(sqlite_url)
    database.upgrade()
    yield database
    database.dispose()


@pytest.fixture
def a_copy(databases: Databases) -> Iterator[Callable[[Database], Database]]:
    """Copies of a database as it stands: what a backup taken now would restore."""
    made: list[tuple[str, Database]] = []

    def copy(database: Database) -> Database:
        database.dispose()
        url = databases.copy_of(database.url.render_as_string(hide_password=False))
        made.append((url, open_database(url)))
        return made[-1][1]

    yield copy
    for url, database in made:
        database.dispose()
        databases.drop(url)
