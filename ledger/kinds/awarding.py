"""From the pot to the street: allocations, promises to payees, payments, hours worked, and what comes back."""

from typing import Literal

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.kinds.authority import currency_of
from ledger.kinds.deciding import Counted, Ratification, SamePerson, rules_of
from ledger.kinds.devolving import climb, live_power, terms_of, within
from ledger.kinds.living import require_live
from ledger.kinds.overriding import require_standing
from ledger.kinds.payload import Digest, Payload, Slug, Text, amounts, mandate_of, require_route, to_payee
from ledger.money import TIME, format_amount
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role

# By name here: looking a member up in its enumeration costs more than the comparison it is for.
_AWARD, _COMMITTED, _RATIFICATION = AccountKind.AWARD.value, AccountKind.COMMITTED.value, Kind.RATIFICATION


class NotAWinner(LedgerError):
    """“{project}” is not among the ratified winners of this round. Nothing was recorded."""


class AmountNotAsVoted(LedgerError):
    """The vote gave “{project}” {voted}, and this would allocate {asked}. Nothing was recorded."""


class AlreadyAllocated(LedgerError):
    """“{project}” has its allocation already, in entry {index}. Nothing was recorded."""


class WrongResource(LedgerError):
    """This ({kind}) moves {expected}, and it would move {resource}. Nothing was recorded."""


class Allocation(Payload):
    """A ratified winner gets from the pot exactly what was voted for it."""

    kind = Kind.ALLOCATION
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.RATIFICATION})

    project: Slug

    def subject(self) -> str:
        return self.project

    def check(self, draft: Draft, book: Book) -> None:
        """Ratified, a winner, as voted, within the delegated limit, under live terms, once."""
        ratified = mandate_of(draft, book)
        terms = live_power(ratified, book, on=draft.effective_on)
        require_live(terms_of(ratified, book)[0], terms, book, on=draft.effective_on)
        result = climb(ratified, book, Kind.RESULT)
        require_standing(ratified, book)
        require_standing(result, book)
        outcome, counted = ratified.payload, result.payload
        if not isinstance(outcome, Ratification) or outcome.outcome != "ratified":
            raise NotAWinner(project=self.project)
        if not isinstance(counted, Counted) or self.project not in counted.winners:
            raise NotAWinner(project=self.project)
        route = (f"{AccountKind.POT}/{draft.place}", f"{_AWARD}/{self.project}")
        require_route(draft, [route], rule=f"from {route[0]} to {route[1]}")
        frozen = rules_of(climb(ratified, book, Kind.ROUND), book)
        ask = next(ask for ask in frozen.asks if ask.project == self.project)
        moved = amounts(draft.movements)
        asked = {currency_of(book, draft.authority): ask.cost, TIME: ask.minutes}
        for resource in sorted({*asked, *moved}):
            if moved.get(resource, 0) != asked.get(resource, 0):
                raise AmountNotAsVoted(
                    project=self.project,
                    voted=format_amount(asked.get(resource, 0), resource),
                    asked=format_amount(moved.get(resource, 0), resource),
                )
        for resource, amount in moved.items():
            within(amount, resource, terms.limits, source="the terms of reference")
        for earlier in book.where(Kind.ALLOCATION, subject=self.project):
            if book.reversal(earlier.index) is None:
                raise AlreadyAllocated(project=self.project, index=earlier.index)


class Commitment(Payload):
    """Part of an award is promised to a payee: an order, a contract, or a rota of hours."""

    kind = Kind.COMMITMENT
    roles = frozenset({Role.CONNECTOR, Role.PROJECT_LEAD})
    powers = frozenset({Kind.ALLOCATION})

    project: Slug
    payee: Slug
    form: Literal["order", "contract", "grant", "rota"]
    purpose: Text

    def subject(self) -> str:
        return self.project

    def check(self, draft: Draft, book: Book) -> None:
        """From the project's own award."""
        _own_project(self.project, mandate_of(draft, book))
        route = (f"{_AWARD}/{self.project}", f"{_COMMITTED}/{self.project}")
        require_route(draft, [route], rule=f"from {route[0]} to {route[1]}")


class Payment(Payload):
    """Money promised is paid: the commitment is released and the payee has it."""

    kind = Kind.PAYMENT
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.COMMITMENT})
    draws = True

    project: Slug
    payee: Slug
    purpose: Text

    def subject(self) -> str:
        return self.project

    def measure(self, draft: Draft, book: Book) -> None:
        """Never more than is left of what was promised."""
        _within_promise(draft, book)

    def check(self, draft: Draft, book: Book) -> None:
        """To the payee promised, by neither who promised nor who ratified."""
        commitment = mandate_of(draft, book)
        _delivered(self.project, self.payee, draft, commitment)
        for movement in draft.movements:
            if movement.resource == TIME:
                raise WrongResource(kind="payment", expected="money", resource="staff time")
        if commitment.actor.person == draft.actor.person:
            raise SamePerson(first="Whoever commits money", second="whoever pays it")
        if climb(commitment, book, _RATIFICATION).actor.person == draft.actor.person:
            raise SamePerson(first="Whoever ratifies an award", second="whoever pays it")


class TimeWorked(Payload):
    """Hours promised are worked."""

    kind = Kind.TIME_WORKED
    roles = frozenset({Role.CONNECTOR, Role.PROJECT_LEAD, Role.PARTNER_ORGANISATION})
    powers = frozenset({Kind.COMMITMENT})
    draws = True

    project: Slug
    payee: Slug
    purpose: Text

    def subject(self) -> str:
        return self.project

    def measure(self, draft: Draft, book: Book) -> None:
        """Never more than is left of what was promised."""
        _within_promise(draft, book)

    def check(self, draft: Draft, book: Book) -> None:
        """Hours only, by those who promised them."""
        _delivered(self.project, self.payee, draft, mandate_of(draft, book))
        for movement in draft.movements:
            if movement.resource != TIME:
                raise WrongResource(kind="record of time worked", expected="staff time", resource="money")


class OverCommitment(LedgerError):
    """{left} is left of this commitment (entry {index}), and this would take {asked}. Nothing was recorded."""


def _own_project(project: str, mandate: Recorded) -> None:
    if mandate.payload.subject() != project:
        raise NotAWinner(project=project)


def _delivered(project: str, payee: str, draft: Draft, commitment: Recorded) -> None:
    """What is paid or worked goes to the payee of the commitment."""
    _own_project(project, commitment)
    promised = commitment.payload
    if not isinstance(promised, Commitment) or promised.payee != payee:
        raise NotPromised(payee=payee, index=commitment.index)
    to_payee(draft, f"{_COMMITTED}/{project}", payee=payee, rule="from what is committed to its payee")


def _within_promise(draft: Draft, book: Book) -> None:
    commitment = draft.mandate
    if commitment is None:
        raise AssertionError("the general check lets no draft without its mandate through")
    for resource, amount in amounts(draft.movements).items():
        left = book.left(commitment, resource)
        if amount > left:
            raise OverCommitment(left=format_amount(left, resource), index=commitment, asked=format_amount(amount, resource))


class NotPromised(LedgerError):
    """The commitment (entry {index}) was not made to “{payee}”. Check the payee; nothing was recorded."""


class Return(Payload):
    """An award was not all needed: what is left goes back to the authority, with the reason."""

    kind = Kind.RETURN
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER, Role.CONNECTOR, Role.PROJECT_LEAD})
    powers = frozenset({Kind.ALLOCATION})

    project: Slug
    reasons: Digest

    def subject(self) -> str:
        return self.project

    def check(self, draft: Draft, book: Book) -> None:
        """Only what is not promised to anyone can go back: the award's floor sees to the amount."""
        _own_project(self.project, mandate_of(draft, book))
        route = (f"{_AWARD}/{self.project}", f"{AccountKind.RETURNED}/{draft.authority}")
        require_route(draft, [route], rule=f"from {route[0]} to {route[1]}")
