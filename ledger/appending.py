"""The end of the log while a unit of work holds the head's lock: the book that rules ask, and the rows still to be written.

A rule's questions are answered from what this process remembers, from what the unit itself has appended, and only then from
the database. Rows are written together: one statement a table, however many entries there are.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from ledger.accounts import parse
from ledger.database import instant_text
from ledger.engines import LogHead
from ledger.entries import DatabaseBook, decode, encode
from ledger.kinds.evidence import Gathered
from ledger.mandates import check
from ledger.memory import Asked, Memory, memory_of
from ledger.records import Draft, Kind, Recorded
from ledger.replay import changes, flows, promises
from ledger.roles import Role
from ledger.rows import Batch, Rows, merged, rows_of
from ledger.tree import Edge, leaf_hash
from ledger.unit_of_work import HeadMoved, UnitOfWork

_WORDS: dict[Kind | Role, str] = {word: word.value for word in (*Kind, *Role)}  # an enumeration is slow to say its value
_REMEMBERED = 1_000  # entries of one unit: an import of millions is not kept


@dataclass(frozen=True, slots=True)
class _Mark:
    """The end of the log between two parts of a unit of work."""

    entries: int
    edge: Edge
    decisions: int
    memory: Memory
    newest: datetime | None


class Appending:
    """The log's end, open for one unit of work. It is the `Book` of all that is there, this unit's own entries included."""

    def __init__(self, unit: UnitOfWork) -> None:
        """Finds the head, and locks it unless the unit hopes that nobody else records."""
        if not unit.appends:
            raise AssertionError("this unit of work said that it appends nothing to the log")
        head = unit.head()
        self._unit = unit
        self._rows: Rows = rows_of(unit.driver)
        self._edge = Edge(head.size, head.edge)
        self._stored = head  # the head as the database has it
        self.newest = head.recorded_at
        self._decisions = head.decisions
        self._first = head.size
        self._shared = self._memory = memory_of(unit)
        self._shared.as_of(head)
        self._entries: list[Recorded] = []
        self._keys: dict[str, Recorded | None] = {}
        self._accounts: set[str] = set()
        self._reversals: dict[int, int] = {}
        self._balances: dict[tuple[str, str], int] = {}
        self._left: dict[tuple[int, str], int] = {}
        self._sealed: list[Batch] = []  # rows of earlier parts that wait
        self._batch = Batch()

    @classmethod
    def of(cls, unit: UnitOfWork) -> Self:
        """The one of this unit: a second post goes on where the first one stopped."""
        if not isinstance(unit.log, cls):
            unit.log = cls(unit)
        return unit.log

    @property
    def _book(self) -> DatabaseBook:
        return DatabaseBook(self._unit.reading)

    @property
    def lawful(self) -> set[Hashable]:
        """Questions of power that were answered with yes since the last decision."""
        return self._memory.lawful

    def entry(self, index: int) -> Recorded | None:
        """The entry at `index`, if there is one."""
        if index >= self._first:
            return self._entries[index - self._first] if index - self._first < len(self._entries) else None
        found = self._shared.entries.get(index)
        if found is None:
            written = self._rows.entry(index)
            if written is not None:
                found = self._shared.entries[index] = decode(written)
        return found

    def balance(self, account: str, resource: str) -> int:
        """What the account holds of the resource now."""
        key = (account, resource)
        found = self._balances.get(key)
        if found is None and not self._unit.alone:
            found = self._shared.balances.get(key)
        if found is None:
            found = self._balances[key] = self._book.balance(account, resource)
        return found

    def left(self, commitment: int, resource: str) -> int:
        """What is left of a commitment."""
        key = (commitment, resource)
        found = self._left.get(key)
        if found is None and commitment >= self._first:
            return 0  # it is being promised just now
        if found is None and not self._unit.alone:
            found = self._shared.left.get(key)
        if found is None:
            found = self._left[key] = self._book.left(commitment, resource)
        return found

    def reversal(self, index: int) -> int | None:
        """The entry that reversed this one, if there is one."""
        shared = self._shared
        if not shared.reversals_known:
            found = self._book.reversals(shared.reversed_to).items()
            shared.reversals.update((undone, by) for undone, by in found if by < self._first)
            shared.reversed_to, shared.reversals_known = self._first, True
        by = shared.reversals.get(index)
        return by if by is not None else self._reversals.get(index)

    def resting(self, index: int) -> int | None:
        """The first entry that moved something by the power of this one and was not reversed."""
        self._unit.settle()
        return self._book.resting(index)

    def gathered(self, place: str) -> Gathered:
        """What all entries of the place come to, this unit's own included."""
        self._unit.settle()
        return self._book.gathered(place)

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
            if self._memory is not self._shared:  # a decision of this unit may wait to be written
                self._unit.settle()
            found = tuple(self._book.where(*kinds, authority=authority, place=place, subject=subject, mandate=mandate))
            self._memory.answers[asked] = found
        return iter(found)

    def prepare(self, drafts: Sequence[Draft]) -> None:
        """Ask the database at once for all that these drafts will be checked against."""
        alone, here = self._unit.alone, {draft.idempotency_key: None for draft in drafts}
        # With others, a key that was used before shows when the rows are written; then each work is done alone.
        keys = [key for key in here if key not in self._keys] if alone else []
        pairs = {(path, movement.resource) for draft in drafts for movement in draft.movements for path in (
            movement.from_account, movement.to_account,
        )}  # fmt: skip
        pairs = {pair for pair in pairs if pair not in self._balances and (alone or pair not in self._shared.balances)}
        wanted = {
            draft.mandate
            for draft in drafts
            if draft.mandate is not None and draft.payload.draws and draft.mandate < self._first
            and (alone or not self._knows_left(draft))
        }  # fmt: skip
        self._keys.update({key: None for key in here if key not in self._keys})
        if not keys and not pairs and not wanted:
            return
        found = self._rows.ask(keys, sorted({account for account, _ in pairs}), sorted(wanted))
        self._keys.update((key, decode(bytes(written))) for key, written in found.written.items())
        # An account that was never used holds nothing; one that this unit has changed is not asked for again.
        for pair in pairs:
            self._balances[pair] = found.balances.get(pair, 0)
        for key, left in found.left.items():
            self._left.setdefault(key, left)

    def _knows_left(self, draft: Draft) -> bool:
        keys = [(draft.mandate, movement.resource) for movement in draft.movements]
        return all(key in self._left or key in self._shared.left for key in keys)

    def recorded(self, idempotency_key: str) -> Recorded | None:
        """The entry under this key, if there is one; it was asked for in `prepare`."""
        return self._keys[idempotency_key]

    def append(self, draft: Draft) -> Recorded:
        """Check one draft and add it to the rows to be written. Raises the LedgerError of the rule that forbids it."""
        moment = self._unit.now()
        draft.payload.offered()
        check(draft, self, recorded=moment)
        written = encode(draft, index=self._edge.size, recorded_at=moment)
        return self._add(
            Recorded(
                index=self._edge.size,
                kind=draft.payload.kind,
                recorded_at=moment,
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
        check(entry, self, recorded=entry.recorded_at)
        return self._add(entry, written)

    def head(self) -> LogHead:
        """The head as it will be when this unit is committed."""
        edge = self._edge
        if edge.size == self._stored.size:
            return self._stored
        return LogHead(edge.size, edge.packed(), edge.root(), self.newest, self._decisions)

    @property
    def size(self) -> int:
        """How many entries the log holds, this unit's own included."""
        return self._edge.size

    def in_hand(self) -> bool:
        """Whether rows that follow the mark wait to be written."""
        return bool(self._batch.entries)

    def mark(self) -> _Mark:
        """Where the log stands now; rows that wait stay apart from those that follow."""
        if self._batch.entries:
            self._sealed.append(self._batch)
            self._batch = Batch()
        edge = Edge(self._edge.size, self._edge.packed())
        return _Mark(len(self._entries), edge, self._decisions, self._memory, self.newest)

    def take_back(self, mark: object) -> None:
        """Forget what was appended since the mark; none of it was written, or the database has taken it back."""
        if not isinstance(mark, _Mark):
            self._unit.log = None  # it was opened in the part that is taken back
            return
        for entry in reversed(self._entries[mark.entries :]):
            for promise, change in promises(entry, self).items():
                self._left[promise] -= change
            for balance, change in changes(entry.movements).items():
                self._balances[balance] -= change
            del self._keys[entry.idempotency_key]
            if entry.kind is Kind.REVERSAL and entry.mandate is not None:
                del self._reversals[entry.mandate]
        del self._entries[mark.entries :]
        if self._stored.size > mark.edge.size:
            self._stored = replace(self._stored, root=mark.edge.root(), size=mark.edge.size)
        self._edge, self._decisions, self._memory, self.newest = mark.edge, mark.decisions, mark.memory, mark.newest
        self._batch, self._accounts = Batch(), set()

    def write_down(self) -> None:
        """Write the rows that wait, and move the head past them. Raises HeadMoved, and IntegrityError where it is refused."""
        batches = [batch for batch in (*self._sealed, self._batch) if batch.entries]
        if batches:
            after = self.head()
            if not self._rows.write(merged(batches), self._stored.root, after):
                raise HeadMoved
            self._stored, self._sealed, self._batch = after, [], Batch()

    def committed(self) -> None:
        """What this unit recorded is in the log: this process may remember it."""
        shared = self._shared
        shared.accounts |= self._accounts
        shared.balances |= self._balances
        shared.left |= self._left
        shared.entries.update((entry.index, entry) for entry in self._entries[-_REMEMBERED:])
        shared.size, shared.root = self._stored.size, self._stored.root

    def _add(self, entry: Recorded, written: bytes) -> Recorded:
        batch = self._batch
        known, opened = self._shared.accounts, self._accounts
        for position, movement in enumerate(entry.movements):
            source, target = movement.from_account, movement.to_account
            batch.transfers.append((entry.index, position, source, target, movement.resource, movement.amount))
            for path in (source, target):
                if path not in known and path not in opened:
                    kind, owner = parse(path)
                    batch.accounts.append((path, kind.value, owner))
                    opened.add(path)
        for flow, total, amount in flows(entry):
            batch.flows[flow] = batch.flows.get(flow, 0) + amount
            if total is not None:
                batch.totals[total] = batch.totals.get(total, 0) + amount
        for balance, change in changes(entry.movements).items():
            batch.balances[balance] = batch.balances.get(balance, 0) + change
            self._balances[balance] = self.balance(*balance) + change
        for promise, change in promises(entry, self).items():
            batch.promises[promise] = batch.promises.get(promise, 0) + change
            self._left[promise] = self.left(*promise) + change
        nodes = b"".join(self._edge.append(entry.leaf_hash))
        batch.entries.append(
            (
                entry.index, _WORDS[entry.kind], instant_text(entry.recorded_at), entry.effective_on.isoformat(),
                entry.authority, entry.place, entry.payload.subject(), entry.mandate, entry.actor.person,
                _WORDS[entry.actor.role], entry.idempotency_key, written, entry.leaf_hash, nodes,
            )
        )  # fmt: skip
        self._entries.append(entry)
        self.newest = entry.recorded_at
        self._keys[entry.idempotency_key] = entry
        if entry.kind is Kind.REVERSAL and entry.mandate is not None:
            self._reversals[entry.mandate] = entry.index
        if entry.kind.decides:
            self._decisions += 1
            # Until this unit is committed, what follows from its decision is for nobody else.
            self._memory = Memory()
        return entry
