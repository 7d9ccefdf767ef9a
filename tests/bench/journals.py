"""The workload as journals of plain-text accounting, and the balances that those programs print, read back."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from ledger.records import Movement
from tests.bench.workload import FIRST_DAY, Balances, Step

_PENCE = 100


def write_journal(file: Path, opening: Iterable[Movement], told: Iterable[Step]) -> None:
    """For hledger and ledger, which read the same."""
    with file.open("w") as written:
        for head, movements in _transactions(opening, told, flag=""):
            written.write(head)
            for moved in movements:
                for account, sign in ((moved.from_account, "-"), (moved.to_account, "")):
                    written.write(f"    {account.replace('/', ':')}  {sign}{_amount(moved)}\n")
            written.write("\n")


def write_beancount(file: Path, opening: Iterable[Movement], told: Iterable[Step], accounts: Iterable[str]) -> None:
    """For beancount, where each account is opened first and its name begins with one of five roots."""
    with file.open("w") as written:
        for account in sorted(accounts):
            written.write(f"{FIRST_DAY.isoformat()} open {_beancount_name(account)}\n")
        for head, movements in _transactions(opening, told, flag="*"):
            written.write(head)
            for moved in movements:
                for account, sign in ((moved.from_account, "-"), (moved.to_account, "")):
                    written.write(f"  {_beancount_name(account)}  {sign}{_amount(moved)}\n")
            written.write("\n")


def hledger_balances(printed: str) -> Balances:
    """From `hledger balance --flat --no-total --layout=bare -O csv`."""
    rows = csv.DictReader(printed.splitlines())
    return _whole((row["account"].replace(":", "/"), row["commodity"], Decimal(row["balance"])) for row in rows)


def ledger_balances(printed: str) -> Balances:
    """From `ledger balance --flat --no-total`: amounts one below another, the account beside the last of them."""
    waiting: list[tuple[str, Decimal]] = []
    found = []
    for line in printed.splitlines():
        words = line.split()
        waiting.append((words[1], Decimal(words[0])))
        if len(words) > 2:
            found += [(words[2].replace(":", "/"), resource, amount) for resource, amount in waiting]
            waiting = []
    return _whole(found)


def beancount_balances(printed: str) -> Balances:
    """From our own program on beancount's library, which prints JSON."""
    rows = json.loads(printed)
    return _whole((_own_name(account), resource, Decimal(amount)) for account, resource, amount in rows)


def _transactions(opening: Iterable[Movement], told: Iterable[Step], *, flag: str) -> Iterator[tuple[str, Iterable[Movement]]]:
    def head(day: str, words: str) -> str:
        return f'{day} {flag} "{words}"\n' if flag else f"{day} {words}\n"

    for moved in opening:
        yield head(FIRST_DAY.isoformat(), "What the mandates moved"), [moved]
    for step in told:
        yield head(step.day.isoformat(), step.words.replace(";", ",")), step.movements


def _amount(moved: Movement) -> str:
    if moved.resource == "GBP":
        pounds, pence = divmod(moved.amount, _PENCE)
        return f"{pounds}.{pence:02} GBP"
    return f"{moved.amount} {moved.resource}"


def _beancount_name(account: str) -> str:
    kind, owner = account.split("/")
    return f"Assets:{kind.title()}:{owner[0].upper()}{owner[1:]}"


def _own_name(account: str) -> str:
    _, kind, owner = account.split(":")
    return f"{kind.lower()}/{owner[0].lower()}{owner[1:]}"


def _whole(rows: Iterable[tuple[str, str, Decimal]]) -> Balances:
    found: Balances = defaultdict(int)
    for account, resource, amount in rows:
        found[f"{account} {resource}"] += int(amount * (_PENCE if resource == "GBP" else 1))
    return {name: amount for name, amount in found.items() if amount}
