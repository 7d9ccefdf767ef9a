"""The demonstration's people as the picker lists them: the authority's own first, then place by place."""

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.kinds.authority import Constitution
from ledger.names import names_of
from ledger.people import Person, invented_people
from ledger.records import Kind, Recorded


def people_by_place(session: Session) -> list[tuple[str, list[Person]]]:
    """Groups of invented people: a heading, and who acts there, by the first role they were given.

    Where the demonstration has several authorities, each heading names its own.
    """
    entries = list(DatabaseBook(session).where(Kind.CONSTITUTION, Kind.ROLE))
    names = names_of(session, entries)
    first: dict[str, Recorded] = {}
    for change in entries:
        first.setdefault(_whom(change), change)
    cast = [(person, first.get(person.ref)) for person in invented_people(session)]
    several = len({entry.authority for _, entry in cast if entry is not None}) > 1
    groups: dict[tuple[str, str], list[Person]] = {}
    for person, entry in cast:
        authority = names.authority(entry.authority) if several and entry is not None else ""
        place = names.place(entry.place) if entry is not None and entry.place is not None else ""
        groups.setdefault((authority, place), []).append(person)
    return [(": ".join(filter(None, key)) or "For the whole authority", groups[key]) for key in sorted(groups)]


def _whom(entry: Recorded) -> str:
    """Whom the entry gives a role: of a constitution, the first registrar."""
    payload = entry.payload
    return payload.registrar if isinstance(payload, Constitution) else payload.subject() or ""
