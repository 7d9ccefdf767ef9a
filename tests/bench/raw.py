"""Raw chained inserts, as a peer: the same entries and transfers in the same tables, without a rule or an ORM.

One post is one transaction: the head is locked, the entry's bytes are hashed onto the hash before them, and rows are inserted
by the driver itself; on PostgreSQL all in one statement. No mandate, floor, balance or tree is kept, and the guards that make
the log append-only are taken away.
"""

import hashlib
import sqlite3
from typing import Any

import psycopg
from sqlalchemy.engine import make_url
from sqlmodel import select

from ledger.accounts import parse
from ledger.database import instant_text, open_database
from ledger.entries import Account, encode
from tests.bench.drafts import draft_of
from tests.bench.founding import clock_of, founded
from tests.bench.peers import Peer
from tests.bench.workload import FIRST_DAY, Balances, Step, all_accounts

_COLUMNS = 'kind, recorded_at, effective_on, authority, place, mandate, person, "role", idempotency_key, written'
SUMS = (
    "SELECT account, resource, sum(amount) FROM (SELECT to_account AS account, resource, amount FROM transfer "
    "UNION ALL SELECT from_account, resource, -amount FROM transfer) AS moved GROUP BY account, resource"
)

Post = tuple[tuple[Any, ...], tuple[tuple[Any, ...], ...]]  # the entry's columns, its transfers


def raw_chained(url: str) -> Peer:
    """The peer for the make of database that the address names."""
    return _RawSqlite(url) if make_url(url).get_backend_name() == "sqlite" else _RawPostgres(url)


def drop_guards(connection: Any) -> None:  # noqa: ANN401 - a connection of either driver
    """Take the append-only triggers away: they are rules."""
    if isinstance(connection, sqlite3.Connection):
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
    else:
        names = "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
        for trigger, table in connection.execute(names).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}" ON "{table}"')


def sqlite_connection(url: str) -> sqlite3.Connection:
    """A connection with the settings of the ledger's own writer."""
    connection = sqlite3.connect(make_url(url).database or "", isolation_level=None, timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def postgres_connection(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection on which each statement is a transaction, unless one is begun."""
    place = make_url(url)
    host, port = str(place.query["host"]), str(place.query["port"])
    once = "-c plan_cache_mode=force_generic_plan"  # a statement is planned once, not each time anew
    return psycopg.connect(host=host, port=port, user=place.username, dbname=place.database, autocommit=True, options=once)


class _Raw:
    """What both makes share: the rows are ready before the clock runs, down to the bytes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._posts: list[Post] = []

    def lay(self) -> None:
        """In a copy of what the ledger has laid: no guards, and every account opened beforehand."""
        database = open_database(self._url)
        with database.reading() as session:
            known = set(session.exec(select(Account.path)))
        with database.unit_of_work() as unit:
            new = ((path, *parse(path)) for path in all_accounts() if path not in known)
            unit.session.add_all(Account(path=path, kind=kind.value, owner=owner) for path, kind, owner in new)
            unit.commit()
        database.dispose()

    def prepare(self, chosen: list[Step]) -> None:
        database = open_database(self._url)
        with database.reading() as session:
            ground = founded(session)
        database.dispose()
        self._posts = []
        moment = clock_of(FIRST_DAY)()
        for step in chosen:
            # What a payment rests on is not known to a poster that keeps nothing; the project's allocation stands for it.
            allocation = ground.allocations[step.project] if step.project else 0
            draft = draft_of(step, ground, {step.rests_on: allocation} if step.rests_on is not None else {}, FIRST_DAY)
            bytes_ = encode(draft, index=0, recorded_at=moment)
            entry = (
                draft.payload.kind.value, instant_text(moment), FIRST_DAY.isoformat(), draft.authority, draft.place,
                draft.mandate, draft.actor.person, draft.actor.role.value, draft.idempotency_key, bytes_,
            )  # fmt: skip
            moves = tuple((place, m.from_account, m.to_account, m.resource, m.amount) for place, m in enumerate(step.movements))
            self._posts.append((entry, moves))


class _RawSqlite(_Raw):
    """On SQLite: BEGIN IMMEDIATE, one SELECT, INSERTs and one UPDATE, COMMIT."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection = sqlite_connection(url)

    def lay(self) -> None:
        super().lay()
        drop_guards(self._connection)

    def run(self) -> int:
        connection = self._connection
        insert = f'INSERT INTO entry ("index", {_COLUMNS}, leaf_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
        for entry, moves in self._posts:
            connection.execute("BEGIN IMMEDIATE")
            index, root = connection.execute("SELECT size, root FROM head").fetchone()
            root = hashlib.sha256(root + entry[-1]).digest()
            connection.execute(insert, (index, *entry, root))
            rows = [(index, *move) for move in moves]
            connection.executemany("INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?)", rows)
            connection.execute("UPDATE head SET size = ?, root = ?", (index + 1, root))
            connection.execute("COMMIT")
        return len(self._posts)

    def balances(self) -> Balances:
        return {f"{path} {resource}": amount for path, resource, amount in self._connection.execute(SUMS) if amount}

    def close(self) -> None:
        self._connection.close()


class _RawPostgres(_Raw):
    """On PostgreSQL: one statement for each post, prepared, so one round trip."""

    _POST = f"""
        WITH locked AS (
            UPDATE head SET size = size + 1, root = sha256(root || %s::bytea) RETURNING size - 1 AS place, root
        ), added AS (
            INSERT INTO entry ("index", {_COLUMNS}, leaf_hash)
            SELECT place, %s, %s, %s::date, %s, %s, %s::int, %s, %s, %s, %s::bytea, root FROM locked
        )
        INSERT INTO transfer SELECT place, moved.* FROM locked,
            unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::bigint[]) AS moved
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection = postgres_connection(url)

    def lay(self) -> None:
        super().lay()
        drop_guards(self._connection)

    def run(self) -> int:
        for entry, moves in self._posts:
            columns = [list(column) for column in zip(*moves, strict=True)]
            self._connection.execute(self._POST, (entry[-1], *entry, *columns), prepare=True)
        return len(self._posts)

    def balances(self) -> Balances:
        rows = self._connection.execute(SUMS).fetchall()
        return {f"{path} {resource}": int(amount) for path, resource, amount in rows if amount}

    def close(self) -> None:
        self._connection.close()
