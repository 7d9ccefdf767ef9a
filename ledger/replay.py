"""The book replayed from entries alone: the slow, obvious twin of what the database answers.

The verifier asks the same rules the same questions of this book, so nothing that the database says of itself is believed.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from heapq import merge

from ledger.kinds.payload import amounts
from ledger.records import MOVING, Book, Draft, Kind, Movement, Recorded


class ReplayedBook:
    """All entries so far, in memory, with the balances they come to."""

    def __init__(self) -> None:
        """An empty book."""
        self.entries: list[Recorded] = []
        self.balances: dict[tuple[str, str], int] = defaultdict(int)
        self.flows: dict[tuple[str, str, str, str, str, str], int] = defaultdict(int)
        self.promises: dict[tuple[int, str], int] = defaultdict(int)
        self.lawful: set[Hashable] = set()
        self._reversals: dict[int, int] = {}
        self._by_kind: dict[Kind, list[Recorded]] = defaultdict(list)
        self._by_mandate: dict[int, list[Recorded]] = defaultdict(list)
        self._by_subject: dict[str, list[Recorded]] = defaultdict(list)
        self._by_place: dict[str, list[Recorded]] = defaultdict(list)

    def add(self, entry: Recorded) -> None:
        """Take in the next entry."""
        for promise, change in promises(entry, self).items():
            self.promises[promise] += change
        if entry.kind.decides:
            self.lawful.clear()
        if entry.kind is Kind.REVERSAL and entry.mandate is not None:
            self._reversals.setdefault(entry.mandate, entry.index)
        self.entries.append(entry)
        self._by_kind[entry.kind].append(entry)
        if entry.mandate is not None:
            self._by_mandate[entry.mandate].append(entry)
        if (subject := entry.payload.subject()) is not None:
            self._by_subject[subject].append(entry)
        if entry.place is not None:
            self._by_place[entry.place].append(entry)
        for (account, resource), change in changes(entry.movements).items():
            self.balances[account, resource] += change
        for movement in entry.movements:
            self.flows[flow_key(entry, movement)] += movement.amount

    def entry(self, index: int) -> Recorded | None:
        """The entry at `index`, if there is one so far."""
        return self.entries[index] if 0 <= index < len(self.entries) else None

    def balance(self, account: str, resource: str) -> int:
        """What the account holds of the resource so far."""
        return self.balances.get((account, resource), 0)

    def left(self, commitment: int, resource: str) -> int:
        """What is left of a commitment so far."""
        return self.promises.get((commitment, resource), 0)

    def reversal(self, index: int) -> int | None:
        """The entry that reversed this one, if there is one."""
        return self._reversals.get(index)

    def resting(self, index: int) -> int | None:
        """The first entry that moved something by the power of this one and was not reversed."""
        for entry in self._by_mandate.get(index, ()):
            if entry.kind in MOVING and self.reversal(entry.index) is None:
                return entry.index
        return None

    def where(
        self,
        *kinds: Kind,
        authority: str | None = None,
        place: str | None = None,
        subject: str | None = None,
        mandate: int | None = None,
    ) -> Iterator[Recorded]:
        """Entries of the kinds that match everything given, oldest first."""
        pool: Iterable[Recorded]
        if mandate is not None:
            pool = self._by_mandate.get(mandate, ())
        elif subject is not None:
            pool = self._by_subject.get(subject, ())
        elif place is not None:
            pool = self._by_place.get(place, ())
        else:
            pool = merge(*(self._by_kind.get(kind, ()) for kind in kinds), key=lambda entry: entry.index)
        for entry in pool:
            if (
                entry.kind in kinds
                and (authority is None or entry.authority == authority)
                and (place is None or entry.place == place)
                and (subject is None or entry.payload.subject() == subject)
            ):
                yield entry


def changes(movements: Iterable[Movement]) -> dict[tuple[str, str], int]:
    """What movements come to for each (account, resource)."""
    totals: dict[tuple[str, str], int] = defaultdict(int)
    for movement in movements:
        totals[movement.from_account, movement.resource] -= movement.amount
        totals[movement.to_account, movement.resource] += movement.amount
    return dict(totals)


def promises(entry: Recorded, book: Book) -> dict[tuple[int, str], int]:
    """What an entry changes of what is left of commitments: promised, paid, worked, or reversed."""
    undone = book.entry(entry.mandate) if entry.kind is Kind.REVERSAL and entry.mandate is not None else None
    moved, sign = (entry, 1) if undone is None else (undone, -1)
    if moved.kind is Kind.COMMITMENT:
        of = moved.index
    elif moved.payload.draws and moved.mandate is not None:
        of, sign = moved.mandate, -sign
    else:
        return {}
    return {(of, resource): sign * amount for resource, amount in amounts(moved.movements).items()}


def flow_key(entry: Recorded, movement: Movement) -> tuple[str, str, str, str, str, str]:
    """Which row of the flows a movement adds to: from, to, resource, month, authority, place."""
    month = entry.effective_on.isoformat()[:7]
    return (movement.from_account, movement.to_account, movement.resource, month, entry.authority, entry.place or "")


def draft_of(entry: Recorded) -> Draft:
    """The draft that was recorded as this entry."""
    return Draft(
        authority=entry.authority,
        payload=entry.payload,
        actor=entry.actor,
        effective_on=entry.effective_on,
        idempotency_key=entry.idempotency_key,
        place=entry.place,
        mandate=entry.mandate,
        movements=entry.movements,
    )
