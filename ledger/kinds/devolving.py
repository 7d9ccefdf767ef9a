"""Instruments that give resource and power away, and the one that takes it back in the open."""

from datetime import date
from typing import Literal

from pydantic import Field

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.kinds.authority import constitution_of, posts_of
from ledger.kinds.evidence import Evidence, evidence_of
from ledger.kinds.payload import (
    Count,
    Digest,
    Exact,
    LimitExceeded,
    Limits,
    MandateReversed,
    Payload,
    Slug,
    Text,
    mandate_of,
    no_movements,
    require_route,
)
from ledger.kinds.signing import unsigned
from ledger.money import TIME, format_amount, is_resource
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role


class OutsideScope(LedgerError):
    """{resource} is outside the scope of {instrument} (entry {index}). Widen the instrument first; nothing was recorded."""


class PlaceElsewhere(LedgerError):
    """{place} is a partnership of {there}, and no other authority's. Nothing was recorded."""


class SupersededTerms(LedgerError):
    """These terms of reference (entry {index}) were replaced by version {version} (entry {newer}). Rest on those; nothing was
    recorded.
    """


class DatesOutOfOrder(LedgerError):
    """These dates do not follow each other: {problem}. Correct them; nothing was recorded."""


class WrongVersion(LedgerError):
    """The next version of these terms of reference is {expected}, not {version}. Nothing was recorded."""


class CannotSign(LedgerError):
    """Somebody who is to have signed holds no role there on {on}. Leave them out, or ask the registrar to appoint them; nothing
    was recorded.
    """


class SignedForOthers(LedgerError):
    """Nobody signs for anybody else. Name those who are to sign, and each of them signs by themselves; nothing was recorded."""


class InstrumentNotSigned(LedgerError):
    """The devolution instrument (entry {index}) waits for {many} of its signatures. Agree terms under it when all have signed;
    nothing was recorded.
    """


class SignedTwice(LedgerError):
    """Everybody signs once, and whoever records this has signed by recording it. Nothing was recorded."""


class RenewalWithoutEvidence(LedgerError):
    """Terms of reference are renewed on an evidence pack, and this renewal names none. Read the pack first; nothing was
    recorded.
    """


class EvidenceNotNewest(LedgerError):
    """The evidence pack of tree size {size} is not the newest: entry {last} is about this partnership too. Read the pack again,
    and renew on that; nothing was recorded.
    """


class EvidenceDiffers(LedgerError):
    """The evidence pack of this partnership at tree size {size} has another SHA-256. Read the pack again; nothing was
    recorded.
    """


class TermsNotLive(LedgerError):
    """The terms of reference (entry {index}) run from {begins} to {sunset}, and this would take effect on {on}. Renew the
    terms first; nothing was recorded. Awards already made are still paid.
    """


class DevolutionExpired(LedgerError):
    """The devolution instrument (entry {index}) runs from {begins} to {ends}, and this would take effect on {on}. Ask the
    authority to renew it; nothing was recorded. Awards already made are still paid.
    """


def _resources(limits: Limits) -> None:
    for resource in limits:
        if not is_resource(resource):
            raise OutsideScope(resource=f"“{resource}”", instrument="the ledger", index="–")


class Devolution(Payload):
    """The authority hands money and staff time to a partnership: scope, limit per award, and an expiry."""

    kind = Kind.DEVOLUTION
    roles = frozenset({Role.AUTHORITY_LEADER})

    title: Text
    power: Text = Field(description="the decision or statute under which the authority devolves")
    begins: date
    ends: date = Field(description="the last day on which new allocations may rest on it")
    limits: Limits = Field(description="by resource in scope: the most that one award may take")
    scope: Text | None = Field(default=None, description="what it may be used for, in words; in public and for ever")
    conditions: Digest | None = Field(default=None, description="of the words beside the log that say on what conditions")
    signed: tuple[Slug, ...] = Field(default=(), description="of earlier releases: who was said to have signed, by reference")
    to_sign: tuple[Slug, ...] = Field(default=(), description="who signs beside whoever records it, each by their own act")

    written_without = frozenset({"scope", "conditions", "signed", "to_sign"})

    def offered(self) -> None:
        """Nobody signs for anybody else any more."""
        if self.signed:
            raise SignedForOthers

    def check(self, draft: Draft, book: Book) -> None:
        """Money comes from the authority's source, hours from its staff, into the pot of a partnership of its own."""
        _resources(self.limits)
        _require_signatories((*self.signed, *self.to_sign), draft, book)
        for earlier in book.where(Kind.DEVOLUTION, place=draft.place):
            if earlier.authority != draft.authority:
                raise PlaceElsewhere(place=draft.place, there=earlier.authority)
        if self.ends < self.begins:
            raise DatesOutOfOrder(problem=f"the instrument would end on {self.ends}, before it begins on {self.begins}")
        if not self.begins <= draft.effective_on <= self.ends:
            # What it moves is in the pot at once, so it has to be in force at once.
            raise DatesOutOfOrder(problem=f"the instrument is recorded on {draft.effective_on}, outside its own days")
        pot = f"{AccountKind.POT}/{draft.place}"
        source, staff = f"{AccountKind.SOURCE}/{draft.authority}", f"{AccountKind.STAFF}/{draft.authority}"
        require_route(draft, [(source, pot), (staff, pot)], rule=f"money or staff time from {draft.authority} to {pot}")
        for movement in draft.movements:
            if (movement.resource == TIME) != (movement.from_account == staff) or movement.resource not in self.limits:
                raise OutsideScope(resource=movement.resource, instrument=f"“{self.title}”", index="not yet recorded")
        founded = constitution_of(book, draft.authority)
        if founded is not None and set(self.limits) - {founded[1].currency, TIME}:
            raise OutsideScope(
                resource=", ".join(sorted(set(self.limits) - {founded[1].currency, TIME})),
                instrument=founded[1].name,
                index=founded[0].index,
            )


class Secondment(Payload):
    """A partner organisation lends staff: its hours join the partnership's pot, under the devolution that welcomes them."""

    kind = Kind.SECONDMENT
    roles = frozenset({Role.AUTHORITY_LEADER, Role.PARTNER_ORGANISATION})
    powers = frozenset({Kind.DEVOLUTION})

    title: Text
    organisation: Slug
    begins: date
    ends: date

    def check(self, draft: Draft, book: Book) -> None:
        """Hours from that organisation's staff, and only where staff time is in scope."""
        if self.ends < self.begins:
            raise DatesOutOfOrder(problem=f"the secondment would end on {self.ends}, before it begins on {self.begins}")
        route = (f"{AccountKind.STAFF}/{self.organisation}", f"{AccountKind.POT}/{draft.place}")
        require_route(draft, [route], rule=f"staff time from {route[0]} to {route[1]}")
        instrument = devolution_of(mandate_of(draft, book), book)
        for movement in draft.movements:
            if movement.resource != TIME or TIME not in instrument[1].limits:
                raise OutsideScope(resource=movement.resource, instrument=f"“{instrument[1].title}”", index=instrument[0].index)


class VotingRule(Exact):
    """How a round is counted, in the words of the counting engine."""

    name: Text = "greedy"
    satisfaction: Text = "cost"
    completion: Text = "none"
    stop_at_first_miss: bool = False
    minimum_votes: Count = 0


class FirstEdition(LedgerError):
    """Terms of reference are recorded in the second edition, under which a partnership goes live only with a resident
    majority on its panel, a community connector and an accountability partner. Nothing was recorded.
    """


class Terms(Payload):
    """Terms of reference: what a partnership may decide, how, until when. Versioned; the ledger enforces them.

    `edition` says which rules bind them: those recorded before the second one stay lawful as they were, byte for byte.
    """

    kind = Kind.TERMS
    roles = frozenset({Role.AUTHORITY_LEADER, Role.REGISTRAR})
    powers = frozenset({Kind.DEVOLUTION})

    version: Count
    begins: date
    review_on: date
    sunset: date = Field(description="the last day on which new allocations may be made")
    panel: Count = Field(description="how many sit on the panel; 0 when residents vote and no panel does")
    quorum: Count = Field(description="how many must vote for the result to stand")
    resident_majority: bool
    limits: Limits
    voting_rule: VotingRule
    edition: Literal[1, 2] = Field(default=1, description="2: goes live only as `ledger.kinds.living` asks")

    evidence: Evidence | None = Field(default=None, description="of a renewal: the evidence pack on which it rests")

    conditions: Digest | None = Field(default=None, description="of the words beside the log that say on what conditions")
    signed: tuple[Slug, ...] = Field(default=(), description="of earlier releases: who was said to have signed, by reference")
    to_sign: tuple[Slug, ...] = Field(default=(), description="who signs beside whoever records them, each by their own act")
    open_vote: bool = Field(default=False, description="whether everybody reads who on the panel voted for what, once counted")

    written_without = frozenset({"edition", "evidence", "conditions", "signed", "to_sign", "open_vote"})

    def offered(self) -> None:
        """What is agreed from now on is agreed under the rules of today."""
        if self.edition == 1:
            raise FirstEdition
        if self.signed:
            raise SignedForOthers

    def check(self, draft: Draft, book: Book) -> None:
        """Within the devolution's dates and limits, one version after another."""
        no_movements(draft)
        _require_signatories((*self.signed, *self.to_sign), draft, book)
        if not self.begins <= self.review_on <= self.sunset:
            raise DatesOutOfOrder(problem="terms begin, are reviewed, and end at their sunset, in this order")
        if self.panel and not 0 < self.quorum <= self.panel:
            raise DatesOutOfOrder(problem=f"a quorum of {self.quorum} does not fit a panel of {self.panel}")
        entry, instrument = devolution_of(mandate_of(draft, book), book)
        if missing := unsigned(entry, book):
            raise InstrumentNotSigned(index=entry.index, many=len(missing))
        if self.begins < instrument.begins or self.sunset > instrument.ends:
            raise DevolutionExpired(
                index=entry.index, begins=instrument.begins, ends=instrument.ends, on=f"{self.begins} to {self.sunset}"
            )
        for resource, limit in self.limits.items():
            if resource not in instrument.limits:
                raise OutsideScope(resource=resource, instrument=f"“{instrument.title}”", index=entry.index)
            within(limit, resource, instrument.limits, source=f"“{instrument.title}” (entry {entry.index})")
        versions = list(book.where(Kind.TERMS, authority=draft.authority, place=draft.place))
        if self.version != len(versions) + 1:
            raise WrongVersion(expected=len(versions) + 1, version=self.version)
        if self.edition > 1 and self.version > 1:
            _require_evidence(self.evidence, draft.place or "", book)


def _require_signatories(signed: tuple[str, ...], draft: Draft, book: Book) -> None:
    """Each is somebody else, once, who holds a role there or for the whole authority on that day."""
    if len({draft.actor.person, *signed}) != len(signed) + 1:
        raise SignedTwice
    for person in signed:
        posts = posts_of(book, person=person, authority=draft.authority, on=draft.effective_on)
        if not any(place in {None, draft.place} for _, place in posts):
            raise CannotSign(on=draft.effective_on)


def _require_evidence(given: Evidence | None, place: str, book: Book) -> None:
    """The pack as the ledger itself works it out, at the tree size that the renewal names; see `ledger.kinds.evidence`."""
    if given is None:
        raise RenewalWithoutEvidence
    gathered = book.gathered(place)
    if given.tree_size <= gathered.last or book.entry(given.tree_size - 1) is None:
        raise EvidenceNotNewest(size=given.tree_size, last=gathered.last)
    if given != evidence_of(gathered, place=place, tree_size=given.tree_size):
        raise EvidenceDiffers(size=given.tree_size)


class Clawback(Payload):
    """The authority takes unallocated resource back, with its reasons in public. Regression is made visible."""

    kind = Kind.CLAWBACK
    roles = frozenset({Role.AUTHORITY_LEADER})
    powers = frozenset({Kind.DEVOLUTION})

    reasons: Digest

    def check(self, draft: Draft, book: Book) -> None:  # noqa: ARG002 - one signature for every kind's rule
        """Only what is still in the pot can be taken back."""
        route = (f"{AccountKind.POT}/{draft.place}", f"{AccountKind.RETURNED}/{draft.authority}")
        require_route(draft, [route], rule=f"from {route[0]} to {route[1]}")


def within(amount: int, resource: str, limits: Limits, *, source: str) -> None:
    """Refuse an amount over the limit for its resource. Raises LimitExceeded."""
    limit = limits.get(resource, 0)
    if amount > limit:
        raise LimitExceeded(needed=format_amount(amount, resource), limit=format_amount(limit, resource), source=source)


def climb(entry: Recorded, book: Book, kind: Kind) -> Recorded:
    """Follow mandates up from `entry` to the first of that kind, `entry` itself included."""
    found: Recorded | None = entry
    while found is not None and found.kind is not kind:
        found = book.entry(found.mandate) if found.mandate is not None else None
    if found is None:
        raise AssertionError(f"entry {entry.index} does not rest on a {kind}")
    return found


def devolution_of(entry: Recorded, book: Book) -> tuple[Recorded, Devolution]:
    """The devolution instrument on which `entry` rests."""
    found = climb(entry, book, Kind.DEVOLUTION)
    if not isinstance(found.payload, Devolution):
        raise AssertionError(f"entry {found.index} is no devolution")  # noqa: TRY004 - a broken invariant, not a type
    return found, found.payload


def terms_of(entry: Recorded, book: Book) -> tuple[Recorded, Terms]:
    """The terms of reference on which `entry` rests."""
    found = climb(entry, book, Kind.TERMS)
    if not isinstance(found.payload, Terms):
        raise AssertionError(f"entry {found.index} is no terms of reference")  # noqa: TRY004 - a broken invariant
    return found, found.payload


def live_power(entry: Recorded, book: Book, *, on: date) -> Terms:
    """The terms on which `entry` rests, if they and their devolution are in force on that day.

    Raises TermsNotLive, DevolutionExpired. Asked for new rounds and new allocations; payments on awards go on.
    """
    terms_entry, terms = terms_of(entry, book)
    if not terms.begins <= on <= terms.sunset:
        raise TermsNotLive(index=terms_entry.index, begins=terms.begins, sunset=terms.sunset, on=on)
    devolved, instrument = devolution_of(terms_entry, book)
    if not instrument.begins <= on <= instrument.ends:
        raise DevolutionExpired(index=devolved.index, begins=instrument.begins, ends=instrument.ends, on=on)
    reversal = book.reversal(devolved.index)
    if reversal is not None:
        raise MandateReversed(index=devolved.index, reversal=reversal)
    return terms


def newest_power(entry: Recorded, book: Book, *, on: date) -> Terms:
    """As `live_power`, for what begins something new: under the newest version that has begun, not one it replaced."""
    terms = live_power(entry, book, on=on)
    rested = terms_of(entry, book)[0]
    for other in book.where(Kind.TERMS, authority=rested.authority, place=rested.place):
        if isinstance(other.payload, Terms) and other.index > rested.index and other.payload.begins <= on:
            raise SupersededTerms(index=rested.index, version=other.payload.version, newer=other.index)
    return terms
