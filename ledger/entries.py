"""The log's tables, and the book that the rules read from the database.

`Entry.written` holds the exact bytes that were hashed. The other columns are projections of those bytes, to find entries
by; the verifier compares them. Only INSERT is possible on `entry` and `transfer`: triggers refuse everything else.
"""

from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary
from sqlalchemy.orm import aliased
from sqlmodel import BigInteger, Field, Session, SQLModel, col, select

from ledger.accounts import PATH_LENGTH
from ledger.database import Instant
from ledger.kinds.evidence import Gathered
from ledger.records import MOVING, Kind, NoSuchEntry, Recorded
from ledger.tree import HASH_SIZE
from ledger.written import Unreadable as Unreadable  # noqa: PLC0414 - the bytes and their table are asked for together
from ledger.written import decode as decode  # noqa: PLC0414 - as above
from ledger.written import encode as encode  # noqa: PLC0414 - as above


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

    __table_args__ = (Index("flow_by_place", "place", "resource"), Index("flow_by_end", "to_account"))


class Total(SQLModel, table=True):
    """How much of a place's resource ever went from one kind of account to another: what a position is read from."""

    place: str = Field(primary_key=True, max_length=80)
    resource: str = Field(primary_key=True, max_length=4)
    from_kind: str = Field(primary_key=True, max_length=20)
    to_kind: str = Field(primary_key=True, max_length=20)
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

    def gathered(self, place: str, *, below: int | None = None) -> Gathered:
        """What all entries of the place come to, or those whose index is below a number. It reads them all."""
        query = select(Entry.written).where(col(Entry.place) == place)
        if below is not None:
            query = query.where(col(Entry.index) < below)
        found = Gathered()
        for written in self._session.exec(query.order_by(col(Entry.index)).execution_options(yield_per=1_000)):
            found.add(decode(written))
        return found

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
