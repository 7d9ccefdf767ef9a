"""Founding an authority's books, and who may act for it: the entries on which everything else stands."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from ledger.errors import LedgerError
from ledger.kinds.payload import Payload, Slug, Text, no_movements
from ledger.money import TIME, is_resource
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import BESIDE_THE_MACHINE, Role

SEATS = frozenset({Role.PANEL_MEMBER, Role.CHAIR})


class AlreadyConstituted(LedgerError):
    """{authority} already has its books here, since entry {index}. Nothing was recorded."""


class NotACurrency(LedgerError):
    """“{currency}” is not a currency that ISO 4217 lists, such as GBP. Correct it; nothing was recorded."""


class NoSelfAppointment(LedgerError):
    """Nobody grants themselves a role. Ask another registrar to record it; nothing was recorded."""


class RoleEndsBeforeItBegins(LedgerError):
    """The role would end on {ends}, before it begins on {begins}. Correct the dates; nothing was recorded."""


class RoleBackdated(LedgerError):
    """A role begins on the day it is recorded or later, and this would have begun on {begins}. Nothing was recorded."""


class NotASeat(LedgerError):
    """A resident’s seat is one on a panel, as panel member or chair, and this is about {role}. Nothing was recorded."""


class NotAppointed(LedgerError):
    """This person does not hold the role of {role} there, so it cannot be ended. Nothing was recorded."""


class MachineApart(LedgerError):
    """Whoever administers the machine has no say over money, and this person would be {role} and {other} at once. End one of
    the two first; nothing was recorded.
    """


class AppointedAfterErasure(LedgerError):
    """The name behind this reference was erased in entry {index}, so it takes up no role. Add the person again under a new
    reference; nothing was recorded.
    """


class Constitution(Payload):
    """An authority opens its books: its name, its one currency, its year start, and its first registrar."""

    kind = Kind.CONSTITUTION
    roles = frozenset({Role.ADMINISTRATOR})

    name: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    year_start: Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$")] = "04-01"
    registrar: Slug

    def check(self, draft: Draft, book: Book) -> None:
        """One authority, one currency, once."""
        no_movements(draft)
        if not is_resource(self.currency) or self.currency == TIME:
            raise NotACurrency(currency=self.currency)
        for earlier in book.where(Kind.CONSTITUTION, authority=draft.authority):
            raise AlreadyConstituted(authority=draft.authority, index=earlier.index)


class Change(StrEnum):
    """Whether a role begins or ends with this entry."""

    APPOINTED = "appointed"
    ENDED = "ended"


class RoleChange(Payload):
    """Somebody is appointed to a role at a place (or at the whole authority), or the role ends."""

    kind = Kind.ROLE
    roles = frozenset({Role.REGISTRAR})
    powers = frozenset({Kind.CONSTITUTION})

    person: Slug
    role: Role
    change: Change = Change.APPOINTED
    begins: date
    ends: date | None = Field(default=None, description="the last day of the role; none while it has no end")
    resident: bool = Field(default=False, description="whether a resident of the place takes this seat on its panel")

    written_without = frozenset({"resident"})

    def subject(self) -> str:
        return self.person

    def check(self, draft: Draft, book: Book) -> None:
        """Nobody grants themselves anything; only a role that is held can end."""
        no_movements(draft)
        if self.person == draft.actor.person:
            raise NoSelfAppointment
        if self.begins < draft.effective_on:
            raise RoleBackdated(begins=self.begins)
        if self.ends is not None and self.ends < self.begins:
            raise RoleEndsBeforeItBegins(begins=self.begins, ends=self.ends)
        if self.resident and (self.role not in SEATS or self.change is Change.ENDED):
            raise NotASeat(role=self.role)
        for erased in book.where(Kind.ERASURE, subject=self.person):
            raise AppointedAfterErasure(index=erased.index)
        if self.change is Change.ENDED:
            if not _open_terms(self, draft, book):
                raise NotAppointed(role=self.role)
        else:
            _apart_from_the_machine(self, draft, book)


def _open_terms(change: RoleChange, draft: Draft, book: Book) -> bool:
    return holds(book, person=change.person, role=change.role, authority=draft.authority, place=draft.place, on=change.begins)


def _apart_from_the_machine(change: RoleChange, draft: Draft, book: Book) -> None:
    """Raise MachineApart where the person would administer the machine and have a say beside it."""
    if change.role is Role.RESIDENT:
        return
    for role, place in posts_of(book, person=change.person, authority=draft.authority, on=change.begins):
        kept_apart = role not in BESIDE_THE_MACHINE if change.role is Role.ADMINISTRATOR else role is Role.ADMINISTRATOR
        if kept_apart:
            raise MachineApart(role=change.role, other=f"{role} of {place or draft.authority}")


def constitution_of(book: Book, authority: str) -> tuple[Recorded, Constitution] | None:
    """The entry that founded the authority's books, and its payload."""
    for entry in book.where(Kind.CONSTITUTION, authority=authority):
        if isinstance(entry.payload, Constitution):
            return entry, entry.payload
    return None


def currency_of(book: Book, authority: str) -> str:
    """The one currency of the authority's books. The general check lets nothing through before they are open."""
    founded = constitution_of(book, authority)
    if founded is None:
        raise AssertionError(f"the authority {authority} has no books")
    return founded[1].currency


def holds(book: Book, *, person: str, role: Role, authority: str, place: str | None, on: date) -> bool:
    """Whether the person holds the role on that date: at the place, or for the whole authority.

    The last entry about the role decides: an appointment from `begins` to `ends`, both days included, or its end.
    """
    founded = constitution_of(book, authority) if role is Role.REGISTRAR else None
    held = {place: False, None: founded is not None and founded[1].registrar == person}
    for entry in book.where(Kind.ROLE, authority=authority, subject=person):
        change = entry.payload
        if not isinstance(change, RoleChange) or change.role is not role or entry.place not in held:
            continue
        if change.begins <= on:
            held[entry.place] = change.change is Change.APPOINTED and (change.ends is None or on <= change.ends)
    return any(held.values())


def posts_of(book: Book, *, person: str, authority: str, on: date) -> list[tuple[Role, str | None]]:
    """Every role that the person holds in the authority on that day, each with its place (none: the whole authority)."""
    changes = book.where(Kind.ROLE, authority=authority, subject=person)
    asked = {(entry.payload.role, entry.place) for entry in changes if isinstance(entry.payload, RoleChange)}
    asked.add((Role.REGISTRAR, None))  # the first one is named by the constitution
    return [
        (role, place)
        for role, place in sorted(asked, key=str)
        if holds(book, person=person, role=role, authority=authority, place=place, on=on)
    ]
