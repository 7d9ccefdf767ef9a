"""A shared risk: agreed between partners, signed by each of them, weighed in both directions, called when it happens.

    risk_agreement ← risk_signature (each party, with what it sets aside)
                   ← risk_decision  ← risk_call (one entry: every party's part of the loss, out of its reserve)
                                    ← risk_gain (one entry: every party's part of the gain, from whoever has it in hand)

An agreement binds when every party that it names has signed. What is signed is in the entry's own bytes, so that nobody can
change what somebody else has put their name to. A party sets money aside out of its own account: the authority and a partner
organisation out of `source/…`, whose negative is all that it ever brought in, and a partnership out of its pot, under its
terms of reference. A call pays whoever bore the loss, `payee/…`, and moves exactly what `ledger.risk` says: other amounts are
refused, whoever posts them.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.kinds.authority import constitution_of, currency_of, holds
from ledger.kinds.devolving import DatesOutOfOrder, newest_power, within
from ledger.kinds.payload import Amount, Count, Exact, Payload, Slug, Text, mandate_of, no_movements
from ledger.money import format_amount
from ledger.records import Book, Draft, Kind, Movement, Recorded
from ledger.risk import WHOLE, Layer, Party, Sharing
from ledger.roles import Role

Fifth = Annotated[int, Field(strict=True, ge=1, le=5)]
Points = Annotated[int, Field(strict=True, ge=0, le=WHOLE, description="basis points: 3500 is 35 %")]


class RiskAgreedAlready(LedgerError):
    """There is an agreement called “{agreement}” already, in entry {index}. Choose another name; nothing was recorded."""


class BadAgreement(LedgerError):
    """This agreement does not hold together: {problem}. Correct it; nothing was recorded."""


class NotYourSignature(LedgerError):
    """{party} signs this agreement through somebody else, in the role of {role}. Nothing was recorded."""


class SignedAlready(LedgerError):
    """{party} has signed this agreement already, in entry {index}. Nothing was recorded twice."""


class NotAsSigned(LedgerError):
    """By this agreement {party} sets {agreed} aside when it signs, out of {source}. Nothing was recorded."""


class NotBinding(LedgerError):
    """This agreement (entry {index}) does not bind yet: {missing} has not signed. Nothing was recorded."""


class NotInForce(LedgerError):
    """This agreement (entry {index}) runs from {begins} to {ends}, and this would take effect on {on}. Nothing was recorded."""


class NotAsAgreed(LedgerError):
    """By the agreement this moves {agreed}, and it would move {asked}. Nothing was recorded."""


class ReserveHeld(LedgerError):
    """What is set aside stays set aside until the agreement is over, which is after {ends}. Nothing was recorded."""


class PartySort(StrEnum):
    """What a party is, and so who signs for it and out of what it sets money aside."""

    AUTHORITY = "authority"
    ORGANISATION = "organisation"
    PARTNERSHIP = "partnership"

    @property
    def role(self) -> Role:
        """The role in which somebody signs for such a party."""
        return _SIGNS[self]


_SIGNS = {
    PartySort.AUTHORITY: Role.AUTHORITY_LEADER,
    PartySort.ORGANISATION: Role.PARTNER_ORGANISATION,
    PartySort.PARTNERSHIP: Role.CHAIR,
}
SIGNING = frozenset(_SIGNS.values())
DECIDING = (Role.AUTHORITY_LEADER, Role.CHIEF_FINANCE_OFFICER, Role.CHAIR)  # who can be named to decide on a risk


class Score(Exact):
    """A place on the 5 × 5: how likely (1 to 5), and how bad (1 to 5)."""

    likelihood: Fifth
    impact: Fifth

    @property
    def points(self) -> int:
        """1 to 25."""
        return self.likelihood * self.impact


class Share(Exact):
    """One party's part: its shares in basis points, its cap (none: no cap), what it sets aside when it signs, in pence."""

    party: Slug
    sort: PartySort
    signatory: Slug  # who signs for it, by opaque reference
    loss: Points
    gain: Points
    cap: Count | None = None
    reserve: Count = 0

    @property
    def source(self) -> str:
        """The account out of which the party sets money aside."""
        kind = AccountKind.POT if self.sort is PartySort.PARTNERSHIP else AccountKind.SOURCE
        return f"{kind}/{self.party}"


class First(Exact):
    """What is used before the shares are: “the council's insurance”, borne by one party up to an amount."""

    name: Text
    party: Slug
    at_most: Amount


class RiskAgreement(Payload):
    """What may go wrong, who bears how much of it, what is used first, who takes the rest, and from when to when."""

    kind = Kind.RISK_AGREEMENT
    roles = frozenset({Role.AUTHORITY_LEADER, Role.PARTNER_ORGANISATION})
    powers = frozenset({Kind.CONSTITUTION})

    agreement: Slug
    title: Text
    cause: Text
    event: Text
    effect: Text
    inherent: Score = Field(description="before anything is done about it")
    residual: Score = Field(description="with what is done about it")
    target: Score = Field(description="what the parties want it to come to")
    shares: tuple[Share, ...]
    first: tuple[First, ...] = ()
    residual_bearer: Slug
    most: Amount = Field(description="the largest loss, in all, that it covers")
    begins: date
    ends: date = Field(description="the last day on which a loss can be called")
    deciders: tuple[Role, ...] = Field(description="in which roles a decision on the risk is taken")

    def subject(self) -> str:
        return self.agreement

    def sharing(self) -> Sharing:
        """The arithmetic of it. Raises BadSharing."""
        return Sharing(
            parties=tuple(Party(share.party, share.loss, share.gain, share.cap) for share in self.shares),
            residual=self.residual_bearer,
            most=self.most,
            layers=tuple(Layer(layer.party, layer.at_most) for layer in self.first),
        )

    def share(self, party: str) -> Share:
        """The part of one party. Raises BadAgreement."""
        for share in self.shares:
            if share.party == party:
                return share
        raise BadAgreement(problem=f"“{party}” is none of its parties")

    def reserve(self, party: str) -> str:
        """The account in which a party has set money aside."""
        return f"{AccountKind.RESERVE}/{self.agreement}/{party}"

    def check(self, draft: Draft, book: Book) -> None:
        """Once, between the authority's own and its partners, with shares that come to 100 %."""
        no_movements(draft)
        for earlier in book.where(Kind.RISK_AGREEMENT, subject=self.agreement):
            raise RiskAgreedAlready(agreement=self.agreement, index=earlier.index)
        if not draft.effective_on <= self.ends or not self.begins <= self.ends:
            raise DatesOutOfOrder(problem=f"the agreement would end on {self.ends}, before it begins or today")
        if not self.target.points <= self.residual.points <= self.inherent.points:
            raise BadAgreement(problem="what is done about a risk makes it no worse, and the target is no higher than that")
        self.sharing()
        if len({share.signatory for share in self.shares}) != len(self.shares):
            raise BadAgreement(problem="each party signs through somebody of its own")
        if not self.deciders or set(self.deciders) - set(DECIDING):
            raise BadAgreement(problem=f"a decision on a risk is taken by the {one_of(DECIDING)}, or by some of them")
        for share in self.shares:
            _own_party(share, draft, book)


class RiskSignature(Payload):
    """A party signs, and sets aside what it promised to."""

    kind = Kind.RISK_SIGNATURE
    roles = SIGNING
    powers = frozenset({Kind.RISK_AGREEMENT})

    agreement: Slug
    party: Slug

    def subject(self) -> str:
        return self.agreement

    def check(self, draft: Draft, book: Book) -> None:
        """By the one who signs for the party, once, before the agreement is over, with exactly the reserve it names."""
        entry, agreement = agreement_of(draft, self.agreement, book)
        share = _as_signatory(agreement, self.party, draft)
        signed = signatures(book, entry.index).get(self.party)
        if signed is not None:
            raise SignedAlready(party=self.party, index=signed.index)
        if draft.effective_on > agreement.ends:
            raise not_in_force(entry.index, agreement, draft)
        if draft.movements != setting_aside(agreement, share, share.reserve, currency_of(book, draft.authority)):
            agreed = format_amount(share.reserve, currency_of(book, draft.authority))
            raise NotAsSigned(party=self.party, agreed=agreed, source=share.source)
        _within_the_pot(share, draft, book)


class RiskReserve(Payload):
    """A party sets more aside while the agreement lasts, or takes back what is left when it is over."""

    kind = Kind.RISK_RESERVE
    roles = SIGNING
    powers = frozenset({Kind.RISK_AGREEMENT})

    agreement: Slug
    party: Slug
    change: Literal["set aside", "taken back"]

    def subject(self) -> str:
        return self.agreement

    def check(self, draft: Draft, book: Book) -> None:
        """Between the party's own account and its own reserve; back only when no call can come any more."""
        entry, agreement = agreement_of(draft, self.agreement, book)
        share = _as_signatory(agreement, self.party, draft)
        if self.party not in signatures(book, entry.index):
            raise NotBinding(index=entry.index, missing=self.party)
        amount = sum(movement.amount for movement in draft.movements)
        aside = setting_aside(agreement, share, amount, currency_of(book, draft.authority))
        if self.change == "set aside":
            if draft.effective_on > agreement.ends:
                raise not_in_force(entry.index, agreement, draft)
            _within_the_pot(share, draft, book)
        else:
            if draft.effective_on <= agreement.ends:
                raise ReserveHeld(ends=agreement.ends)
            aside = tuple(Movement(move.to_account, move.from_account, move.resource, move.amount) for move in aside)
        if not amount or draft.movements != aside:
            raise NotAsAgreed(agreed=f"an amount between {share.source} and its reserve", asked=said(draft.movements))


def signatures(book: Book, agreement: int) -> dict[str, Recorded]:
    """The signatures under the agreement of that entry, by party."""
    found = book.where(Kind.RISK_SIGNATURE, mandate=agreement)
    return {entry.payload.party: entry for entry in found if isinstance(entry.payload, RiskSignature)}


def binding(entry: Recorded, agreement: RiskAgreement, book: Book) -> None:
    """Raise NotBinding unless every party has signed."""
    missing = [share.party for share in agreement.shares if share.party not in signatures(book, entry.index)]
    if missing:
        raise NotBinding(index=entry.index, missing=", ".join(missing))


def setting_aside(agreement: RiskAgreement, share: Share, amount: int, currency: str) -> tuple[Movement, ...]:
    """What moves when a party sets an amount aside; nothing for nothing."""
    return (Movement(share.source, agreement.reserve(share.party), currency, amount),) if amount else ()


def agreement_under(entry: Recorded, book: Book) -> tuple[Recorded, RiskAgreement]:
    """The agreement on which a decision (or the agreement itself) rests."""
    found: Recorded | None = entry
    if entry.kind is not Kind.RISK_AGREEMENT and entry.mandate is not None:
        found = book.entry(entry.mandate)
    if found is None or not isinstance(found.payload, RiskAgreement):
        raise AssertionError(f"entry {entry.index} rests on no risk agreement")
    return found, found.payload


def agreement_of(draft: Draft, ref: str, book: Book) -> tuple[Recorded, RiskAgreement]:
    entry, agreement = agreement_under(mandate_of(draft, book), book)
    if agreement.agreement != ref:
        raise BadAgreement(problem=f"entry {entry.index} is about “{agreement.agreement}”")
    return entry, agreement


def _own_party(share: Share, draft: Draft, book: Book) -> None:
    """The authority of these books, the partnership of this place, or an organisation that has no books of its own here."""
    match share.sort:
        case PartySort.AUTHORITY:
            fits = share.party == draft.authority
        case PartySort.PARTNERSHIP:
            fits = share.party == draft.place
        case PartySort.ORGANISATION:
            fits = constitution_of(book, share.party) is None
    if not fits:
        raise BadAgreement(
            problem=f"“{share.party}” cannot take part as {share.sort.value} of {draft.place or draft.authority}"
        )
    role = share.sort.role
    if not holds(book, person=share.signatory, role=role, authority=draft.authority, place=draft.place, on=draft.effective_on):
        raise BadAgreement(problem=f"whoever signs for “{share.party}” has to hold the role of {role.value} there")


def _as_signatory(agreement: RiskAgreement, party: str, draft: Draft) -> Share:
    share = agreement.share(party)
    if draft.actor.person != share.signatory or draft.actor.role is not share.sort.role:
        raise NotYourSignature(party=party, role=share.sort.role.value)
    return share


def _within_the_pot(share: Share, draft: Draft, book: Book) -> None:
    """What a partnership sets aside comes out of its pot, so its terms of reference allow it and limit it."""
    if share.sort is not PartySort.PARTNERSHIP or not draft.movements:
        return
    begun = [
        entry
        for entry in book.where(Kind.TERMS, authority=draft.authority, place=draft.place)
        if getattr(entry.payload, "begins", draft.effective_on) <= draft.effective_on
    ]
    if not begun:
        raise BadAgreement(problem=f"{share.party} has no terms of reference yet")
    terms = newest_power(begun[-1], book, on=draft.effective_on)
    for movement in draft.movements:
        within(movement.amount, movement.resource, terms.limits, source="the terms of reference")


def not_in_force(index: int, agreement: RiskAgreement, draft: Draft) -> NotInForce:
    return NotInForce(index=index, begins=agreement.begins, ends=agreement.ends, on=draft.effective_on)


def said(movements: tuple[Movement, ...]) -> str:
    parts = (f"{format_amount(m.amount, m.resource)} from {m.from_account} to {m.to_account}" for m in movements)
    return ", ".join(parts) or "nothing"


def one_of(roles: tuple[Role, ...]) -> str:
    return " or the ".join(role.value for role in roles)
