"""The end of the log while a unit of work holds the head's lock: the book that rules ask, and the rows still to be written.

A rule's questions are answered from what this process remembers, from what the unit itself has appended, and only then from
the database. Rows are written together: one statement a table, however many entries there are.
"""

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from typing import Self

from ledger.accounts import parse
from ledger.database import UnitOfWork, instant_text
from ledger.entries import DatabaseBook, decode, encode
from ledger.mandates import check
from ledger.memory import Asked, Memory, memory_of
from ledger.records import Draft, Kind, Recorded
from ledger.replay import changes, draft_of, flow_key, promises
from ledger.rows import Batch, Rows, rows_of
from ledger.tree import Edge, leaf_hash

_REMEMBERED = 1_000  # entries of one unit: an import of millions is not kept


class Appending:
    """The log's end, open for one unit of work. It is the `Book` of all that is there, this unit's own entries included."""

    def __init__(self, unit: UnitOfWork) -> None:
        """Locks the head, unless this unit holds it already."""
        if not unit.appends:
            raise AssertionError("this unit of work said that it appends nothing to the log")
        head = unit.head()
        self._rows: Rows = rows_of(unit.session)
        self._edge = Edge(head.size, head.edge)
        self._moment = unit.now()
        self._decisions = head.decisions
        self._first = head.size
        self._shared = self._memory = memory_of(unit)
        self._memory.as_of(head.decisions)
        self._lawful_here: set[Hashable] = set()
        self._rests_here = False
        self._entries: list[Recorded] = []
        self._keys: dict[str, Recorded | None] = {}
        self._accounts: set[str] = set()
        self._balances: dict[tuple[str, str], int] = {}
        self._left: dict[tuple[int, str], int] = {}
        self._book = DatabaseBook(unit.session)
        self._batch = Batch()

    @classmethod
    def of(cls, unit: UnitOfWork) -> Self:
        """The one of this unit: a second post goes on where the first one stopped."""
        if not isinstance(unit.log, cls):
            unit.log = cls(unit)
        return unit.log

    @property
    def lawful(self) -> set[Hashable]:
        """Questions of power that were answered with yes since the last decision.

        What rests on an entry of this unit is for nobody else: if the unit is taken back, another entry gets that index.
        """
        return self._lawful_here if self._rests_here else self._memory.lawful

    def entry(self, index: int) -> Recorded | None:
        """The entry at `index`, if there is one."""
        if index >= self._first:
            return self._entries[index - self._first] if index - self._first < len(self._entries) else None
        found = self._shared.entries.get(index)
        if found is None:
            found = self._book.entry(index)
            if found is not None:
                self._shared.entries[index] = found
        return found

    def balance(self, account: str, resource: str) -> int:
        """What the account holds of the resource now."""
        found = self._balances.get((account, resource))
        if found is None:
            found = self._balances[account, resource] = self._book.balance(account, resource)
        return found

    def left(self, commitment: int, resource: str) -> int:
        """What is left of a commitment."""
        found = self._left.get((commitment, resource))
        if found is None:
            found = self._left[commitment, resource] = self._book.left(commitment, resource)
        return found

    def resting(self, index: int) -> int | None:
        """The first entry that moved something by the power of this one and was not reversed."""
        self.write_down()
        return self._book.resting(index)

    def where(
        self,
        *kinds: Kind,
        authority: str | None = None,
        place: str | None = None,
        subject: str | None = None,
        mandate: int | None = None,
    ) -> Iterator[Recorded]:
        """Decisions of the kinds that match everything given, oldest first."""
        asked: Asked = (kinds, authority, place, subject, mandate)
        found = self._memory.answers.get(asked)
        if found is None:
            self.write_down()
            found = tuple(self._book.where(*kinds, authority=authority, place=place, subject=subject, mandate=mandate))
            self._memory.answers[asked] = found
        return iter(found)

    def prepare(self, drafts: Sequence[Draft]) -> None:
        """Ask the database at once for all that these drafts will be checked against."""
        keys = [draft.idempotency_key for draft in drafts if draft.idempotency_key not in self._keys]
        pairs = {(path, movement.resource) for draft in drafts for movement in draft.movements for path in (
            movement.from_account, movement.to_account,
        )}  # fmt: skip
        mandates = {draft.mandate for draft in drafts if draft.mandate is not None and draft.payload.draws}
        accounts = {account for account, resource in pairs if (account, resource) not in self._balances}
        wanted = {index for index in mandates if index < self._first}
        found = self._rows.ask(keys, sorted(accounts), sorted(wanted))
        self._keys.update(dict.fromkeys(keys))
        self._keys.update((key, decode(bytes(written))) for key, written in found.written.items())
        # An account that was never used holds nothing; one that this unit has changed is not asked for again.
        for account, resource in pairs:
            self._balances.setdefault((account, resource), found.balances.get((account, resource), 0))
        for key, left in found.left.items():
            self._left.setdefault(key, left)

    def recorded(self, idempotency_key: str) -> Recorded | None:
        """The entry under this key, if there is one; it was asked for in `prepare`."""
        return self._keys[idempotency_key]

    def append(self, draft: Draft) -> Recorded:
        """Check one draft and add it to the rows to be written. Raises the LedgerError of the rule that forbids it."""
        self._check(draft, self._moment)
        written = encode(draft, index=self._edge.size, recorded_at=self._moment)
        return self._add(
            Recorded(
                index=self._edge.size,
                kind=draft.payload.kind,
                recorded_at=self._moment,
                effective_on=draft.effective_on,
                authority=draft.authority,
                place=draft.place,
                mandate=draft.mandate,
                actor=draft.actor,
                payload=draft.payload,
                movements=draft.movements,
                idempotency_key=draft.idempotency_key,
                leaf_hash=leaf_hash(written),
            ),
            written,
        )

    def restore(self, entry: Recorded, written: bytes) -> Recorded:
        """Add an entry that was recorded before, in its own bytes, after the same checks. Raises as `append` does."""
        self._check(draft_of(entry), entry.recorded_at)
        self._moment = max(self._moment, entry.recorded_at)
        return self._add(entry, written)

    def write_down(self) -> None:
        """Write the rows that wait, and move the head past them. Raises IntegrityError where the database refuses."""
        if self._batch.entries:
            self._rows.write(self._batch, self._edge, self._moment, self._decisions)
            self._batch = Batch()

    def committed(self) -> None:
        """What this unit recorded is in the log: this process may remember it."""
        self._shared.accounts |= self._accounts
        self._shared.entries.update((entry.index, entry) for entry in self._entries[-_REMEMBERED:])

    def _check(self, draft: Draft, recorded: datetime) -> None:
        self._rests_here = draft.mandate is not None and draft.mandate >= self._first
        check(draft, self, recorded=recorded)

    def _add(self, entry: Recorded, written: bytes) -> Recorded:
        batch = self._batch
        for path in {path for movement in entry.movements for path in (movement.from_account, movement.to_account)}:
            if path not in self._shared.accounts and path not in self._accounts:
                kind, owner = parse(path)
                batch.accounts.append((path, kind.value, owner))
                self._accounts.add(path)
        for position, movement in enumerate(entry.movements):
            batch.transfers.append(
                (entry.index, position, movement.from_account, movement.to_account, movement.resource, movement.amount)
            )
            flow = flow_key(entry, movement)
            batch.flows[flow] = batch.flows.get(flow, 0) + movement.amount
        for balance, change in changes(entry.movements).items():
            batch.balances[balance] = self._balances[balance] = self.balance(*balance) + change
        for promise, change in promises(entry, self).items():
            batch.promises[promise] = self._left[promise] = self.left(*promise) + change
        nodes = b"".join(self._edge.append(entry.leaf_hash))
        batch.entries.append(
            (
                entry.index, entry.kind.value, instant_text(entry.recorded_at), entry.effective_on.isoformat(), entry.authority,
                entry.place, entry.payload.subject(), entry.mandate, entry.actor.person, entry.actor.role.value,
                entry.idempotency_key, written, entry.leaf_hash, nodes,
            )
        )  # fmt: skip
        self._entries.append(entry)
        self._keys[entry.idempotency_key] = entry
        if entry.kind.decides:
            self._decisions += 1
            # Until this unit is committed, what follows from its decision is for nobody else.
            self._memory = Memory()
            self._lawful_here.clear()
        return entry
