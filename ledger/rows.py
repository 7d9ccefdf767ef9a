"""How the door asks and writes many rows at once, in the SQL of each database: one statement a table, one trip a step.

These are the ledger's busiest statements, so they go to the driver as they stand. What the driver raises is raised as
SQLAlchemy would raise it, so that nobody above has to know.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, cast

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from ledger.database import instant_text
from ledger.tree import Edge

_AT_ONCE = 500  # parameters of one SQLite statement


@dataclass(slots=True)
class Batch:
    """Rows to be written together; balances, promises and flows by their keys."""

    entries: list[tuple[object, ...]] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)
    transfers: list[tuple[int, int, str, str, str, int]] = field(default_factory=list)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)  # as they are after the batch
    promises: dict[tuple[int, str], int] = field(default_factory=dict)  # what is left after the batch
    flows: dict[tuple[str, str, str, str, str, str], int] = field(default_factory=dict)  # what the batch adds


@dataclass(slots=True)
class Found:
    """What is stored under the keys, accounts and commitments that were asked for."""

    written: dict[str, bytes]
    balances: dict[tuple[str, str], int]
    left: dict[tuple[int, str], int]


class Rows(Protocol):
    """One connection inside a unit of work that holds the head's lock."""

    def ask(self, keys: Sequence[str], accounts: Sequence[str], commitments: Sequence[int]) -> Found:
        """Everything that stands under these, in one trip."""

    def write(self, batch: Batch, edge: Edge, moment: datetime, decisions: int) -> None:
        """Write the batch and move the head past it, in one trip. Raises IntegrityError."""


def rows_of(session: Session) -> Rows:
    """The rows of the database behind this session."""
    connection = session.connection().connection.driver_connection
    if isinstance(connection, sqlite3.Connection):
        return _SqliteRows(connection)
    return _PostgresRows(cast("psycopg.Connection[Any]", connection))


@contextmanager
def _raised_as_sqlalchemy_would(base: type[Exception]) -> Iterator[None]:
    try:
        yield
    except base as fault:
        raised = DBAPIError.instance("a post", None, fault, base, hide_parameters=True)
        raise raised from fault


class _SqliteRows:
    _ENTRY = (
        'INSERT INTO entry ("index", kind, recorded_at, effective_on, authority, place, subject, mandate, person, role, '
        "idempotency_key, written, leaf_hash, nodes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    _TRANSFER = "INSERT INTO transfer (entry, position, from_account, to_account, resource, amount) VALUES (?, ?, ?, ?, ?, ?)"
    _ACCOUNT = "INSERT INTO account (path, kind, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    _BALANCE = (
        "INSERT INTO balance (account, resource, amount) VALUES (?, ?, ?) "
        "ON CONFLICT (account, resource) DO UPDATE SET amount = excluded.amount"
    )
    _PROMISE = (
        'INSERT INTO promise (entry, resource, "left") VALUES (?, ?, ?) '
        'ON CONFLICT (entry, resource) DO UPDATE SET "left" = excluded."left"'
    )
    _FLOW = (
        "INSERT INTO flow (from_account, to_account, resource, month, authority, place, amount) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (from_account, to_account, resource, month, authority, place) DO UPDATE SET "
        "amount = flow.amount + excluded.amount"
    )
    _HEAD = "UPDATE head SET size = ?, edge = ?, root = ?, recorded_at = ?, decisions = ?"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ask(self, keys: Sequence[str], accounts: Sequence[str], commitments: Sequence[int]) -> Found:
        with _raised_as_sqlalchemy_would(sqlite3.Error):
            return Found(
                written=dict(self._all("SELECT idempotency_key, written FROM entry WHERE idempotency_key IN", keys)),
                balances={
                    (account, resource): amount
                    for account, resource, amount in self._all(
                        "SELECT account, resource, amount FROM balance WHERE account IN", accounts
                    )
                },
                left={
                    (entry, resource): left
                    for entry, resource, left in self._all(
                        'SELECT entry, resource, "left" FROM promise WHERE entry IN', commitments
                    )
                },
            )

    def _all(self, query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._connection.execute(f"{query} ({', '.join('?' * len(some))})", some)

    def write(self, batch: Batch, edge: Edge, moment: datetime, decisions: int) -> None:
        with _raised_as_sqlalchemy_would(sqlite3.Error):
            many = self._connection.executemany
            if batch.accounts:
                many(self._ACCOUNT, batch.accounts)
            many(self._ENTRY, batch.entries)
            if batch.transfers:
                many(self._TRANSFER, batch.transfers)
                many(self._BALANCE, [(*key, amount) for key, amount in batch.balances.items()])
                many(self._FLOW, [(*key, amount) for key, amount in batch.flows.items()])
            if batch.promises:
                many(self._PROMISE, [(*key, left) for key, left in batch.promises.items()])
            head = (edge.size, edge.packed(), edge.root(), instant_text(moment), decisions)
            self._connection.execute(self._HEAD, head)


class _PostgresRows:
    _KEYS = "SELECT idempotency_key, written FROM entry WHERE idempotency_key = ANY(%s)"
    _BALANCES = "SELECT account, resource, amount FROM balance WHERE account = ANY(%s)"
    _LEFT = 'SELECT entry, resource, "left" FROM promise WHERE entry = ANY(%s)'
    _ENTRY = (
        'INSERT INTO entry ("index", kind, recorded_at, effective_on, authority, place, subject, mandate, person, role, '
        "idempotency_key, written, leaf_hash, nodes) SELECT * FROM unnest(%s::int[], %s::text[], %s::text[], %s::date[], "
        "%s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::bytea[], %s::bytea[], "
        "%s::bytea[])"
    )
    _TRANSFER = (
        "INSERT INTO transfer (entry, position, from_account, to_account, resource, amount) "
        "SELECT * FROM unnest(%s::int[], %s::int[], %s::text[], %s::text[], %s::text[], %s::bigint[])"
    )
    _ACCOUNT = (
        "INSERT INTO account (path, kind, owner) SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) "
        "ON CONFLICT DO NOTHING"
    )
    _BALANCE = (
        "INSERT INTO balance (account, resource, amount) SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[]) "
        "ON CONFLICT (account, resource) DO UPDATE SET amount = excluded.amount"
    )
    _PROMISE = (
        'INSERT INTO promise (entry, resource, "left") SELECT * FROM unnest(%s::int[], %s::text[], %s::bigint[]) '
        'ON CONFLICT (entry, resource) DO UPDATE SET "left" = excluded."left"'
    )
    _FLOW = (
        "INSERT INTO flow (from_account, to_account, resource, month, authority, place, amount) SELECT * FROM "
        "unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[]) "
        "ON CONFLICT (from_account, to_account, resource, month, authority, place) DO UPDATE SET "
        "amount = flow.amount + excluded.amount"
    )
    _HEAD = "UPDATE head SET size = %s, edge = %s, root = %s, recorded_at = %s, decisions = %s"

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def ask(self, keys: Sequence[str], accounts: Sequence[str], commitments: Sequence[int]) -> Found:
        with _raised_as_sqlalchemy_would(psycopg.Error), self._connection.pipeline():
            written = self._connection.execute(self._KEYS, [list(keys)])
            balances = self._connection.execute(self._BALANCES, [list(accounts)]) if accounts else ()
            left = self._connection.execute(self._LEFT, [list(commitments)]) if commitments else ()
            return Found(
                written={key: bytes(value) for key, value in written},
                balances={(account, resource): amount for account, resource, amount in balances},
                left={(entry, resource): rest for entry, resource, rest in left},
            )

    def write(self, batch: Batch, edge: Edge, moment: datetime, decisions: int) -> None:
        with _raised_as_sqlalchemy_would(psycopg.Error), self._connection.pipeline():
            if batch.accounts:
                self._many(self._ACCOUNT, batch.accounts)
            self._many(self._ENTRY, batch.entries)
            if batch.transfers:
                self._many(self._TRANSFER, batch.transfers)
                self._many(self._BALANCE, [(*key, amount) for key, amount in batch.balances.items()])
                self._many(self._FLOW, [(*key, amount) for key, amount in batch.flows.items()])
            if batch.promises:
                self._many(self._PROMISE, [(*key, left) for key, left in batch.promises.items()])
            head = [edge.size, edge.packed(), edge.root(), instant_text(moment), decisions]
            self._connection.execute(self._HEAD, head)

    def _many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])
