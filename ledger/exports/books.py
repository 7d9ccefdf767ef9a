"""What a journal says before and after its transactions: the accounts, since when, in what, and what each holds at the end.

Transactions are read from the exact bytes of the entries; what accounts hold at the end comes from the stored balances (or,
for one authority, from the stored flows). So a tool that checks the journal checks the one against the other.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select

from ledger.entries import Balance, Entry, Flow, Transfer
from ledger.exports.log import Log
from ledger.money import TIME, in_units
from ledger.records import Recorded

MINUTES = "MIN"  # the commodity of staff time: whole minutes, which every tool reads exactly


@dataclass(frozen=True, slots=True)
class Books:
    """Of each account: the first day it was used, and what it holds at the end by resource; and the last day of all."""

    opened: dict[str, date]
    closing: dict[tuple[str, str], int]
    last_day: date | None

    @property
    def resources(self) -> list[str]:
        """Every resource that moves, money before time."""
        return sorted({resource for _, resource in self.closing}, key=lambda resource: (resource == TIME, resource))

    def held_in(self, path: str) -> list[str]:
        """The resources that an account has moved."""
        return [resource for resource in self.resources if (path, resource) in self.closing]


def books_of(log: Log) -> Books:
    """The books of the whole log, or of one authority."""
    query = select(func.max(col(Entry.effective_on)))
    if log.authority is not None:
        query = query.where(col(Entry.authority) == log.authority)
    return Books(opened=_opened(log), closing=_closing(log), last_day=log.session.exec(query).one())


def _opened(log: Log) -> dict[str, date]:
    """A fact may be entered after its day, so the first use of an account is not always in its first entry."""
    opened: dict[str, date] = {}
    for column in (col(Transfer.from_account), col(Transfer.to_account)):
        query = select(column, func.min(col(Entry.effective_on))).join(Entry, col(Entry.index) == col(Transfer.entry))
        if log.authority is not None:
            query = query.where(col(Entry.authority) == log.authority)
        for path, day in log.session.exec(query.group_by(column)):
            opened[path] = min(day, opened.get(path, day))
    return dict(sorted(opened.items()))


def _closing(log: Log) -> dict[tuple[str, str], int]:
    if log.authority is None:
        return {(row.account, row.resource): row.amount for row in log.session.exec(select(Balance))}
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for row in log.session.exec(select(Flow).where(col(Flow.authority) == log.authority)):
        totals[row.from_account, row.resource] -= row.amount
        totals[row.to_account, row.resource] += row.amount
    return dict(totals)


def commodity(resource: str) -> str:
    """The commodity that stands for a resource: GBP, MIN."""
    return MINUTES if resource == TIME else resource


def amount_text(amount: int, resource: str) -> str:
    """1234, GBP → “12.34 GBP”; 90, TIME → “90 MIN”: exact, with every decimal of the currency."""
    return f"{in_units(amount, resource):f} {commodity(resource)}"


def narration(entry: Recorded) -> str:
    """“time worked, entry 12”: what happened and where it stands in the log. Nobody is named."""
    return f"{entry.kind.heading.lower()}, entry {entry.index}"


def facts(entry: Recorded) -> dict[str, str]:
    """What a journal tells of an entry beside its transfers; free text last, with whatever would break a line made a space."""
    told = {"index": str(entry.index), "leaf": entry.leaf_hash.hex(), "authority": entry.authority}
    if entry.place is not None:
        told["place"] = entry.place
    if entry.mandate is not None:
        told["mandate"] = str(entry.mandate)
    purpose = purpose_of(entry)
    if purpose:
        told["purpose"] = purpose
    return told


def purpose_of(entry: Recorded) -> str:
    """The purpose or title that the entry itself holds, on one line; empty when it has none."""
    text = getattr(entry.payload, "purpose", None) or getattr(entry.payload, "title", None) or ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
