"""CSV by RFC 4180, in UTF-8: one row for each transfer, and one for an entry that moves nothing.

| column | what it holds |
|---|---|
| `entry`, `kind`, `subject` | the entry's number, its kind, and the person, round or project it is about |
| `recorded_at`, `effective_on` | when it was recorded (UTC), and the day on which it took effect |
| `authority`, `place`, `mandate` | whose books, which partnership, and the entry that gave the power |
| `person`, `role` | who acted, by opaque reference, and in what role |
| `purpose` | the purpose or title that the entry holds |
| `transfer` | which of the entry's transfers this is, from 0; empty when it has none |
| `from_account`, `to_account`, `resource` | from where to where, and a currency or TIME |
| `amount` | in units of the currency with all its decimals; TIME in minutes |
| `idempotency_key`, `leaf_hash` | the request it answers, and its hash in the tree |
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from ledger.database import instant_text
from ledger.exports.books import purpose_of
from ledger.exports.log import Log
from ledger.money import in_units
from ledger.records import Recorded

COLUMNS = (
    "entry", "kind", "subject", "recorded_at", "effective_on", "authority", "place", "mandate", "person", "role", "purpose",
    "transfer", "from_account", "to_account", "resource", "amount", "idempotency_key", "leaf_hash",
)  # fmt: skip
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Text that begins like a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN_BY_SPREADSHEETS) else value


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV: commas, quotes where they are needed, CRLF after each row, and no cell that a spreadsheet would run."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def pieces(log: Log) -> Iterator[bytes]:
    """The header, then the rows of each entry."""
    yield csv_text([COLUMNS]).encode()
    for entry in log.entries():
        yield csv_text(_rows(entry)).encode()


def _rows(entry: Recorded) -> Iterator[Sequence[object]]:
    what = (
        entry.index, entry.kind.value, entry.payload.subject(), instant_text(entry.recorded_at), entry.effective_on,
        entry.authority, entry.place, entry.mandate, entry.actor.person, entry.actor.role.value, purpose_of(entry),
    )  # fmt: skip
    proof = (entry.idempotency_key, entry.leaf_hash.hex())
    for position, move in enumerate(entry.movements):
        amount = in_units(move.amount, move.resource)
        yield (*what, position, move.from_account, move.to_account, move.resource, amount, *proof)
    if not entry.movements:
        yield (*what, None, None, None, None, None, *proof)
