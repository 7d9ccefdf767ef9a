"""Who holds which role, where and until when, as a registrar reads it; derived from the entries that gave and ended them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.errors import NotFound
from ledger.kinds.authority import Change, Constitution, RoleChange
from ledger.names import names_of
from ledger.people import names as names_of_people
from ledger.people import person
from ledger.records import Kind, Recorded
from ledger.roles import Role

_Post = tuple[str, Role, str | None]  # person, role, place


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that somebody was given, by the entry that gave it. `until` is its last day; none: until further notice."""

    entry: int
    person: str
    name: str
    role: Role
    authority: str
    place: str | None
    where: str
    since: date
    until: date | None
    held: bool  # on the day that was asked about


def holdings(session: Session, *, authority: str, on: date) -> list[Holding]:
    """Every role held in the authority on that day, or given for later: the whole authority's first, then place by place."""
    changes = list(_changes(session, authority))
    kept = [*_standing(changes, on).values()]
    found = _read(session, [entry for entry in kept if _lasts(entry, on)], on, current=frozenset(e.index for e in kept))
    return sorted(found, key=lambda held: (held.place is not None, held.where, list(Role).index(held.role), held.name))


def holding_at(session: Session, index: int, *, on: date) -> Holding:
    """The role that entry `index` gave. Raises NotFound where that entry gives none."""
    entry = DatabaseBook(session).entry(index)
    if entry is None or _given(entry) is None:
        raise NotFound(what="role", name=index)
    current = _standing(_changes(session, entry.authority), on)
    return _read(session, [entry], on, current=frozenset(found.index for found in current.values()))[0]


def people_of(session: Session, authority: str) -> list[tuple[str, str]]:
    """Everybody who holds or held a role in the authority, by name; who was erased is not among them."""
    refs = {_post(entry)[0] for entry in _changes(session, authority)}
    known = names_of_people(session, refs).items()
    return sorted(((ref, name) for ref, name in known if not person(session, ref).erasure), key=lambda pair: pair[::-1])


def _changes(session: Session, authority: str) -> Iterator[Recorded]:
    """The entries that gave or ended a role there, oldest first; the first registrar is given by the constitution."""
    return DatabaseBook(session).where(Kind.CONSTITUTION, Kind.ROLE, authority=authority)


def _standing(changes: Iterable[Recorded], on: date) -> dict[_Post, Recorded]:
    """By post, the last entry about it that has begun by that day; the last of all where none has."""
    last: dict[_Post, Recorded] = {}
    for entry in changes:
        post = _post(entry)
        if post not in last or _begins(entry) <= on or _begins(last[post]) > on:
            last[post] = entry
    return last


def _lasts(entry: Recorded, on: date) -> bool:
    """Whether what the entry says of a role is that somebody has it, on that day or from a later one."""
    given = _given(entry)
    return given is not None and (given[1] is None or on <= given[1])


def _post(entry: Recorded) -> _Post:
    match entry.payload:
        case RoleChange(person=ref, role=role):
            return ref, role, entry.place
        case Constitution(registrar=ref):
            return ref, Role.REGISTRAR, None
        case _:
            raise AssertionError(f"entry {entry.index} is about no role")


def _begins(entry: Recorded) -> date:
    return entry.payload.begins if isinstance(entry.payload, RoleChange) else entry.effective_on


def _given(entry: Recorded) -> tuple[date, date | None] | None:
    """The first and the last day of the role that the entry gives; none where it gives none."""
    match entry.payload:
        case RoleChange(change=Change.APPOINTED, begins=begins, ends=ends):
            return begins, ends
        case Constitution():
            return entry.effective_on, None
        case _:
            return None


def _read(session: Session, entries: list[Recorded], on: date, *, current: frozenset[int]) -> list[Holding]:
    people = names_of_people(session, {_post(entry)[0] for entry in entries})
    names = names_of(session, entries)
    found = []
    for entry in entries:
        ref, role, place = _post(entry)
        since, until = _given(entry) or (entry.effective_on, None)
        found.append(
            Holding(
                entry=entry.index,
                person=ref,
                name=people.get(ref, ref),
                role=role,
                authority=entry.authority,
                place=place,
                where=names.place(place) if place is not None else names.authority(entry.authority),
                since=since,
                until=until,
                held=entry.index in current and since <= on and _lasts(entry, on),
            )
        )
    return found
