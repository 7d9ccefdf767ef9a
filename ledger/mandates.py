"""By what power: the questions every draft has to answer before its kind's own rule is asked.

The post is refused when the chain of mandates is broken, the actor does not hold the role on that date, the period is
closed, the pot is frozen, a resource is outside the authority's books, or a balance would fall below its floor.
"""

from collections.abc import Hashable
from datetime import date, datetime

from ledger.accounts import AccountKind, has_floor, parse
from ledger.errors import LedgerError
from ledger.kinds.authority import constitution_of, holds
from ledger.kinds.controlling import closed_through, is_frozen
from ledger.kinds.payload import MandateReversed, Payload
from ledger.money import LARGEST, TIME, format_amount
from ledger.records import FLOWS, Book, Draft, Kind, Movement, NoSuchEntry, Recorded
from ledger.roles import Role


class NoMandate(LedgerError):
    """This ({kind}) has to rest on {powers}, and it rests on {given}. Nothing was recorded."""


class MandateElsewhere(LedgerError):
    """Entry {index} gives power at {there}, and this would use it at {here}. Nothing was recorded."""


class MandateLater(LedgerError):
    """This would take effect on {on}, before entry {index}, on which it rests ({since}). Correct the date; nothing was
    recorded.
    """


class RoleNotHeld(LedgerError):
    """You do not hold the role of {role} there on {on}. Ask the registrar; nothing was recorded."""


class NotConstituted(LedgerError):
    """The authority “{authority}” has no books here yet. Open them first; nothing was recorded."""


class ForeignResource(LedgerError):
    """The books of {authority} are in {currency}, and this would move {resource}. Nothing was recorded."""


class PeriodClosed(LedgerError):
    """Everything up to {through} is closed. Enter this in the open period, with a later date; nothing was recorded."""


class PotFrozen(LedgerError):
    """The pot of {place} is frozen. The reason is public on its page; nothing was recorded."""


class AmountNotPositive(LedgerError):
    """An amount has to be more than zero. Nothing was recorded."""


class PotExhausted(LedgerError):
    """{account} has {available} left, and this needs {needed}. Lower the amount; nothing was recorded."""


class DatedAhead(LedgerError):
    """This would take effect on {on}, and today is {today}. Enter it when it has happened; nothing was recorded."""


class DecisionBackdated(LedgerError):
    """A decision ({kind}) takes effect on the day it is recorded, and this is dated {on}. Use today's date; nothing was
    recorded.
    """


# A payment, hours worked or help given may be entered after their day, while its period is open. A decision may not:
# dated back, it could rest on terms or a role that have ended since.
LATE_FACTS = frozenset({Kind.PAYMENT, Kind.TIME_WORKED, Kind.HELP_GIVEN})

_REVERSAL = Kind.REVERSAL  # looking a member up in its enumeration costs more than the comparison it is for


def check(draft: Draft, book: Book, *, recorded: datetime) -> None:
    """Raise the LedgerError that forbids this draft, if any does: the general questions, then the kind's own rule.

    `recorded` is the moment at which it is recorded: nothing takes effect after it, and a decision on its very day.
    What is asked of a flow's actor and of its accounts is asked again and again: a yes is remembered in `book.lawful`.
    """
    day = recorded.date()
    for movement in draft.movements:
        if not 0 < movement.amount <= LARGEST:
            raise AmountNotPositive
    payload = draft.payload
    _power(draft, book)
    if payload.kind in FLOWS:
        lawful = book.lawful
        standing = _standing_question(draft, day)
        if standing not in lawful:
            _standing(draft, book, day)
            lawful.add(standing)
        for movement in draft.movements:
            route = (draft.authority, movement.resource, movement.from_account, movement.to_account)
            if route not in lawful:
                _route(draft, movement, book)
                lawful.add(route)
    else:
        _standing(draft, book, day)
        for movement in draft.movements:
            _route(draft, movement, book)
    payload.check(draft, book)
    payload.measure(draft, book)
    _floors(draft.movements, book)


def _standing_question(draft: Draft, recorded: date) -> Hashable:
    """All that `_standing` reads."""
    actor = draft.actor
    return (draft.payload.kind, draft.authority, draft.place, actor.person, actor.role, draft.effective_on, recorded)


def _standing(draft: Draft, book: Book, recorded: date) -> None:
    """On that day, in these books, in that role. A yes holds until a role changes or a period is closed."""
    _day(draft, recorded)
    if draft.payload.kind is not Kind.CONSTITUTION and constitution_of(book, draft.authority) is None:
        raise NotConstituted(authority=draft.authority)
    _role(draft, book, recorded)
    closed = closed_through(book, draft.authority)
    if closed is not None and draft.effective_on <= closed and draft.payload.kind is not Kind.REOPEN:
        raise PeriodClosed(through=closed)


def _route(draft: Draft, movement: Movement, book: Book) -> None:
    """A resource of these books, between two accounts, out of a pot that is not frozen. A yes holds until one is frozen."""
    founded = constitution_of(book, draft.authority)
    if founded is not None and movement.resource not in {founded[1].currency, TIME}:
        raise ForeignResource(authority=draft.authority, currency=founded[1].currency, resource=movement.resource)
    kind, owner = parse(movement.from_account)
    parse(movement.to_account)
    if kind in {AccountKind.POT, AccountKind.CONNECTOR} and is_frozen(book, owner):
        raise PotFrozen(place=owner)


def _power(draft: Draft, book: Book) -> None:
    payload = draft.payload
    if draft.mandate is None:
        if payload.powers:
            raise _no_mandate(payload, "nothing")
        return
    found = book.entry(draft.mandate)
    if found is None:
        raise NoSuchEntry(index=draft.mandate)
    if found.kind not in payload.powers:
        raise _no_mandate(payload, found.kind.one)
    _same_place(draft, found)
    if draft.effective_on < found.effective_on:
        raise MandateLater(on=draft.effective_on, index=found.index, since=found.effective_on)
    reversal = book.reversal(found.index)
    if reversal is not None and payload.kind is not _REVERSAL:
        raise MandateReversed(index=found.index, reversal=reversal)


def _no_mandate(payload: Payload, given: str) -> NoMandate:
    powers = " or ".join(sorted(power.one for power in payload.powers)) or "nothing earlier"
    return NoMandate(kind=payload.kind.heading.lower(), powers=powers, given=given)


def _same_place(draft: Draft, found: Recorded) -> None:
    if found.authority != draft.authority:
        raise MandateElsewhere(index=found.index, there=found.authority, here=draft.authority)
    if found.place is not None and found.place != draft.place:
        raise MandateElsewhere(index=found.index, there=found.place, here=draft.place or draft.authority)


def _day(draft: Draft, recorded: date) -> None:
    if draft.effective_on > recorded:
        raise DatedAhead(on=draft.effective_on, today=recorded)
    if draft.payload.kind not in LATE_FACTS and draft.effective_on != recorded:
        raise DecisionBackdated(kind=draft.payload.kind.heading.lower(), on=draft.effective_on)


def _role(draft: Draft, book: Book, recorded: date) -> None:
    """The actor holds the role on the day it takes effect, and still does on the day it is recorded."""
    role, payload = draft.actor.role, draft.payload
    allowed = role in payload.roles
    if allowed and role is not Role.ADMINISTRATOR:
        allowed = all(
            holds(book, person=draft.actor.person, role=role, authority=draft.authority, place=draft.place, on=day)
            for day in {draft.effective_on, recorded}
        )
    if not allowed:
        raise RoleNotHeld(role=" or ".join(sorted(payload.roles)), on=draft.effective_on)


def _floors(movements: tuple[Movement, ...], book: Book) -> None:
    """No balance below its floor after all of the movements, taken in their order."""
    after: dict[tuple[str, str], int] = {}
    for movement in movements:
        given = (movement.from_account, movement.resource)
        before = after[given] if given in after else book.balance(*given)
        if before < movement.amount and has_floor(movement.from_account):
            raise PotExhausted(
                account=movement.from_account,
                available=format_amount(before, movement.resource),
                needed=format_amount(movement.amount, movement.resource),
            )
        if len(movements) > 1:
            taken = (movement.to_account, movement.resource)
            after[given] = before - movement.amount
            after[taken] = (after[taken] if taken in after else book.balance(*taken)) + movement.amount
