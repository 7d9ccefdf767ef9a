"""The community connector's capped purse: filled by a virement, spent on help without an assessment form."""

from ledger.accounts import AccountKind
from ledger.kinds.devolving import newest_power, within
from ledger.kinds.payload import Digest, Payload, Slug, Text, amounts, mandate_of, require_route, to_payee
from ledger.records import Book, Draft, Kind
from ledger.roles import Role


class Virement(Payload):
    """Part of the pot is moved to the connector's purse, within the limit for one award."""

    kind = Kind.VIREMENT
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.TERMS})

    purpose: Text

    def check(self, draft: Draft, book: Book) -> None:
        """Under live terms, within their limits."""
        terms = newest_power(mandate_of(draft, book), book, on=draft.effective_on)
        route = (f"{AccountKind.POT}/{draft.place}", f"{AccountKind.CONNECTOR}/{draft.place}")
        require_route(draft, [route], rule=f"from {route[0]} to {route[1]}")
        for resource, amount in amounts(draft.movements).items():
            within(amount, resource, terms.limits, source="the terms of reference")


class HelpGiven(Payload):
    """Somebody was helped, with a small sum or with time. Who, and their story, are not in the log."""

    kind = Kind.HELP_GIVEN
    roles = frozenset({Role.CONNECTOR})
    powers = frozenset({Kind.VIREMENT})

    payee: Slug
    story: Digest

    def check(self, draft: Draft, book: Book) -> None:  # noqa: ARG002 - one signature for every kind's rule
        """From the purse of the same place; the purse's floor is its cap."""
        purse = f"{AccountKind.CONNECTOR}/{draft.place}"
        to_payee(draft, purse, payee=self.payee, rule=f"from {purse} to the one who helped or was paid")
