"""The demonstration's people as the picker lists them: the authority's own first, then place by place."""

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.names import names_of
from ledger.people import Person, invented_people
from ledger.records import Kind


def people_by_place(session: Session) -> list[tuple[str, list[Person]]]:
    """Groups of invented people: a heading, and who acts there, by the first role they were given."""
    entries = list(DatabaseBook(session).where(Kind.ROLE))
    names = names_of(session, entries)
    first = {entry.payload.subject(): entry for entry in reversed(entries)}
    groups: dict[str, list[Person]] = {}
    for person in invented_people(session):
        entry = first.get(person.ref)
        place = names.place(entry.place) if entry is not None and entry.place is not None else ""
        groups.setdefault(place, []).append(person)
    return [(place or "For the whole authority", groups[place]) for place in sorted(groups)]
