"""An hledger journal: every entry a transaction, every account and commodity declared, every balance asserted at the end.

What the entry says beside its transfers stands in tags. A tag ends at a comma and a word with a colon begins one, so in free
text a comma is written as a semicolon and a colon as a dash.
"""

from collections.abc import Iterator

from ledger.exports.accounts import hledger_name
from ledger.exports.books import Books, amount_text, books_of, facts, narration
from ledger.exports.log import Log
from ledger.records import Recorded


def pieces(log: Log) -> Iterator[bytes]:
    """The journal: commodities and accounts, then a transaction for each entry, then what each account holds."""
    books = books_of(log)
    head = [f"commodity {_sample(resource)}\n" for resource in books.resources]
    head += [f"account {hledger_name(path)}\n" for path in books.opened]
    yield "".join(head).encode()
    for entry in log.entries():
        yield _transaction(entry).encode()
    if books.closing:
        yield _assertions(books).encode()


def _transaction(entry: Recorded) -> str:
    lines = [f"\n{entry.effective_on} * ({entry.index}) {narration(entry)}"]
    lines += [f"    ; {name}: {_harmless(value)}" for name, value in facts(entry).items()]
    for movement in entry.movements:
        lines += [
            f"    {hledger_name(movement.from_account)}  {amount_text(-movement.amount, movement.resource)}",
            f"    {hledger_name(movement.to_account)}  {amount_text(movement.amount, movement.resource)}",
        ]
    return "\n".join(lines) + "\n"


def _assertions(books: Books) -> str:
    """A transaction that moves nothing, on the last day and after everything else of that day."""
    lines = [f"\n{books.last_day} * what each account holds"]
    for (path, resource), amount in sorted(books.closing.items()):
        lines.append(f"    {hledger_name(path)}  {amount_text(0, resource)} = {amount_text(amount, resource)}")
    return "\n".join(lines) + "\n"


def _sample(resource: str) -> str:
    """How the commodity is written: “1000.00 GBP”, “1000. MIN”."""
    number, unit = amount_text(0, resource).split(" ")
    return f"1000{number[1:] or '.'} {unit}"


def _harmless(text: str) -> str:
    return text.replace(",", ";").replace(":", " –")
