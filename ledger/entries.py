"""The log's tables, the exact bytes of an entry, and the book that the rules read from the database.

`Entry.written` holds the exact bytes that were hashed. The other columns are projections of those bytes, to find entries
by; the verifier compares them. Only INSERT is possible on `entry` and `transfer`: triggers refuse everything else.
"""

from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from msgspec import Struct, field, json
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import aliased
from sqlmodel import BigInteger, Field, Session, SQLModel, col, select

from ledger.accounts import PATH_LENGTH
from ledger.canonical import canonical_bytes
from ledger.database import Instant, instant_text
from ledger.errors import LedgerError
from ledger.kinds import PAYLOADS
from ledger.people import Role
from ledger.records import MOVING, SCHEMA, Actor, Draft, Kind, Movement, NoSuchEntry, Recorded
from ledger.tree import HASH_SIZE, leaf_hash

_DECODED = 8_192  # entries kept decoded: they never change, and the same mandates are asked for again and again


class Entry(SQLModel, table=True):
    """One fact of record. `index` has no gaps: 0, 1, 2, …"""

    index: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str = Field(max_length=40)
    recorded_at: datetime = Field(sa_type=Instant)
    effective_on: date
    authority: str = Field(max_length=80)
    place: str | None = Field(default=None, max_length=80)
    subject: str | None = Field(default=None, max_length=80)
    mandate: int | None = Field(default=None, sa_column=Column(Integer, ForeignKey("entry.index"), index=True))
    person: str = Field(max_length=80)
    role: str = Field(max_length=40)
    idempotency_key: str = Field(max_length=120, unique=True)
    written: bytes = Field(sa_type=LargeBinary)
    leaf_hash: bytes = Field(sa_type=LargeBinary)
    nodes: bytes = Field(sa_type=LargeBinary)  # the tree's nodes that this leaf completes, one after another, lowest first

    __table_args__ = (
        CheckConstraint('"index" >= 0', name="entry_index_from_zero"),
        CheckConstraint('mandate IS NULL OR mandate < "index"', name="entry_mandate_is_earlier"),
        CheckConstraint("length(leaf_hash) = 32", name="entry_leaf_hash_is_sha256"),
        Index("entry_by_subject", "kind", "subject"),
        Index("entry_by_place", "place", "kind"),
        Index("entry_by_authority", "authority", "kind"),
    )


class Account(SQLModel, table=True):
    """An account that has been used: its path, and what the path says."""

    path: str = Field(primary_key=True, max_length=PATH_LENGTH)
    kind: str = Field(max_length=20)
    owner: str = Field(max_length=80)


class Transfer(SQLModel, table=True):
    """One movement of an entry, from one account to another, always more than zero."""

    entry: int = Field(foreign_key="entry.index", primary_key=True)
    position: int = Field(primary_key=True)
    from_account: str = Field(foreign_key="account.path", max_length=PATH_LENGTH)
    to_account: str = Field(foreign_key="account.path", max_length=PATH_LENGTH)
    resource: str = Field(max_length=4)
    amount: int = Field(sa_type=BigInteger)

    __table_args__ = (
        CheckConstraint("amount > 0", name="transfer_amount_above_zero"),
        CheckConstraint("from_account <> to_account", name="transfer_between_two_accounts"),
    )


class Balance(SQLModel, table=True):
    """What an account holds of a resource now. The database itself refuses to let it fall below its floor."""

    account: str = Field(foreign_key="account.path", primary_key=True, max_length=PATH_LENGTH)
    resource: str = Field(primary_key=True, max_length=4)
    amount: int = Field(sa_type=BigInteger)

    __table_args__ = (
        CheckConstraint(
            "amount >= 0 OR substr(account, 1, 7) = 'source/' OR substr(account, 1, 6) = 'staff/'",
            name="balance_not_below_its_floor",
        ),
    )


class Flow(SQLModel, table=True):
    """How much went from one account to another in a month: what the charts read, kept in the same unit of work."""

    from_account: str = Field(foreign_key="account.path", primary_key=True, max_length=PATH_LENGTH)
    to_account: str = Field(foreign_key="account.path", primary_key=True, max_length=PATH_LENGTH)
    resource: str = Field(primary_key=True, max_length=4)
    month: str = Field(primary_key=True, max_length=7)
    authority: str = Field(primary_key=True, max_length=80)
    place: str = Field(primary_key=True, max_length=80)
    amount: int = Field(sa_type=BigInteger)


class Promise(SQLModel, table=True):
    """What is left of a commitment: promised, less what was paid, worked or reversed. The database lets nobody exceed it."""

    entry: int = Field(foreign_key="entry.index", primary_key=True)
    resource: str = Field(primary_key=True, max_length=4)
    left: int = Field(sa_type=BigInteger)

    __table_args__ = (CheckConstraint('"left" >= 0', name="promise_never_exceeded"),)


class Head(SQLModel, table=True):
    """The one row that says how long the log is, with the right edge of its tree. Writers lock it first."""

    id: int = Field(primary_key=True)
    size: int
    edge: bytes = Field(sa_type=LargeBinary)
    root: bytes = Field(sa_type=LargeBinary)
    recorded_at: datetime | None = Field(default=None, sa_type=Instant)
    decisions: int = 0  # how many of its entries decide something: while this stands still, so does who may do what

    __table_args__ = (
        CheckConstraint("id = 1", name="head_is_one_row"),
        CheckConstraint("size >= 0", name="head_size_from_zero"),
        CheckConstraint("length(root) = 32", name="head_root_is_sha256"),
    )


class Unreadable(LedgerError):
    """The stored bytes of an entry do not read as an entry: {problem}."""


class _WrittenActor(Struct, forbid_unknown_fields=True):
    person: str
    role: Role


class _WrittenTransfer(Struct, forbid_unknown_fields=True):
    amount: int
    from_account: str = field(name="from")
    resource: str
    to_account: str = field(name="to")


class _Written(Struct, forbid_unknown_fields=True):
    """The fields of an entry's bytes, in the order of their names."""

    actor: _WrittenActor
    authority: str
    effective_on: date
    idempotency_key: str
    index: int
    kind: Kind
    mandate: int | None
    payload: dict[str, Any]
    place: str | None
    recorded_at: datetime
    schema: int
    transfers: list[_WrittenTransfer]


_READER = json.Decoder(_Written)


def encode(draft: Draft, *, index: int, recorded_at: datetime) -> bytes:
    """The exact bytes of an entry. Raises NotCanonical, EntryTooLong."""
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "index": index,
            "kind": draft.payload.kind.value,
            "recorded_at": instant_text(recorded_at),
            "effective_on": draft.effective_on.isoformat(),
            "authority": draft.authority,
            "place": draft.place,
            "mandate": draft.mandate,
            "actor": {"person": draft.actor.person, "role": draft.actor.role.value},
            "payload": draft.payload.model_dump(mode="json"),
            "transfers": [
                {
                    "from": movement.from_account,
                    "to": movement.to_account,
                    "resource": movement.resource,
                    "amount": movement.amount,
                }
                for movement in draft.movements
            ],
            "idempotency_key": draft.idempotency_key,
        }
    )


@lru_cache(maxsize=_DECODED)
def decode(written: bytes) -> Recorded:
    """The entry that these bytes are. Raises Unreadable."""
    try:
        facts = _READER.decode(written)
        if facts.schema != SCHEMA:
            raise Unreadable(problem=f"its schema is {facts.schema} and this release reads {SCHEMA}")
        return Recorded(
            index=facts.index,
            kind=facts.kind,
            recorded_at=facts.recorded_at,
            effective_on=facts.effective_on,
            authority=facts.authority,
            place=facts.place,
            mandate=facts.mandate,
            actor=Actor(person=facts.actor.person, role=facts.actor.role),
            payload=PAYLOADS[facts.kind].model_validate(facts.payload),
            movements=tuple(
                [Movement(move.from_account, move.to_account, move.resource, move.amount) for move in facts.transfers]
            ),
            idempotency_key=facts.idempotency_key,
            leaf_hash=leaf_hash(written),
        )
    except ValueError as fault:
        raise Unreadable(problem=type(fault).__name__) from fault


class DatabaseBook:
    """The `Book` of what the database holds, as one session sees it."""

    def __init__(self, session: Session) -> None:
        """Reads only; `session` may be a reading or a unit of work's own."""
        self._session = session
        self.lawful: set[Hashable] = set()

    def entry(self, index: int) -> Recorded | None:
        """The entry at `index`, if there is one."""
        written = self._session.exec(select(Entry.written).where(col(Entry.index) == index)).first()
        return decode(written) if written is not None else None

    def balance(self, account: str, resource: str) -> int:
        """What the account holds of the resource now."""
        found = self._session.exec(
            select(Balance.amount).where(col(Balance.account) == account, col(Balance.resource) == resource)
        ).first()
        return found or 0

    def left(self, commitment: int, resource: str) -> int:
        """What is left of a commitment now."""
        found = self._session.exec(
            select(Promise.left).where(col(Promise.entry) == commitment, col(Promise.resource) == resource)
        ).first()
        return found or 0

    def reversal(self, index: int) -> int | None:
        """The entry that reversed this one, if there is one."""
        reversed_by = select(Entry.index).where(col(Entry.mandate) == index, col(Entry.kind) == Kind.REVERSAL.value)
        return self._session.exec(reversed_by.order_by(col(Entry.index)).limit(1)).first()

    def reversals(self, since: int) -> dict[int, int]:
        """What the entries from `since` on reversed, and in which entry."""
        query = select(Entry.mandate, Entry.index).where(col(Entry.kind) == Kind.REVERSAL.value, col(Entry.index) >= since)
        return {mandate: index for mandate, index in self._session.exec(query) if mandate is not None}

    def resting(self, index: int) -> int | None:
        """The first entry that moved something by the power of this one and was not reversed."""
        later = aliased(Entry)
        reversed_later = select(later.index).where(
            col(later.mandate) == col(Entry.index), col(later.kind) == Kind.REVERSAL.value
        )
        moving = select(Entry.index).where(col(Entry.mandate) == index, col(Entry.kind).in_([kind.value for kind in MOVING]))
        return self._session.exec(moving.where(~reversed_later.exists()).order_by(col(Entry.index)).limit(1)).first()

    def where(
        self,
        *kinds: Kind,
        authority: str | None = None,
        place: str | None = None,
        subject: str | None = None,
        mandate: int | None = None,
    ) -> Iterator[Recorded]:
        """Entries of the kinds that match everything given, oldest first."""
        query = select(Entry.written).where(col(Entry.kind).in_([kind.value for kind in kinds]))
        for column, wanted in (
            (Entry.authority, authority),
            (Entry.place, place),
            (Entry.subject, subject),
            (Entry.mandate, mandate),
        ):
            if wanted is not None:
                query = query.where(col(column) == wanted)
        for written in self._session.exec(query.order_by(col(Entry.index))).all():
            yield decode(written)


def entry_at(session: Session, index: int) -> Recorded:
    """The entry at `index`. Raises NoSuchEntry."""
    found = DatabaseBook(session).entry(index)
    if found is None:
        raise NoSuchEntry(index=index)
    return found


def tree_size(session: Session) -> int:
    """How many entries the log holds; every public page is a function of it."""
    return session.exec(select(Head.size)).one()


def stored_nodes(session: Session, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Hashes of the log's perfect subtrees: (level, number) covers the leaves number·2^level to (number+1)·2^level − 1.

    Each stands beside the entry whose leaf completed it. Raises NoSuchEntry for a subtree that is not complete.
    """
    last = {(level, number): ((number + 1) << level) - 1 for level, number in wanted}
    query = select(Entry.index, Entry.leaf_hash, Entry.nodes).where(col(Entry.index).in_(set(last.values())))
    rows = {index: leaf + nodes for index, leaf, nodes in session.exec(query)}
    for index in last.values():
        if index not in rows:
            raise NoSuchEntry(index=index)
    return {node: rows[index][node[0] * HASH_SIZE : (node[0] + 1) * HASH_SIZE] for node, index in last.items()}
