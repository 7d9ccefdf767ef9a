"""Prototypes: agreements for a time that share power, money, hours and risk with named new leaders, so that others can learn.

A prototype starts whole or not at all. From its learning date to its last day somebody decides: stop, adapt or mainstream, and
only once what was learned stands under at least one theme. Who decides nothing by the last day lets it lapse, and nothing more
may rest on it. Others may adopt a prototype as the start of theirs, at any place of any authority, while it did not end badly.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ledger.errors import LedgerError
from ledger.kinds.authority import currency_of, posts_of
from ledger.kinds.deciding import SamePerson
from ledger.kinds.devolving import DatesOutOfOrder, newest_power, within
from ledger.kinds.payload import Count, Digest, Payload, Slug, Text, mandate_of, no_movements
from ledger.money import TIME
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role

WHOLE = 10_000  # basis points: a share of 100 %
Share = Annotated[int, Field(strict=True, ge=0, le=WHOLE)]


class PrototypeBlank(LedgerError):
    """A prototype starts whole, and this leaves blank: {blank}. Fill in what is missing; nothing was recorded."""


class LeaderUnknown(LedgerError):
    """“{leader}” leads nothing here: each leader of a prototype is named once and holds a role at {authority}. Ask the
    registrar to appoint them first; nothing was recorded.
    """


class NothingToAdopt(LedgerError):
    """Entry {index} cannot be adopted: {problem}. Choose another prototype, or start without one; nothing was recorded."""


class TooEarlyToDecide(LedgerError):
    """This prototype (entry {index}) learns until {learning_on}, and this would decide on {on}. Wait for that day; nothing
    was recorded.
    """


class PrototypeLapsed(LedgerError):
    """This prototype (entry {index}) ended on {ends} with no decision, so it has lapsed and nothing more may rest on it. Start
    a new one; nothing was recorded.
    """


class DecidedAlready(LedgerError):
    """This prototype (entry {index}) was decided on in entry {decision}. Nothing was recorded twice."""


class NothingLearned(LedgerError):
    """Nothing that was learned from this prototype (entry {index}) is recorded under any theme. Record what was learned
    first; nothing was recorded.
    """


class Theme(StrEnum):
    """The four themes under which learning is gathered."""

    PRACTICE = "practice and citizen experience"
    WORKFORCE = "workforce and culture"
    LEADERSHIP = "leadership and governance"
    SYSTEM = "system conditions"


class Choice(StrEnum):
    """What is decided at the learning date."""

    STOP = "stop"
    ADAPT = "adapt"
    MAINSTREAM = "mainstream"


class Standing(StrEnum):
    """Where a prototype stands on a day."""

    RUNNING = "running"
    DUE = "decision due"
    STOPPED = "stopped"
    ADAPTED = "to be adapted"
    MAINSTREAMED = "mainstreamed"
    LAPSED = "lapsed without a decision"


_DECIDED = {Choice.STOP: Standing.STOPPED, Choice.ADAPT: Standing.ADAPTED, Choice.MAINSTREAM: Standing.MAINSTREAMED}


class Prototype(Payload):
    """Power, money, hours and risk shared with named leaders for a time, to learn something on behalf of the rest.

    Every part may be missing from the bytes, so that a blank is refused by the rule in one sentence and not by a parser.
    """

    kind = Kind.PROTOTYPE
    roles = frozenset({Role.AUTHORITY_LEADER})
    powers = frozenset({Kind.TERMS})

    title: Text
    power: Text | None = Field(default=None, description="what the prototype may decide by itself")
    money: Count | None = Field(default=None, description="minor units of the authority's currency that it may draw on")
    minutes: Count | None = Field(default=None, description="staff time that it may draw on")
    risk_share: Share | None = Field(default=None, description="basis points of a loss that the authority bears")
    risk_cap: Count | None = Field(default=None, description="minor units: the most that this share may come to")
    leaders: tuple[Slug, ...] = Field(default=(), description="opaque references of those who lead it")
    learning_on: date | None = None
    ends: date | None = Field(default=None, description="the last day, and the last day to decide")
    adopted_from: Count | None = Field(default=None, description="the prototype whose agreement this one starts from")
    reasons: Digest | None = Field(default=None, description="of the hypothesis, which is kept beside the log")

    def check(self, draft: Draft, book: Book) -> None:
        """Whole, under live terms and within their limits and dates, led by others, adopted only from what may be."""
        no_movements(draft)
        learning_on, ends, money, minutes = self._whole()
        terms = newest_power(mandate_of(draft, book), book, on=draft.effective_on)
        if not draft.effective_on < learning_on <= ends:
            raise DatesOutOfOrder(problem="a prototype starts, then comes its learning date, then its last day")
        if ends > terms.sunset:
            raise DatesOutOfOrder(problem=f"the prototype would end on {ends}, after the sunset of its terms on {terms.sunset}")
        within(money, currency_of(book, draft.authority), terms.limits, source="the terms of reference")
        within(minutes, TIME, terms.limits, source="the terms of reference")
        _leaders(self, draft, book)
        if self.adopted_from is not None:
            _adoptable(self.adopted_from, book, on=draft.effective_on)

    def _whole(self) -> tuple[date, date, int, int]:
        """The dates and amounts, once nothing is blank; nought is a blank, because nothing would be shared."""
        parts = {
            "its power": self.power, "its money": self.money, "its hours": self.minutes, "its risk share": self.risk_share,
            "the cap on its risk": self.risk_cap, "its leaders": self.leaders, "its hypothesis": self.reasons,
            "its learning date": self.learning_on, "its last day": self.ends,
        }  # fmt: skip
        blank = [name for name, value in parts.items() if not value]
        if blank or self.learning_on is None or self.ends is None or self.money is None or self.minutes is None:
            raise PrototypeBlank(blank=", ".join(blank))
        return self.learning_on, self.ends, self.money, self.minutes


class Reflection(Payload):
    """What was learned from a prototype, under one of the four themes; the words are kept beside the log."""

    kind = Kind.REFLECTION
    roles = frozenset(
        {Role.AUTHORITY_LEADER, Role.CHAIR, Role.CONNECTOR, Role.PANEL_MEMBER, Role.PROJECT_LEAD, Role.PARTNER_ORGANISATION}
    )
    powers = frozenset({Kind.PROTOTYPE})

    theme: Theme
    story: Digest

    def check(self, draft: Draft, book: Book) -> None:
        """Not from a prototype that lapsed; what is learned after a decision still counts."""
        no_movements(draft)
        _not_lapsed(mandate_of(draft, book), book, on=draft.effective_on)


class PrototypeDecision(Payload):
    """At the learning date: stop, adapt or mainstream, with reasons that everyone reads."""

    kind = Kind.PROTOTYPE_DECISION
    roles = frozenset({Role.CHAIR, Role.AUTHORITY_LEADER})
    powers = frozenset({Kind.PROTOTYPE})

    choice: Choice
    reasons: Digest

    def check(self, draft: Draft, book: Book) -> None:
        """Once, from the learning date to the last day, on recorded learning, by somebody who does not lead it."""
        no_movements(draft)
        entry = mandate_of(draft, book)
        prototype = prototype_of(entry)
        earlier = decision_on(entry, book)
        if earlier is not None:
            raise DecidedAlready(index=entry.index, decision=earlier.index)
        _not_lapsed(entry, book, on=draft.effective_on)
        if prototype.learning_on is None or draft.effective_on < prototype.learning_on:
            raise TooEarlyToDecide(index=entry.index, learning_on=prototype.learning_on, on=draft.effective_on)
        if draft.actor.person in prototype.leaders:
            raise SamePerson(first="Whoever leads a prototype", second="whoever decides on it")
        if not list(book.where(Kind.REFLECTION, mandate=entry.index)):
            raise NothingLearned(index=entry.index)


def prototype_of(entry: Recorded) -> Prototype:
    """The payload of a prototype's entry."""
    if not isinstance(entry.payload, Prototype):
        raise AssertionError(f"entry {entry.index} starts no prototype")  # noqa: TRY004 - a broken invariant, not a type
    return entry.payload


def decision_on(entry: Recorded, book: Book) -> Recorded | None:
    """The decision on a prototype, if it was taken."""
    return next(iter(book.where(Kind.PROTOTYPE_DECISION, mandate=entry.index)), None)


def standing_of(entry: Recorded, book: Book, *, on: date) -> Standing:
    """Where the prototype stands on that day."""
    prototype, decision = prototype_of(entry), decision_on(entry, book)
    if decision is not None and isinstance(decision.payload, PrototypeDecision):
        return _DECIDED[decision.payload.choice]
    if prototype.ends is None or prototype.learning_on is None or on > prototype.ends:
        return Standing.LAPSED
    return Standing.RUNNING if on < prototype.learning_on else Standing.DUE


def _not_lapsed(entry: Recorded, book: Book, *, on: date) -> None:
    if standing_of(entry, book, on=on) is Standing.LAPSED:
        raise PrototypeLapsed(index=entry.index, ends=prototype_of(entry).ends)


def _adoptable(index: int, book: Book, *, on: date) -> None:
    found = book.entry(index)
    if found is None or found.kind is not Kind.PROTOTYPE:
        raise NothingToAdopt(index=index, problem="it starts no prototype")
    stands = standing_of(found, book, on=on)
    if stands in {Standing.STOPPED, Standing.LAPSED}:
        raise NothingToAdopt(index=index, problem=f"that prototype is {stands}")


def _leaders(prototype: Prototype, draft: Draft, book: Book) -> None:
    """Named once each, holding a role here, and none of them the one who shares the power."""
    seen: set[str] = set()
    for leader in prototype.leaders:
        if leader == draft.actor.person:
            raise SamePerson(first="Whoever shares power with a prototype", second="whoever leads it")
        held = posts_of(book, person=leader, authority=draft.authority, on=draft.effective_on)
        if leader in seen or not held:
            raise LeaderUnknown(leader=leader, authority=draft.authority)
        seen.add(leader)
