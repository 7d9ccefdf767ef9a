"""Markers: what a page shows in the place of words or a name that were erased: when, why, and the entry that says so."""

from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from sqlmodel import Session

from ledger.entries import entry_at
from ledger.kinds.erasing import Erasure, Reason
from ledger.narratives import Narrative
from ledger.people import Person


@dataclass(frozen=True, slots=True)
class Marker:
    """That something was erased: by which entry, on which day, and why."""

    entry: int
    on: date
    reason: Reason

    @property
    def when_and_why(self) -> str:
        """“on 4 March 2026 because consent was withdrawn”."""
        return f"on {format_date(self.on, 'd MMMM yyyy', locale='en_GB')} {self.reason.because}"


@dataclass(frozen=True, slots=True)
class Told:
    """Words behind a digest as they may be shown: the text, or the marker in its place; neither when they are not kept here."""

    text: str | None
    withdrawn: Marker | None


def told(session: Session, digest: str) -> Told:
    """The words behind a digest, or why they are gone."""
    row = session.get(Narrative, digest)
    return Told(None, None) if row is None else Told(row.text, _marker(session, row.erasure))


def erased_person(session: Session, ref: str) -> Marker | None:
    """When and why the name behind a reference was erased; none while it is kept."""
    row = session.get(Person, ref)
    return None if row is None else _marker(session, row.erasure)


def _marker(session: Session, index: int | None) -> Marker | None:
    if index is None:
        return None
    entry = entry_at(session, index)
    if not isinstance(entry.payload, Erasure):
        raise AssertionError(f"entry {index} erases nothing")  # noqa: TRY004 - a broken invariant, not a type
    return Marker(entry.index, entry.effective_on, entry.payload.reason)
