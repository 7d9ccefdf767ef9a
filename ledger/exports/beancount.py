"""A beancount journal: every entry a transaction, every account opened on the day of its first use, every balance asserted.

Balances are asserted on the day after the last entry, to the penny: beancount would let the last digit pass otherwise.
"""

from collections.abc import Iterator
from datetime import timedelta

from ledger.exports.accounts import beancount_name
from ledger.exports.books import amount_text, books_of, commodity, facts, narration
from ledger.exports.log import Log
from ledger.money import TIME
from ledger.records import Recorded


def pieces(log: Log) -> Iterator[bytes]:
    """The journal: commodities and accounts, then a transaction for each entry, then what each account holds."""
    books = books_of(log)
    currencies = [resource for resource in books.resources if resource != TIME]
    head = [f'option "operating_currency" "{currency}"\n' for currency in currencies]
    if books.opened:
        first = min(books.opened.values())
        head += [f"{first} commodity {commodity(resource)}\n" for resource in books.resources]
    for path, day in books.opened.items():
        held = ",".join(commodity(resource) for resource in books.held_in(path))
        head.append(f"{day} open {beancount_name(path)} {held}\n")
    yield "".join(head).encode()
    for entry in log.entries():
        yield _transaction(entry).encode()
    if books.last_day is not None:
        day = books.last_day + timedelta(days=1)
        yield b"\n"
        for (path, resource), amount in sorted(books.closing.items()):
            number, unit = amount_text(amount, resource).split(" ")
            yield f"{day} balance {beancount_name(path)} {number} ~ 0 {unit}\n".encode()


def _transaction(entry: Recorded) -> str:
    lines = [f'\n{entry.effective_on} * "{narration(entry)}"']
    for name, value in facts(entry).items():
        lines.append(f"  {name}: {value}" if name in {"index", "mandate"} else f"  {name}: {_quoted(value)}")
    for movement in entry.movements:
        lines += [
            f"  {beancount_name(movement.from_account)} {amount_text(-movement.amount, movement.resource)}",
            f"  {beancount_name(movement.to_account)} {amount_text(movement.amount, movement.resource)}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
