"""The log in files that others read: its own bytes, two bookkeepers' tools, and a spreadsheet.

| format | what it is for |
|---|---|
| `jsonl` | the log itself, to keep and to restore: every line is an entry's exact bytes |
| `beancount`, `hledger` | plain-text accounting: the tools derive every balance again and compare it with ours |
| `csv` | a spreadsheet: one row for each transfer |

No file holds a name, a text or a ballot: those stand beside the log and can be erased, and a backup keeps them.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from ledger.exports import beancount, hledger, jsonl, table
from ledger.exports.jsonl import lines_of, read_through
from ledger.exports.log import Log

__all__ = ["FORMATS", "Log", "lines_of", "read_through"]

FORMATS: Mapping[str, Callable[[Log], Iterator[bytes]]] = MappingProxyType(
    {"jsonl": jsonl.pieces, "beancount": beancount.pieces, "hledger": hledger.pieces, "csv": table.pieces}
)
