"""The risks that partners share, as a page reads them: who signed, what is set aside, what was decided, what was called."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.errors import NotFound
from ledger.holdings import holdings
from ledger.kinds.authority import currency_of
from ledger.kinds.risk_calls import RiskCall, RiskDecision, RiskGain
from ledger.kinds.risking import PartySort, RiskAgreement, Share, signatures
from ledger.markers import Told, told
from ledger.names import Names, names_of
from ledger.records import Kind, Recorded
from ledger.risk import Exposure

_STEPS = 4  # losses in the table of scenarios


class RiskStage(StrEnum):
    """How an agreement stands on a day."""

    PROPOSED = "waiting for signatures"
    SIGNED = "signed by all, and waiting for a decision"
    ACCEPTED = "signed by all, and the risk is accepted"
    REFUSED = "signed by all, and the risk is refused"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision on the risk, with its reasons in words."""

    entry: Recorded
    payload: RiskDecision
    reasons: Told


@dataclass(frozen=True, slots=True)
class Called:
    """A loss that was called: each party's part by party, and the entry that took it back, if one did."""

    entry: Recorded
    payload: RiskCall
    parts: dict[str, int]
    reversal: int | None
    reasons: Told


@dataclass(frozen=True, slots=True)
class Gained:
    """A gain that was shared: each party's part by party (the holder's is what it kept), and what took it back."""

    entry: Recorded
    payload: RiskGain
    parts: dict[str, int]
    reversal: int | None
    reasons: Told


@dataclass(frozen=True, slots=True)
class RiskView:
    """One agreement, as it stands today."""

    entry: Recorded
    agreement: RiskAgreement
    stage: RiskStage
    currency: str
    signed: dict[str, Recorded]
    reserves: dict[str, int]  # what each party has set aside now
    decisions: tuple[Decided, ...]
    calls: tuple[Called, ...]
    gains: tuple[Gained, ...]
    names: Names

    @property
    def called(self) -> int:
        """What the losses that stand come to."""
        return sum(call.payload.loss for call in self.calls if call.reversal is None)

    @property
    def gained(self) -> int:
        """What the gains that stand come to."""
        return sum(gain.payload.gain for gain in self.gains if gain.reversal is None)

    @property
    def left(self) -> int:
        """How much of the largest loss that is covered has not happened."""
        return self.agreement.most - self.called

    def exposures(self) -> list[Exposure]:
        """What each party paid, has set aside, or would when it signs, and what the worst would cost it in all."""
        aside = {share.party: share.reserve for share in self.agreement.shares if share.party not in self.signed}
        return self.agreement.sharing().exposures(self.reserves | aside, before=self.called)

    def scenarios(self) -> list[tuple[int, dict[str, int]]]:
        """A quarter, a half, three quarters of the largest loss, and all of it, with each party's part."""
        return self.agreement.sharing().scenarios(self.agreement.most * step // _STEPS for step in range(1, _STEPS + 1))

    def waits_for(self, person: str) -> list[Share]:
        """The parts for which this person has still to sign."""
        waiting = () if self.stage is RiskStage.OVER else self.agreement.shares
        return [share for share in waiting if share.signatory == person and share.party not in self.signed]


def risk_view(session: Session, ref: str, *, today: date) -> RiskView:
    """The agreement called `ref`. Raises NotFound."""
    for entry in DatabaseBook(session).where(Kind.RISK_AGREEMENT, subject=ref):
        return _view(session, entry, today)
    raise NotFound(what="risk agreement", name=ref)


def risks(session: Session, *, today: date, authority: str | None = None) -> list[RiskView]:
    """Every agreement to share a risk, or an authority's, the newest first."""
    found = list(DatabaseBook(session).where(Kind.RISK_AGREEMENT, authority=authority))
    return [_view(session, entry, today) for entry in reversed(found)]


def who_may_sign(session: Session, *, authority: str, on: date) -> list[tuple[str, str]]:
    """Who holds the role in which an organisation signs, on that day: by reference, with name and place."""
    role = PartySort.ORGANISATION.role
    found = [held for held in holdings(session, authority=authority, on=on) if held.held and held.role is role]
    return [(held.person, f"{held.name}, {held.where}") for held in found]


def chair_of(session: Session, *, authority: str, place: str, on: date) -> str:
    """Who signs for a partnership on that day, by reference; “nobody” where no chair is appointed."""
    role = PartySort.PARTNERSHIP.role
    found = (held for held in holdings(session, authority=authority, on=on) if held.held and held.role is role)
    return next((held.person for held in found if held.place == place), "nobody")


def _view(session: Session, entry: Recorded, today: date) -> RiskView:
    book, agreement = DatabaseBook(session), entry.payload
    if not isinstance(agreement, RiskAgreement):
        raise AssertionError(f"entry {entry.index} is no risk agreement")  # noqa: TRY004 - a broken invariant, not a type
    currency = currency_of(book, entry.authority)
    signed = signatures(book, entry.index)
    decisions = tuple(_decided(session, book.where(Kind.RISK_DECISION, mandate=entry.index)))
    calls = tuple(_called(session, book, agreement.agreement))
    gains = tuple(_gained(session, book, agreement))
    after = [each.entry for found in (decisions, calls, gains) for each in found]
    about = [entry, *signed.values(), *after]
    return RiskView(
        entry=entry,
        agreement=agreement,
        stage=_stage(agreement, signed, decisions, today),
        currency=currency,
        signed=signed,
        reserves={share.party: book.balance(agreement.reserve(share.party), currency) for share in agreement.shares},
        decisions=decisions,
        calls=calls,
        gains=gains,
        names=names_of(session, about, refs={ref for share in agreement.shares for ref in (share.party, share.signatory)}),
    )


def _stage(agreement: RiskAgreement, signed: dict[str, Recorded], decisions: tuple[Decided, ...], today: date) -> RiskStage:
    if today > agreement.ends:
        return RiskStage.OVER
    if len(signed) < len(agreement.shares):
        return RiskStage.PROPOSED
    if not decisions:
        return RiskStage.SIGNED
    return RiskStage.ACCEPTED if decisions[-1].payload.outcome == "accepted" else RiskStage.REFUSED


def _decided(session: Session, entries: Iterable[Recorded]) -> Iterable[Decided]:
    for entry in entries:
        if isinstance(entry.payload, RiskDecision):
            yield Decided(entry, entry.payload, told(session, entry.payload.reasons))


def _called(session: Session, book: DatabaseBook, ref: str) -> Iterable[Called]:
    for entry in book.where(Kind.RISK_CALL, subject=ref):
        if isinstance(entry.payload, RiskCall):
            parts = {move.from_account.rpartition("/")[2]: move.amount for move in entry.movements}
            yield Called(entry, entry.payload, parts, book.reversal(entry.index), told(session, entry.payload.reasons))


def _gained(session: Session, book: DatabaseBook, agreement: RiskAgreement) -> Iterable[Gained]:
    by_source = {share.source: share.party for share in agreement.shares}
    for entry in book.where(Kind.RISK_GAIN, subject=agreement.agreement):
        if isinstance(entry.payload, RiskGain):
            parts = {by_source[move.to_account]: move.amount for move in entry.movements}
            parts[entry.payload.holder] = entry.payload.gain - sum(parts.values())
            yield Gained(entry, entry.payload, parts, book.reversal(entry.index), told(session, entry.payload.reasons))
