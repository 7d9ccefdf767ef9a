"""Reading the log: pages of entries, the mandates above an entry, and what followed from it."""

import math
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from ledger.entries import DatabaseBook, Entry, Transfer, decode, entry_at
from ledger.kinds.erasing import words_in
from ledger.markers import Marker, erased_person, told
from ledger.names import Names, names_of
from ledger.records import Kind, Recorded

PAGE = 50
MOST_FOLLOWERS = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of entries is narrowed by; none means everything."""

    kind: Kind | None = None
    authority: str | None = None
    place: str | None = None
    subject: str | None = None
    resource: str | None = None


@dataclass(frozen=True, slots=True)
class JournalPage:
    """One page of entries, the newest first, with the names they need."""

    entries: tuple[Recorded, ...]
    names: Names
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Followed:
    """An entry between what gave it its power and what came of it."""

    entry: Recorded
    written: bytes
    mandates: tuple[Recorded, ...]  # from the devolution instrument down to the entry's own mandate
    followers: tuple[Recorded, ...]
    reasons: str | None
    withdrawn: Marker | None  # stands in the place of reasons or a story that were erased
    nameless: Marker | None  # when and why the name of who recorded it was erased
    names: Names


def journal(session: Session, wanted: Wanted, *, page: int = 1) -> JournalPage:
    """A page of the log. A page past the end is the last one."""
    query = select(Entry.written)
    counted = select(func.count()).select_from(Entry)
    for column, value in (
        (Entry.kind, wanted.kind.value if wanted.kind else None),
        (Entry.authority, wanted.authority),
        (Entry.place, wanted.place),
        (Entry.subject, wanted.subject),
    ):
        if value is not None:
            query, counted = query.where(col(column) == value), counted.where(col(column) == value)
    if wanted.resource is not None:
        moving = col(Entry.index).in_(select(Transfer.entry).where(col(Transfer.resource) == wanted.resource))
        query, counted = query.where(moving), counted.where(moving)
    total = session.exec(counted).one()
    pages = max(1, math.ceil(total / PAGE))
    number = min(max(page, 1), pages)
    rows = session.exec(query.order_by(col(Entry.index).desc()).offset((number - 1) * PAGE).limit(PAGE)).all()
    entries = tuple(decode(written) for written in rows)
    return JournalPage(entries, names_of(session, entries), number, pages, total)


def follow(session: Session, index: int) -> Followed:
    """An entry with the chain of mandates above it and what followed. Raises NoSuchEntry."""
    entry = entry_at(session, index)
    written = session.exec(select(Entry.written).where(col(Entry.index) == index)).one()
    mandates: list[Recorded] = []
    above = entry
    while above.mandate is not None:
        above = entry_at(session, above.mandate)
        mandates.append(above)
    query = select(Entry.written).where(col(Entry.mandate) == index).order_by(col(Entry.index)).limit(MOST_FOLLOWERS)
    followers = tuple(decode(row) for row in session.exec(query))
    beside = words_in(entry)
    given = told(session, beside[1]) if beside is not None else None
    return Followed(
        entry=entry,
        written=written,
        mandates=tuple(reversed(mandates)),
        followers=followers,
        reasons=given.text if given is not None else None,
        withdrawn=given.withdrawn if given is not None else None,
        nameless=erased_person(session, entry.actor.person),
        names=names_of(session, [entry, *mandates, *followers]),
    )


def about(session: Session, *, subject: str, kinds: tuple[Kind, ...]) -> tuple[Recorded, ...]:
    """Every entry of the kinds about one project or round, oldest first."""
    return tuple(DatabaseBook(session).where(*kinds, subject=subject))
