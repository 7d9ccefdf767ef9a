"""A shared risk weighed and called: need against risk in both directions, and the loss paid out of the reserves.

A gain is the mirror of a call: whoever has it in hand pays every other party's part of it, by the shares of a gain, to where
that party's money comes from: an organisation's own account, a partnership's pot.
"""

from typing import Literal

from pydantic import Field

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.kinds.authority import currency_of
from ledger.kinds.deciding import SamePerson
from ledger.kinds.payload import Amount, Digest, Payload, Slug, Text, mandate_of, no_movements
from ledger.kinds.risking import (
    DECIDING,
    BadAgreement,
    NotAsAgreed,
    RiskAgreement,
    Score,
    agreement_of,
    agreement_under,
    binding,
    not_in_force,
    one_of,
    said,
)
from ledger.money import format_amount
from ledger.records import Book, Draft, Kind, Movement, Recorded
from ledger.risk import OverTheMost
from ledger.roles import Role


class NotADecider(LedgerError):
    """By this agreement a decision on its risk is taken by the {deciders}. Nothing was recorded."""


class NotWeighed(LedgerError):
    """A risk is weighed in both directions: say what harm acting could do, and what harm not acting could do. Nothing was
    recorded.
    """


class NoDecision(LedgerError):
    """No decision stands that allows this risk to be taken: {problem}. Nothing was recorded."""


class ReserveTooSmall(LedgerError):
    """{party} has {available} set aside under this agreement, and its part of this loss is {needed}. It has to set more aside
    first; nothing was recorded.
    """


class NothingToShare(LedgerError):
    """By this agreement {holder} has the whole of this gain, so there is nothing to share. Nothing was recorded."""


class RiskDecision(Payload):
    """Need weighed against risk, in both directions, by those the agreement names; in public."""

    kind = Kind.RISK_DECISION
    roles = frozenset(DECIDING)
    powers = frozenset({Kind.RISK_AGREEMENT})

    agreement: Slug
    outcome: Literal["accepted", "refused"]
    harm_of_acting: Text
    harm_of_not_acting: Text
    acting: Score = Field(description="how likely and how bad the harm of acting is")
    not_acting: Score = Field(description="how likely and how bad the harm of not acting is")
    reasons: Digest

    def subject(self) -> str:
        return self.agreement

    def check(self, draft: Draft, book: Book) -> None:
        """By a role that the agreement names, when everybody has signed, with both harms said."""
        no_movements(draft)
        entry, agreement = agreement_of(draft, self.agreement, book)
        binding(entry, agreement, book)
        if draft.actor.role not in agreement.deciders:
            raise NotADecider(deciders=one_of(agreement.deciders))
        if draft.effective_on > agreement.ends:
            raise not_in_force(entry.index, agreement, draft)
        if self.harm_of_acting.casefold() == self.harm_of_not_acting.casefold():
            raise NotWeighed


class RiskCall(Payload):
    """The risk has happened: the loss is split by the agreement, and each party's part is paid out of its reserve."""

    kind = Kind.RISK_CALL
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.RISK_DECISION})

    agreement: Slug
    payee: Slug  # who bore the loss, and is made whole
    loss: Amount
    reasons: Digest

    def subject(self) -> str:
        return self.agreement

    def check(self, draft: Draft, book: Book) -> None:
        """Signed by all, in force, under the decision that stands, by somebody else, and to the penny as was agreed."""
        agreement = _taken(draft, self.agreement, book, by="whoever calls its loss")
        expected = self.movements(agreement, book, currency=currency_of(book, draft.authority))
        if draft.movements != expected:
            raise NotAsAgreed(agreed=said(expected), asked=said(draft.movements))

    def measure(self, draft: Draft, book: Book) -> None:
        """Out of what each party has set aside, and nothing else."""
        for movement in draft.movements:
            held = book.balance(movement.from_account, movement.resource)
            if held < movement.amount:
                raise ReserveTooSmall(
                    party=movement.from_account.rpartition("/")[2],
                    available=format_amount(held, movement.resource),
                    needed=format_amount(movement.amount, movement.resource),
                )

    def movements(self, agreement: RiskAgreement, book: Book, *, currency: str) -> tuple[Movement, ...]:
        """What the call moves: every party's part of this loss after those before it, by name. Raises OverTheMost."""
        before = called(book, self.agreement)
        if before + self.loss > agreement.most:
            most, asked = (format_amount(amount, currency) for amount in (agreement.most, before + self.loss))
            raise OverTheMost(most=most, asked=asked)
        parts = agreement.sharing().further(self.loss, before=before)
        payee = f"{AccountKind.PAYEE}/{self.payee}"
        return tuple(Movement(agreement.reserve(party), payee, currency, part) for party, part in parts.items() if part)


class RiskGain(Payload):
    """The risk that was taken turned out well: whoever has the gain in hand pays each of the others its part of it."""

    kind = Kind.RISK_GAIN
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.RISK_DECISION})

    agreement: Slug
    holder: Slug  # the party that has the gain in hand, and keeps its own part
    gain: Amount
    reasons: Digest

    def subject(self) -> str:
        return self.agreement

    def check(self, draft: Draft, book: Book) -> None:
        """As for a loss: signed, in force, decided by somebody else, and to the penny as was agreed."""
        agreement = _taken(draft, self.agreement, book, by="whoever shares its gain")
        expected = self.movements(agreement, book, currency=currency_of(book, draft.authority))
        if draft.movements != expected:
            raise NotAsAgreed(agreed=said(expected), asked=said(draft.movements))

    def movements(self, agreement: RiskAgreement, book: Book, *, currency: str) -> tuple[Movement, ...]:
        """What the gain moves: every other party's part after the gains before it. Raises BadAgreement, NothingToShare."""
        out_of = agreement.share(self.holder).source
        parts = agreement.sharing().further_gain(self.gain, before=gained(book, self.agreement))
        others = [(agreement.share(party).source, part) for party, part in parts.items() if part and party != self.holder]
        if not others:
            raise NothingToShare(holder=self.holder)
        return tuple(Movement(out_of, into, currency, part) for into, part in others)


def _taken(draft: Draft, ref: str, book: Book, *, by: str) -> RiskAgreement:
    """The agreement, when what it foresaw may be settled: signed by all, in force, and accepted by somebody else."""
    decision = mandate_of(draft, book)
    entry, agreement = agreement_under(decision, book)
    if agreement.agreement != ref:
        raise BadAgreement(problem=f"entry {decision.index} is about “{agreement.agreement}”")
    binding(entry, agreement, book)
    if not agreement.begins <= draft.effective_on <= agreement.ends:
        raise not_in_force(entry.index, agreement, draft)
    standing(decision, entry, book)
    if decision.actor.person == draft.actor.person:
        raise SamePerson(first="Whoever decides that a risk is taken", second=by)
    return agreement


def standing(decision: Recorded, agreement: Recorded, book: Book) -> None:
    """Raise NoDecision unless this decision allows the risk and is the last word on it."""
    newest = list(book.where(Kind.RISK_DECISION, mandate=agreement.index))[-1]
    if newest.index != decision.index:
        raise NoDecision(problem=f"entry {decision.index} was followed by another decision, entry {newest.index}")
    if not isinstance(newest.payload, RiskDecision) or newest.payload.outcome != "accepted":
        raise NoDecision(problem=f"entry {newest.index} refused it")


def called(book: Book, agreement: str) -> int:
    """What the losses called under the agreement come to, less those that were reversed."""
    calls = book.where(Kind.RISK_CALL, subject=agreement)
    return sum(e.payload.loss for e in calls if isinstance(e.payload, RiskCall) and book.reversal(e.index) is None)


def gained(book: Book, agreement: str) -> int:
    """What the gains shared under the agreement come to, less those that were reversed."""
    gains = book.where(Kind.RISK_GAIN, subject=agreement)
    return sum(e.payload.gain for e in gains if isinstance(e.payload, RiskGain) and book.reversal(e.index) is None)
