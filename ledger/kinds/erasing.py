"""Erasure: a name or somebody's words are taken away from beside the log, and the log says when and why, and nothing more.

The reason comes from a closed list, so that no entry about an erasure can itself say something about a person.
"""

from datetime import date
from enum import StrEnum

from ledger.errors import LedgerError
from ledger.kinds.authority import Change, Constitution, RoleChange, holds
from ledger.kinds.payload import Count, Payload, Slug, no_movements
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role


class Removed(StrEnum):
    """What an erasure takes away."""

    PERSON = "person"  # a name; `erased` is the opaque reference, which stays
    STORY = "story"  # words that somebody agreed to have told; `erased` is their digest, which stays
    CONDITIONS = "conditions"  # what an instrument or terms ask for; `erased` is their digest, which stays
    REASONS = "reasons"  # the public reasons of a decision; `erased` is their digest, which stays


class Reason(StrEnum):
    """Why something was erased: the grounds of data protection law, and no free text."""

    ASKED_BY_THE_PERSON = "asked_by_the_person"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    KEPT_TOO_LONG = "kept_too_long"
    RECORDED_BY_MISTAKE = "recorded_by_mistake"
    REQUIRED_BY_LAW = "required_by_law"

    @property
    def because(self) -> str:
        """The reason in a sentence: “because consent was withdrawn”."""
        return _BECAUSE[self]


_BECAUSE = {
    Reason.ASKED_BY_THE_PERSON: "because the person asked",
    Reason.CONSENT_WITHDRAWN: "because consent was withdrawn",
    Reason.KEPT_TOO_LONG: "because it had been kept for as long as it was needed",
    Reason.RECORDED_BY_MISTAKE: "because it was recorded by mistake",
    Reason.REQUIRED_BY_LAW: "because the law required it",
}

# A decision is made in public: that nobody agreed to it, or that it is long ago, is no ground for hiding why it was made.
FOR_REASONS = frozenset({Reason.ASKED_BY_THE_PERSON, Reason.RECORDED_BY_MISTAKE, Reason.REQUIRED_BY_LAW})

_WORDS = {
    "story": Removed.STORY,
    "reasons": Removed.REASONS,
    "conditions": Removed.CONDITIONS,
}  # the payloads' fields that hold the digest of kept words


class AlreadyErased(LedgerError):
    """This was erased already, in entry {index}. Nothing was recorded twice."""


class StillInOffice(LedgerError):
    """This person still holds the role of {role} at {there}, and whoever acts in public is named while they do. End the role
    first; nothing was erased.
    """


class ErasedElsewhere(LedgerError):
    """This person has held roles at {there} and none at {here}. Ask the registrar there; nothing was erased."""


class NotForOnePlace(LedgerError):
    """A person is erased for the whole authority, whatever they did where. Leave place and entry out; nothing was erased."""


class NotTheseWords(LedgerError):
    """Entry {index} does not hold these words. Check the number; nothing was erased."""


class OwnWords(LedgerError):
    """Whoever recorded words cannot take them away alone. Ask another registrar; nothing was erased."""


class NoGroundForReasons(LedgerError):
    """The public reasons of a decision are not erased {because}. Choose another reason if one applies; nothing was erased."""


class Erasure(Payload):
    """A person's name, or the words behind a digest, are erased with their salt; what stays is this marker."""

    kind = Kind.ERASURE
    roles = frozenset({Role.REGISTRAR})
    powers = frozenset({Kind.CONSTITUTION})

    what: Removed
    erased: Slug
    entry: Count | None = None  # the entry that holds the digest, and goes on holding it; none for a person
    reason: Reason

    def subject(self) -> str:
        return self.erased

    def check(self, draft: Draft, book: Book) -> None:
        """Once; a person only out of office and for the whole authority; words only where they are, by somebody else."""
        no_movements(draft)
        earlier = erasure_of(book, self.erased)
        if earlier is not None:
            raise AlreadyErased(index=earlier.index)
        if self.what is Removed.PERSON:
            self._of_a_person(draft, book)
        else:
            self._of_words(draft, book)

    def _of_a_person(self, draft: Draft, book: Book) -> None:
        if self.entry is not None or draft.place is not None:
            raise NotForOnePlace
        changes = list(book.where(Kind.ROLE, subject=self.erased))
        there = sorted({entry.authority for entry in changes})
        if there and draft.authority not in there:
            raise ErasedElsewhere(there=", ".join(there), here=draft.authority)
        for entry, role in _posts(book, self.erased, changes):
            if _in_office(book, self.erased, entry, role, since=draft.effective_on):
                raise StillInOffice(role=role.value, there=entry.place or entry.authority)

    def _of_words(self, draft: Draft, book: Book) -> None:
        told = book.entry(self.entry) if self.entry is not None else None
        if told is None or words_in(told) != (self.what, self.erased):
            raise NotTheseWords(index=self.entry if self.entry is not None else "–")
        if (told.authority, told.place) != (draft.authority, draft.place):
            raise NotTheseWords(index=told.index)
        if told.actor.person == draft.actor.person:
            raise OwnWords
        if self.what in {Removed.REASONS, Removed.CONDITIONS} and self.reason not in FOR_REASONS:
            raise NoGroundForReasons(because=self.reason.because)


def words_in(entry: Recorded) -> tuple[Removed, str] | None:
    """What sort of words the entry has beside the log, and their digest; none when it has none."""
    for field, what in _WORDS.items():
        digest = getattr(entry.payload, field, None)
        if isinstance(digest, str):
            return what, digest
    return None


def erasure_of(book: Book, erased: str) -> Recorded | None:
    """The entry that erased this reference or digest, if one did."""
    return next(iter(book.where(Kind.ERASURE, subject=erased)), None)


def _posts(book: Book, person: str, changes: list[Recorded]) -> list[tuple[Recorded, Role]]:
    """Each role the person was ever given, with an entry that names its authority and place."""
    founded = [
        (entry, Role.REGISTRAR)
        for entry in book.where(Kind.CONSTITUTION)
        if isinstance(entry.payload, Constitution) and entry.payload.registrar == person
    ]
    return founded + [(entry, entry.payload.role) for entry in changes if isinstance(entry.payload, RoleChange)]


def _in_office(book: Book, person: str, entry: Recorded, role: Role, *, since: date) -> bool:
    """Whether the person holds the role on that day, or is appointed to take it up later."""
    change = entry.payload
    days = {since}
    if isinstance(change, RoleChange) and change.change is Change.APPOINTED and change.begins > since:
        days.add(change.begins)
    return any(holds(book, person=person, role=role, authority=entry.authority, place=entry.place, on=day) for day in days)
