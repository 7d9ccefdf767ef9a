"""The barest chained insert there can be, as a peer: one row of an entry's bytes and the hash that chains it to the last one.

One table without an index, one transaction for each entry, one statement on PostgreSQL. It keeps no transfers and so knows no
balances: it is the ceiling of what one transaction for each entry can come to, not a ledger.
"""

import hashlib

from sqlalchemy.engine import make_url

from tests.bench.peers import Peer
from tests.bench.raw import postgres_connection, sqlite_connection
from tests.bench.workload import Step


def raw_bare(url: str) -> Peer:
    """The peer for the make of database that the address names; the database may be empty."""
    return _BareSqlite(url) if make_url(url).get_backend_name() == "sqlite" else _BarePostgres(url)


class _Bare:
    def __init__(self) -> None:
        self._written: list[bytes] = []

    def prepare(self, chosen: list[Step]) -> None:
        """About as many bytes as an entry of the ledger has: its words, twice its names, and room for what frames them."""
        self._written = [repr(step).encode().ljust(600) for step in chosen]

    def balances(self) -> None:
        return None


class _BareSqlite(_Bare):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._connection = sqlite_connection(url)

    def lay(self) -> None:
        self._connection.execute('CREATE TABLE bare ("index" INTEGER PRIMARY KEY, written BLOB, hash BLOB)')
        self._connection.execute("INSERT INTO bare VALUES (0, x'', x'')")

    def run(self) -> int:
        for written in self._written:
            self._connection.execute("BEGIN IMMEDIATE")
            last = 'SELECT "index", hash FROM bare ORDER BY "index" DESC LIMIT 1'
            index, chained = self._connection.execute(last).fetchone()
            row = (index + 1, written, hashlib.sha256(chained + written).digest())
            self._connection.execute("INSERT INTO bare VALUES (?, ?, ?)", row)
            self._connection.execute("COMMIT")
        return len(self._written)

    def close(self) -> None:
        self._connection.close()


class _BarePostgres(_Bare):
    _POST = """
        WITH locked AS (UPDATE tip SET size = size + 1, hash = sha256(hash || %s::bytea) RETURNING size, hash)
        INSERT INTO bare SELECT size, %s::bytea, hash FROM locked
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._connection = postgres_connection(url)

    def lay(self) -> None:
        self._connection.execute('CREATE TABLE bare ("index" bigint, written bytea, hash bytea)')
        self._connection.execute("CREATE TABLE tip (size bigint, hash bytea)")
        self._connection.execute("INSERT INTO tip VALUES (0, '')")

    def run(self) -> int:
        for written in self._written:
            self._connection.execute(self._POST, (written, written), prepare=True)
        return len(self._written)

    def close(self) -> None:
        self._connection.close()
