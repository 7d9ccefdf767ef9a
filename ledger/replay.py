"""The book replayed from entries alone: what the database answers, worked out again from nothing.

Verifier and auditor ask the same rules the same questions of this book, so nothing that anybody says of the log is believed.
Its memory does not grow with the log: it holds balances, what is left of open commitments, and where the decisions stand that
rules ask for. An entry that is asked for again and no longer in memory is read from the log again.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from heapq import merge

from ledger.accounts import parse
from ledger.kinds import PAYLOADS
from ledger.kinds.evidence import Gathered
from ledger.kinds.payload import amounts
from ledger.records import MOVING, QUIET, Book, Kind, Movement, Recorded

Reread = Callable[[int], Recorded]
"""Gives an entry that the book has taken in before."""
FlowKey = tuple[str, str, str, str, str, str]
"""From account, to account, resource, month, authority, place."""
TotalKey = tuple[str, str, str, str]
"""Place, resource, from which kind of account, to which."""

_KEPT = 2_048  # entries in each of two generations; the one that was not asked for is let go
_REMEMBERED = 8_192  # answers
_REVERSAL, _COMMITMENT = Kind.REVERSAL, Kind.COMMITMENT  # a look-up in the enumeration costs more than a comparison
_NOTHING: Iterator[Recorded] = iter(())

# By what the rules ask for decisions of a kind. Nothing is kept of those that no rule asks for.
_ASKED = {
    Kind.CONSTITUTION: ("all",), Kind.ROLE: ("all", "subject"), Kind.DEVOLUTION: ("place",), Kind.TERMS: ("place",),
    Kind.ROUND: ("all", "subject"), Kind.RULES_FROZEN: ("mandate",), Kind.BALLOTS_SEALED: ("all", "mandate"),
    Kind.RESULT: ("mandate",), Kind.RATIFICATION: ("mandate",), Kind.ALLOCATION: ("subject",), Kind.FREEZE: ("place",),
    Kind.UNFREEZE: ("place",), Kind.PERIOD_CLOSE: ("all",), Kind.REOPEN: ("all",), Kind.REVERSAL: ("mandate",),
    Kind.RISK_AGREEMENT: ("subject",), Kind.RISK_SIGNATURE: ("mandate",), Kind.RISK_DECISION: ("mandate",),
    Kind.RISK_CALL: ("subject",), Kind.RISK_GAIN: ("subject",),
    Kind.ERASURE: ("all", "subject"), Kind.OVERRIDE: ("mandate", "place"), Kind.SIGNATURE: ("mandate",),
    Kind.REFLECTION: ("mandate",), Kind.PROTOTYPE_DECISION: ("mandate",), Kind.DATA_SHARING: ("all",),
}  # fmt: skip
# What turns a yes of `ledger.mandates` about a flow into a no: an actor's role, a closed period, a frozen pot.
_WITHDRAWING = frozenset({Kind.ROLE, Kind.PERIOD_CLOSE, Kind.FREEZE})
# What others rest on while it stands; only a reversal rests on the rest.
_POWERS = frozenset(power for payload in PAYLOADS.values() if payload.kind is not Kind.REVERSAL for power in payload.powers)


class ReplayedBook:
    """All entries so far, as the rules ask about them."""

    def __init__(self, reread: Reread) -> None:
        """An empty book over a log that can be read again."""
        self.size = 0
        self.decisions = 0
        self.last: Recorded | None = None
        self.balances: dict[tuple[str, str], int] = defaultdict(int)
        self.promises: dict[tuple[int, str], int] = {}  # what is left of commitments, while something is
        self.lawful: set[Hashable] = set()
        self._reread = reread
        self._young: dict[int, Recorded] = {}
        self._old: dict[int, Recorded] = {}
        self._asked: dict[tuple[Kind, str, object], list[int]] = {}
        self._gathered: dict[str, Gathered] = {}
        self._resting: dict[int, int] = {}  # how many entries moved something by the power of this one; not for commitments

    def add(self, entry: Recorded) -> None:
        """Take in the next entry."""
        kind, balances = entry.kind, self.balances
        for movement in entry.movements:
            balances[movement.from_account, movement.resource] -= movement.amount
            balances[movement.to_account, movement.resource] += movement.amount
        for promise, change in promises(entry, self).items():
            left = self.promises.get(promise, 0) + change
            if left:
                self.promises[promise] = left
            else:
                self.promises.pop(promise, None)
        if not entry.payload.draws:
            self._count_resting(entry)
        if kind not in QUIET:
            self.decisions += 1
            self._note(entry)
        if kind in _POWERS:
            self._keep(entry)
        if entry.place is not None:
            self._gathered.setdefault(entry.place, Gathered()).add(entry)
        self.size += 1
        self.last = entry

    def entry(self, index: int) -> Recorded | None:
        """The entry at `index`, if there is one so far."""
        found = self._young.get(index)
        if found is not None:
            return found
        found = self._old.get(index)
        if found is None:
            if not 0 <= index < self.size:
                return None
            found = self._reread(index)
        self._keep(found)
        return found

    def balance(self, account: str, resource: str) -> int:
        """What the account holds of the resource so far."""
        return self.balances.get((account, resource), 0)

    def left(self, commitment: int, resource: str) -> int:
        """What is left of a commitment so far."""
        return self.promises.get((commitment, resource), 0)

    def reversal(self, index: int) -> int | None:
        """The entry that reversed this one, if there is one."""
        found = self._asked.get((_REVERSAL, "mandate", index))
        return found[0] if found else None

    def resting(self, index: int) -> int | None:
        """The first entry that moved something by the power of this one and was not reversed."""
        if self._rests(index):
            for later in range(index + 1, self.size):
                found = self._reread(later)
                if found.mandate == index and found.kind in MOVING and self.reversal(later) is None:
                    return later
        return None

    def gathered(self, place: str) -> Gathered:
        """What all entries of the place come to so far."""
        return self._gathered.get(place) or Gathered()

    def where(
        self,
        *kinds: Kind,
        authority: str | None = None,
        place: str | None = None,
        subject: str | None = None,
        mandate: int | None = None,
    ) -> Iterator[Recorded]:
        """Entries of the kinds that match everything given, oldest first."""
        by: str
        value: object
        if mandate is not None:
            by, value = "mandate", mandate
        elif subject is not None:
            by, value = "subject", subject
        elif place is not None:
            by, value = "place", place
        else:
            by, value = "all", None
        found: Iterable[int] | None
        if len(kinds) == 1:
            found = self._asked.get((kinds[0], by, value))
        else:
            found = merge(*(self._asked.get((kind, by, value), ()) for kind in kinds))
        return self._matching(found, authority, place, subject) if found else _NOTHING

    def _matching(
        self, indexes: Iterable[int], authority: str | None, place: str | None, subject: str | None
    ) -> Iterator[Recorded]:
        for index in indexes:
            entry = self.entry(index)
            if entry is not None and (
                (authority is None or entry.authority == authority)
                and (place is None or entry.place == place)
                and (subject is None or entry.payload.subject() == subject)
            ):
                yield entry

    def _note(self, decision: Recorded) -> None:
        kind = decision.kind
        if kind in _WITHDRAWING or len(self.lawful) > _REMEMBERED:
            self.lawful.clear()
        for by in _ASKED.get(kind, ()):
            value: object
            match by:
                case "mandate":
                    value = decision.mandate
                case "subject":
                    value = decision.payload.subject()
                case "place":
                    value = decision.place
                case _:
                    value = None
            self._asked.setdefault((kind, by, value), []).append(decision.index)

    def _keep(self, entry: Recorded) -> None:
        if len(self._young) >= _KEPT:
            self._old, self._young = self._young, {}
        self._young[entry.index] = entry

    def _count_resting(self, entry: Recorded) -> None:
        moved, change = entry, 1
        if entry.kind is _REVERSAL and entry.mandate is not None:
            moved, change = self.entry(entry.mandate) or entry, -1
        if moved.kind in MOVING and not moved.payload.draws and moved.mandate is not None:
            left = self._resting.get(moved.mandate, 0) + change
            if left:
                self._resting[moved.mandate] = left
            else:
                self._resting.pop(moved.mandate, None)

    def _rests(self, index: int) -> bool:
        """Whether anything that moved by the power of this entry was not reversed."""
        entry = self.entry(index)
        if entry is not None and entry.kind is Kind.COMMITMENT:
            promised = amounts(entry.movements)
            return any(self.left(index, resource) != amount for resource, amount in promised.items())
        return index in self._resting


def changes(movements: Iterable[Movement]) -> dict[tuple[str, str], int]:
    """What movements come to for each (account, resource)."""
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for movement in movements:
        totals[movement.from_account, movement.resource] -= movement.amount
        totals[movement.to_account, movement.resource] += movement.amount
    return dict(totals)


def promises(entry: Recorded, book: Book) -> dict[tuple[int, str], int]:
    """What an entry changes of what is left of commitments: promised, paid, worked, or reversed."""
    undone = book.entry(entry.mandate) if entry.kind is _REVERSAL and entry.mandate is not None else None
    moved, sign = (entry, 1) if undone is None else (undone, -1)
    if moved.kind is _COMMITMENT:
        of = moved.index
    elif moved.payload.draws and moved.mandate is not None:
        of, sign = moved.mandate, -sign
    else:
        return {}
    found: dict[tuple[int, str], int] = {}
    for movement in moved.movements:
        promise = (of, movement.resource)
        found[promise] = found.get(promise, 0) + sign * movement.amount
    return found


def flows(entry: Recorded) -> Iterator[tuple[FlowKey, TotalKey | None, int]]:
    """Which row of the flows, and of the totals if it is a place's, each movement of an entry adds to; and how much."""
    month, authority, place = _month(entry.effective_on), entry.authority, entry.place
    for movement in entry.movements:
        source, target, resource = movement.from_account, movement.to_account, movement.resource
        total = None if place is None else (place, resource, *_kinds(source, target))
        yield (source, target, resource, month, authority, place or ""), total, movement.amount


@lru_cache(maxsize=1_024)
def _month(day: date) -> str:
    return day.isoformat()[:7]


@lru_cache(maxsize=65_536)  # as many as there are pairs of accounts that are asked for again and again
def _kinds(source: str, target: str) -> tuple[str, str]:
    return parse(source)[0].value, parse(target)[0].value
