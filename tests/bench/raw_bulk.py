"""A raw bulk insert, as a peer: every row that `post_many` added or changed, put in the same tables by the driver at once.

SQLite's driver takes them with `executemany` in one transaction, PostgreSQL's with COPY. Keys, indexes and checks of the
tables are as they are; triggers are taken away; the rows are read and waiting in memory before the clock runs.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.engine import make_url

from ledger.tables import TABLES
from tests.bench.raw import SUMS, drop_guards, postgres_connection, sqlite_connection
from tests.bench.workload import Balances, Step

Row = tuple[Any, ...]


class RawBulk:
    """Makes the database `url`, which is as `before`, into what `after` is."""

    def __init__(self, url: str, *, before: str, after: str) -> None:
        """All three are of one make; to `before` and `after` nothing happens."""
        self._copies = make_url(url).get_backend_name() == "postgresql"
        self._connect: Callable[[str], Any] = postgres_connection if self._copies else sqlite_connection
        self._connection: Any = self._connect(url)
        self._before, self._after = before, after
        self._added: list[tuple[str, list[Row]]] = []

    def lay(self) -> None:
        raise AssertionError("a raw peer is given a copy of what the ledger has laid")

    def prepare(self, chosen: list[Step]) -> None:  # noqa: ARG002 - what was recorded of them is read from `after`
        drop_guards(self._connection)
        tables = [str(table.name) for table in TABLES[0].metadata.sorted_tables]
        was, is_now = (self._rows(url, tables) for url in (self._before, self._after))
        for table in reversed(tables):
            gone = was[table] - is_now[table]
            if gone:  # a balance, a flow or the head: its row has another value now
                self._delete(table, gone)
        self._added = [(table, sorted(is_now[table] - was[table], key=repr)) for table in tables]
        self._added = [(table, _in_order(table, rows)) for table, rows in self._added if rows]

    def run(self) -> int:
        if self._copies:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                for table, rows in self._added:
                    with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
                        for row in rows:
                            copy.write_row(row)
        else:
            self._connection.execute("BEGIN IMMEDIATE")
            for table, rows in self._added:
                marks = ", ".join("?" * len(rows[0]))
                self._connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
            self._connection.execute("COMMIT")
        return sum(len(rows) for table, rows in self._added if table == "entry")

    def balances(self) -> Balances:
        rows = self._connection.execute(SUMS).fetchall()
        return {f"{path} {resource}": int(amount) for path, resource, amount in rows if amount}

    def close(self) -> None:
        self._connection.close()

    def _rows(self, url: str, tables: Sequence[str]) -> dict[str, set[Row]]:
        connection = self._connect(url)
        rows = {table: {tuple(row) for row in connection.execute(f'SELECT * FROM "{table}"').fetchall()} for table in tables}
        connection.close()
        return rows

    def _delete(self, table: str, rows: set[Row]) -> None:
        mark = "%s" if self._copies else "?"
        names = [column[0] for column in self._connection.execute(f'SELECT * FROM "{table}" LIMIT 0').description]
        keys = [column.name for column in TABLES[0].metadata.tables[table].primary_key.columns]
        places = [names.index(key) for key in keys]
        where = " AND ".join(f'"{key}" = {mark}' for key in keys)
        for row in rows:
            self._connection.execute(f'DELETE FROM "{table}" WHERE {where}', [row[place] for place in places])


def _in_order(table: str, rows: list[Row]) -> list[Row]:
    """Entries and transfers in the order of the log, as a bulk load would have them; the first column is the index."""
    return sorted(rows, key=lambda row: row[:2]) if table in {"entry", "transfer"} else rows
