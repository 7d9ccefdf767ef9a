"""How the door asks and writes many rows at once, in the SQL of each database: one statement a table, one trip a step.

These are the ledger's busiest statements, so they go to the driver as they stand. What the driver raises is raised as
SQLAlchemy would raise it, so that nobody above has to know. On PostgreSQL rows are written by `ledger_append`, a function of
the database's own: the whole post is one statement, sent as one array for each column.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ledger.database import instant_text
from ledger.engines import Driver, LogHead, RaisedAsSqlalchemyWould

if TYPE_CHECKING:
    import psycopg

_AT_ONCE = 500  # parameters of one SQLite statement


@dataclass(slots=True)
class Batch:
    """Rows to be written together; what balances, promises, flows and totals change by, by their keys."""

    entries: list[tuple[object, ...]] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)
    transfers: list[tuple[int, int, str, str, str, int]] = field(default_factory=list)
    balances: dict[tuple[str, str], int] = field(default_factory=dict)
    promises: dict[tuple[int, str], int] = field(default_factory=dict)
    flows: dict[tuple[str, str, str, str, str, str], int] = field(default_factory=dict)
    totals: dict[tuple[str, str, str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """What is stored under the keys, accounts and commitments that were asked for."""

    written: dict[str, bytes]
    balances: dict[tuple[str, str], int]
    left: dict[tuple[int, str], int]


class Rows(Protocol):
    """One connection inside a unit of work."""

    def ask(self, keys: Sequence[str], accounts: Sequence[str], commitments: Sequence[int]) -> Found:
        """Everything that stands under these."""

    def entry(self, index: int) -> bytes | None:
        """The bytes of the entry at `index`, if there is one."""

    def write(self, batch: Batch, root: bytes, head: LogHead) -> bool:
        """Write the batch and move the head to `head`. Says whether it did: not if its root is no longer `root`.

        Raises IntegrityError.
        """


def rows_of(driver: Driver) -> Rows:
    """The rows of the database behind this connection."""
    return _SqliteRows(driver) if isinstance(driver, sqlite3.Connection) else _PostgresRows(driver)


def merged(batches: Sequence[Batch]) -> Batch:
    """One batch of several."""
    if len(batches) == 1:
        return batches[0]
    whole = Batch()
    for batch in batches:
        whole.entries += batch.entries
        whole.accounts += batch.accounts
        whole.transfers += batch.transfers
        _add_up(whole.balances, batch.balances)
        _add_up(whole.promises, batch.promises)
        _add_up(whole.flows, batch.flows)
        _add_up(whole.totals, batch.totals)
    return whole


def _add_up(all_: dict[Any, int], some: dict[Any, int]) -> None:
    for key, change in some.items():
        all_[key] = all_.get(key, 0) + change


class _SqliteRows:
    _ENTRY = (
        'INSERT INTO entry ("index", kind, recorded_at, effective_on, authority, place, subject, mandate, person, role, '
        "idempotency_key, written, leaf_hash, nodes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    )
    _TRANSFER = "INSERT INTO transfer (entry, position, from_account, to_account, resource, amount) VALUES (?, ?, ?, ?, ?, ?)"
    _ACCOUNT = "INSERT INTO account (path, kind, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    # A row that is there changes, and only where there is none one is added: an upsert's CHECK would see the change as a row.
    _BALANCE = (
        "UPDATE balance SET amount = amount + ? WHERE account = ? AND resource = ?",
        "INSERT INTO balance (amount, account, resource) VALUES (?, ?, ?)",
    )
    _PROMISE = (
        'UPDATE promise SET "left" = "left" + ? WHERE entry = ? AND resource = ?',
        'INSERT INTO promise ("left", entry, resource) VALUES (?, ?, ?)',
    )
    _FLOW = (
        "INSERT INTO flow (from_account, to_account, resource, month, authority, place, amount) VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (from_account, to_account, resource, month, authority, place) DO UPDATE SET "
        "amount = flow.amount + excluded.amount"
    )
    _TOTAL = (
        "INSERT INTO total (place, resource, from_kind, to_kind, amount) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (place, resource, from_kind, to_kind) DO UPDATE SET amount = total.amount + excluded.amount"
    )
    _HEAD = "UPDATE head SET size = ?, edge = ?, root = ?, recorded_at = ?, decisions = ?"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ask(self, keys: Sequence[str], accounts: Sequence[str], commitments: Sequence[int]) -> Found:
        with RaisedAsSqlalchemyWould(self._connection):
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

    def entry(self, index: int) -> bytes | None:
        with RaisedAsSqlalchemyWould(self._connection):
            row = self._connection.execute('SELECT written FROM entry WHERE "index" = ?', (index,)).fetchone()
        return bytes(row[0]) if row else None

    def _all(self, query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            yield from self._connection.execute(f"{query} ({', '.join('?' * len(some))})", some)

    def write(self, batch: Batch, root: bytes, head: LogHead) -> bool:  # noqa: ARG002 - nobody else has the lock
        with RaisedAsSqlalchemyWould(self._connection):
            many = self._connection.executemany
            if batch.accounts:
                many(self._ACCOUNT, batch.accounts)
            many(self._ENTRY, batch.entries)
            if batch.transfers:
                many(self._TRANSFER, batch.transfers)
                self._change(self._BALANCE, batch.balances)
                many(self._FLOW, [(*key, amount) for key, amount in batch.flows.items()])
                many(self._TOTAL, [(*key, amount) for key, amount in batch.totals.items()])
            self._change(self._PROMISE, batch.promises)
            moment = instant_text(head.recorded_at) if head.recorded_at else None
            self._connection.execute(self._HEAD, (head.size, head.edge, head.root, moment, head.decisions))
        return True

    def _change(self, statements: tuple[str, str], changes: dict[Any, int]) -> None:
        change, add = statements
        for key, amount in changes.items():
            if not self._connection.execute(change, (amount, *key)).rowcount:
                self._connection.execute(add, (amount, *key))


class _PostgresRows:
    _KEYS = "SELECT idempotency_key, written FROM entry WHERE idempotency_key = ANY(%s)"
    _BALANCES = "SELECT account, resource, amount FROM balance WHERE account = ANY(%s)"
    _LEFT = 'SELECT entry, resource, "left" FROM promise WHERE entry = ANY(%s)'
    _COLUMNS = (
        "int text text date text text text int text text text bytea bytea bytea",  # of an entry
        "text text text",  # an account
        "int int text text text bigint",  # a transfer
        "text text bigint",  # a balance
        "int text bigint",  # a promise
        "text text text text text text bigint",  # a flow
        "text text text text bigint",  # a total
    )
    _APPEND = "SELECT ledger_append(%b, %s::int, %b, %b, %s, %s::int, {})".format(
        ", ".join(f"%s::{name}[]" for names in _COLUMNS for name in names.split())
    )

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def ask(self, keys: Sequence[str], accounts: Sequence[str], commitments: Sequence[int]) -> Found:
        with RaisedAsSqlalchemyWould(self._connection):
            return Found(
                written={key: bytes(value) for key, value in self._found(self._KEYS, keys)},
                balances={(account, resource): amount for account, resource, amount in self._found(self._BALANCES, accounts)},
                left={(entry, resource): rest for entry, resource, rest in self._found(self._LEFT, commitments)},
            )

    def entry(self, index: int) -> bytes | None:
        with RaisedAsSqlalchemyWould(self._connection):
            row = self._connection.execute('SELECT written FROM entry WHERE "index" = %s', [index], prepare=True).fetchone()
        return bytes(row[0]) if row else None

    def _found(self, query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        # Planned each time: a plan made while the table was small would read all of it for ever.
        return iter(self._connection.execute(query, [list(values)], prepare=False)) if values else iter(())

    def write(self, batch: Batch, root: bytes, head: LogHead) -> bool:
        moment = instant_text(head.recorded_at) if head.recorded_at else None
        sums: tuple[dict[Any, int], ...] = (batch.balances, batch.promises, batch.flows, batch.totals)
        changed = ([(*key, amount) for key, amount in rows.items()] for rows in sums)
        tables: tuple[Sequence[Sequence[object]], ...] = (batch.entries, batch.accounts, batch.transfers, *changed)
        arrays: list[str] = []
        for names, rows in zip(self._COLUMNS, tables, strict=True):
            arrays += [_array(column) for column in zip(*rows, strict=True)] or ["{}"] * len(names.split())
        given = [root, head.size, head.edge, head.root, moment, head.decisions, *arrays]
        with RaisedAsSqlalchemyWould(self._connection):
            row = self._connection.execute(self._APPEND, given, prepare=True).fetchone()
        return bool(row and row[0])


def _array(values: Sequence[object]) -> str:
    """A column as PostgreSQL writes an array: one text instead of a list that the driver would walk value by value."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return f"{{{','.join(map(str, values))}}}"
    if kinds == {str}:
        joined = '","'.join(values)  # type: ignore[arg-type]  # each is a text, as was just asked
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return f'{{"{joined}"}}'
    return f"{{{','.join(map(_element, values))}}}"


def _element(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
