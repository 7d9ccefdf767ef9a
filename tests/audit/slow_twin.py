"""The slow, obvious twin of the replayed book: it keeps all entries, remembers no answer, and looks through all each time."""

from collections.abc import Hashable, Iterator

from ledger.errors import LedgerError
from ledger.kinds.evidence import Gathered
from ledger.mandates import check
from ledger.records import MOVING, Kind, Recorded
from ledger.written import decode, encode

USED = "its key was used before"


class Forgetful(set[Hashable]):
    """Never holds anything."""

    def add(self, _answer: Hashable) -> None:
        """Forget it."""


class SlowBook:
    """All entries so far, and nothing worked out of them beforehand."""

    def __init__(self) -> None:
        self.entries: list[Recorded] = []
        self.lawful: set[Hashable] = Forgetful()

    def entry(self, index: int) -> Recorded | None:
        return self.entries[index] if 0 <= index < len(self.entries) else None

    def balances(self) -> dict[tuple[str, str], int]:
        held: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            for move in entry.movements:
                held[move.from_account, move.resource] = held.get((move.from_account, move.resource), 0) - move.amount
                held[move.to_account, move.resource] = held.get((move.to_account, move.resource), 0) + move.amount
        return held

    def balance(self, account: str, resource: str) -> int:
        return self.balances().get((account, resource), 0)

    def left(self, commitment: int, resource: str) -> int:
        def moved(entry: Recorded) -> int:
            return sum(move.amount for move in entry.movements if move.resource == resource)

        promised = self.entries[commitment]
        undone = {entry.mandate for entry in self.entries if entry.kind is Kind.REVERSAL}
        if promised.kind is not Kind.COMMITMENT or commitment in undone:
            return 0
        drawn = [e for e in self.entries if e.payload.draws and e.mandate == commitment and e.index not in undone]
        return moved(promised) - sum(moved(entry) for entry in drawn)

    def reversal(self, index: int) -> int | None:
        return next((e.index for e in self.entries if e.kind is Kind.REVERSAL and e.mandate == index), None)

    def resting(self, index: int) -> int | None:
        undone = {entry.mandate for entry in self.entries if entry.kind is Kind.REVERSAL}
        found = (e.index for e in self.entries if e.mandate == index and e.kind in MOVING and e.index not in undone)
        return next(found, None)

    def gathered(self, place: str) -> Gathered:
        found = Gathered()
        for entry in self.entries:
            if entry.place == place:
                found.add(entry)
        return found

    def where(
        self,
        *kinds: Kind,
        authority: str | None = None,
        place: str | None = None,
        subject: str | None = None,
        mandate: int | None = None,
    ) -> Iterator[Recorded]:
        for entry in self.entries:
            wanted = (authority, place, subject, mandate)
            found = (entry.authority, entry.place, entry.payload.subject(), entry.mandate)
            if entry.kind in kinds and all(want is None or want == has for want, has in zip(wanted, found, strict=True)):
                yield entry

    def take(self, written: bytes) -> str | None:
        """Take the entry in; or say why not."""
        try:
            entry = decode(written)
            problem = None if encode(entry, index=entry.index, recorded_at=entry.recorded_at) == written else "not canonical"
            if entry.index != len(self.entries) or (entry.mandate is not None and entry.mandate >= entry.index):
                problem = "out of order"
            if self.entries and entry.recorded_at < self.entries[-1].recorded_at:
                problem = "back in time"
            check(entry, self, recorded=entry.recorded_at)
        except LedgerError as refusal:
            return refusal.sentence
        if problem is None and any(entry.idempotency_key == earlier.idempotency_key for earlier in self.entries):
            problem = USED
        if problem is None:
            self.entries.append(entry)
        return problem
