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
from ledger.kinds.payload import MandateReversed, amounts
from ledger.money import LARGEST, TIME, format_amount
from ledger.people import Role
from ledger.records import Book, Draft, Kind, Movement, NoSuchEntry, Recorded


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


def check(draft: Draft, book: Book, *, recorded: datetime) -> None:
    """Raise the LedgerError that forbids this draft, if any does: the general questions, then the kind's own rule.

    `recorded` is the moment at which it is recorded: nothing takes effect after it, and a decision on its very day.
    """
    day = recorded.date()
    for movement in draft.movements:
        if not 0 < movement.amount <= LARGEST:
            raise AmountNotPositive
    question = _question(draft, book, day)
    if question is None or question not in book.lawful:
        _powers(draft, book, day)
        if question is not None:
            book.lawful.add(question)
    _standing(draft, book)
    draft.payload.measure(draft, book)
    _floors(draft.movements, book)


def _question(draft: Draft, book: Book, recorded: date) -> Hashable | None:
    """All of a flow's draft that its powers depend on; None for a decision, whose powers are asked for each time."""
    payload, actor = draft.payload, draft.actor
    read = payload.question()
    if read is None:
        return None
    routes = tuple([(move.from_account, move.to_account, move.resource) for move in draft.movements])
    return (
        payload.kind, draft.authority, draft.place, _ground(draft, book), actor.person, actor.role, draft.effective_on,
        recorded, read, routes,
    )  # fmt: skip


def _ground(draft: Draft, book: Book) -> Hashable:
    """The mandate, or all of it that matters: what rests on one order rests as well on another like it."""
    found = book.entry(draft.mandate) if draft.mandate is not None else None
    read = found.payload.grounds() if found is not None else None
    if found is None or read is None:
        return draft.mandate
    return (found.kind, found.authority, found.place, found.mandate, found.actor, found.effective_on, read)


def _standing(draft: Draft, book: Book) -> None:
    """What it rests on was not reversed. Nor was it when the same question was answered, but of another order."""
    if draft.mandate is not None and draft.payload.kind is not Kind.REVERSAL:
        reversal = book.reversal(draft.mandate)
        if reversal is not None:
            raise MandateReversed(index=draft.mandate, reversal=reversal)


def _powers(draft: Draft, book: Book, recorded: date) -> None:
    """Every question but how much: what is asked here changes only with a decision."""
    _day(draft, recorded)
    founded = constitution_of(book, draft.authority)
    if draft.payload.kind is not Kind.CONSTITUTION:
        if founded is None:
            raise NotConstituted(authority=draft.authority)
        _currency(draft, founded[1].currency)
    for movement in draft.movements:
        parse(movement.from_account)
        parse(movement.to_account)
    _power(draft, book)
    _role(draft, book, recorded)
    closed = closed_through(book, draft.authority)
    if closed is not None and draft.effective_on <= closed and draft.payload.kind is not Kind.REOPEN:
        raise PeriodClosed(through=closed)
    _frozen(draft, book)
    draft.payload.check(draft, book)


def _currency(draft: Draft, currency: str) -> None:
    for resource in amounts(draft.movements):
        if resource not in {currency, TIME}:
            raise ForeignResource(authority=draft.authority, currency=currency, resource=resource)


def _power(draft: Draft, book: Book) -> None:
    payload = draft.payload
    powers = " or ".join(sorted(power.one for power in payload.powers)) or "nothing earlier"
    if draft.mandate is None:
        if payload.powers:
            raise NoMandate(kind=payload.kind.heading.lower(), powers=powers, given="nothing")
        return
    found = book.entry(draft.mandate)
    if found is None:
        raise NoSuchEntry(index=draft.mandate)
    if found.kind not in payload.powers:
        raise NoMandate(kind=payload.kind.heading.lower(), powers=powers, given=found.kind.one)
    _same_place(draft, found)
    if draft.effective_on < found.effective_on:
        raise MandateLater(on=draft.effective_on, index=found.index, since=found.effective_on)


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


def _frozen(draft: Draft, book: Book) -> None:
    for movement in draft.movements:
        kind, owner = parse(movement.from_account)
        if kind in {AccountKind.POT, AccountKind.CONNECTOR} and is_frozen(book, owner):
            raise PotFrozen(place=owner)


def _floors(movements: tuple[Movement, ...], book: Book) -> None:
    """No balance below its floor after all of the movements, taken in their order."""
    after: dict[tuple[str, str], int] = {}
    for movement in movements:
        for path, change in ((movement.from_account, -movement.amount), (movement.to_account, movement.amount)):
            key = (path, movement.resource)
            before = after.get(key)
            before = book.balance(*key) if before is None else before
            if change < 0 and has_floor(path) and before + change < 0:
                raise PotExhausted(
                    account=path,
                    available=format_amount(before, movement.resource),
                    needed=format_amount(movement.amount, movement.resource),
                )
            after[key] = before + change
