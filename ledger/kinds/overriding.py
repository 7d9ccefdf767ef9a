"""The authority overrules a panel: only in the open, only with reasons, and nothing is taken out of the record.

An override points at a result or at its ratification. From then on the result is not ratified, and nothing new is allocated
by its power. Awards made before it stand, and what was promised from them is paid: who relied on them is not made to pay
for a change of mind. Drawback: money already awarded comes back only by a return or a reversal, each with reasons of its own.
"""

from typing import Literal

from pydantic import Field

from ledger.errors import LedgerError
from ledger.kinds.payload import Digest, Payload, Slug, Text, mandate_of, no_movements
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role


class Overridden(LedgerError):
    """The authority overrode entry {index}, on which this rests, in entry {override}; its reasons are public there. Nothing was
    recorded.
    """


class CannotOverride(LedgerError):
    """Entry {index} cannot be overridden: {problem}. Nothing was recorded."""


class Override(Payload):
    """The authority leader sets a panel's result or its ratification aside, or puts another decision in its place."""

    kind = Kind.OVERRIDE
    roles = frozenset({Role.AUTHORITY_LEADER})
    powers = frozenset({Kind.RESULT, Kind.RATIFICATION})

    round: Slug
    effect: Literal["set aside", "replaced"]
    reasons: Digest
    instead: Text | None = Field(default=None, description="what now holds, in public and for ever: no names")

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """Once, of the round it names, and where it replaces a decision it says by what."""
        no_movements(draft)
        target = mandate_of(draft, book)
        if target.payload.subject() != self.round:
            raise CannotOverride(index=target.index, problem=f"it is not about the round “{self.round}”")
        if (self.effect == "replaced") != (self.instead is not None):
            raise CannotOverride(index=target.index, problem="what takes its place is told when it is replaced, and only then")
        earlier = overridden_by(target, book)
        if earlier is not None:
            raise CannotOverride(index=target.index, problem=f"entry {earlier} has overridden it already")


def overridden_by(entry: Recorded, book: Book) -> int | None:
    """The entry that overrode this one, if there is one."""
    found = next(iter(book.where(Kind.OVERRIDE, mandate=entry.index)), None)
    return found.index if found is not None else None


def require_standing(entry: Recorded, book: Book) -> None:
    """Refuse what rests on an entry that was overridden. Raises Overridden."""
    override = overridden_by(entry, book)
    if override is not None:
        raise Overridden(index=entry.index, override=override)
