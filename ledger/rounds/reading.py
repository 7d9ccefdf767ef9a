"""A round as people read it: its stage, its rule, each proposal with what became of it and why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session, col, select

from ledger.entries import DatabaseBook, Entry, entry_at
from ledger.kinds.deciding import Counted, Ratification, RoundOpened, RulesFrozen, round_of, rules_of
from ledger.kinds.overriding import Override
from ledger.markers import Marker, Told, told
from ledger.money import TIME
from ledger.places import Partnership, partnership
from ledger.powers import founding_payload
from ledger.records import Kind, Recorded
from ledger.rounds.ballots import turnout
from ledger.rounds.proposals import Outcome, Proposal, Round, proposal_called, proposals_of, round_called, rounds_at


class Stage(StrEnum):
    """Where a round stands, in the words of the page."""

    COMING = "opens soon"
    OPEN = "open for votes"
    CLOSING = "voting is over"
    COUNTED = "counted, waiting for ratification"
    RATIFIED = "ratified"
    REFUSED = "refused"
    OVERRIDDEN = "overridden by the authority"


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal of a round, with its outcome once there is one, and its allocation once it is made."""

    proposal: Proposal
    outcome: Outcome | None
    allocation: Recorded | None

    @property
    def chosen(self) -> bool:
        """Whether the count chose it."""
        return self.outcome is not None and self.outcome.step is not None


@dataclass(frozen=True, slots=True)
class Overruling:
    """That the authority overrode the round's result or its ratification: the entry and its public reasons."""

    entry: Recorded
    override: Override
    reasons: Told


@dataclass(frozen=True, slots=True)
class RoundView:
    """Everything the page of a round shows."""

    row: Round
    place: Partnership
    currency: str
    opened: Recorded
    opening: RoundOpened
    rules: RulesFrozen
    stage: Stage
    turnout: int
    result: Recorded | None
    counted: Counted | None
    decision: Recorded | None
    ratification: Ratification | None
    reasons: str | None
    withdrawn: Marker | None  # stands in the place of reasons that were erased
    lines: tuple[Line, ...]
    overrides: tuple[Overruling, ...]

    @property
    def budget(self) -> int:
        """What the round may share out, in minor units."""
        return self.opening.budget.get(self.currency, 0)

    @property
    def minutes(self) -> int:
        """How much staff time the round may share out."""
        return self.opening.budget.get(TIME, 0)


def round_view(session: Session, ref: str, *, today: date) -> RoundView:
    """The round called `ref` as it stands today. Raises NotFound."""
    row = round_called(session, ref)
    book = DatabaseBook(session)
    opened = entry_at(session, row.entry)
    result = next(book.where(Kind.RESULT, mandate=opened.index), None)
    decision = next(book.where(Kind.RATIFICATION, mandate=result.index), None) if result is not None else None
    counted = result.payload if result is not None and isinstance(result.payload, Counted) else None
    ratification = decision.payload if decision is not None and isinstance(decision.payload, Ratification) else None
    overrides = _overrides(session, [entry for entry in (result, decision) if entry is not None])
    given = told(session, ratification.reasons) if ratification is not None else None
    return RoundView(
        row=row,
        place=partnership(session, row.partnership),
        currency=founding_payload(session, opened.authority).currency,
        opened=opened,
        opening=round_of(opened),
        rules=rules_of(opened, book),
        stage=Stage.OVERRIDDEN if overrides else _stage(row, counted, ratification, today),
        turnout=turnout(session, ref),
        result=result,
        counted=counted,
        decision=decision,
        ratification=ratification,
        reasons=given.text if given is not None else None,
        withdrawn=given.withdrawn if given is not None else None,
        lines=_lines(session, ref, decision),
        overrides=overrides,
    )


def _overrides(session: Session, decided: list[Recorded]) -> tuple[Overruling, ...]:
    book = DatabaseBook(session)
    found = [entry for target in decided for entry in book.where(Kind.OVERRIDE, mandate=target.index)]
    return tuple(overruling(session, entry) for entry in found)


def overruling(session: Session, entry: Recorded) -> Overruling:
    """An override as people read it."""
    if not isinstance(entry.payload, Override):
        raise AssertionError(f"entry {entry.index} overrides nothing")  # noqa: TRY004 - a broken invariant, not a type
    said = entry.payload
    return Overruling(entry, said, told(session, said.reasons))


def _stage(row: Round, counted: Counted | None, ratification: Ratification | None, today: date) -> Stage:
    if ratification is not None:
        return Stage.RATIFIED if ratification.outcome == "ratified" else Stage.REFUSED
    if counted is not None:
        return Stage.COUNTED
    if today < row.opens_on:
        return Stage.COMING
    return Stage.OPEN if today <= row.closes_on else Stage.CLOSING


def _lines(session: Session, ref: str, decision: Recorded | None) -> tuple[Line, ...]:
    proposals = proposals_of(session, ref)
    refs = [proposal.ref for proposal in proposals]
    outcomes = {row.proposal: row for row in session.exec(select(Outcome).where(col(Outcome.proposal).in_(refs)))}
    book = DatabaseBook(session)
    made = book.where(Kind.ALLOCATION, mandate=decision.index) if decision is not None else iter(())
    standing = [entry for entry in made if book.reversal(entry.index) is None]
    allocations = {entry.payload.subject(): entry for entry in standing}
    lines = [Line(proposal, outcomes.get(proposal.ref), allocations.get(proposal.ref)) for proposal in proposals]
    return tuple(sorted(lines, key=_winners_first))


def _winners_first(line: Line) -> tuple[int, int, int]:
    outcome = line.outcome
    if outcome is None:
        return (0, 0, line.proposal.number)
    return (0, outcome.step, 0) if outcome.step is not None else (1, -outcome.votes, line.proposal.number)


@dataclass(frozen=True, slots=True)
class ProposalView:
    """Everything the page of a proposal shows."""

    proposal: Proposal
    row: Round
    place: Partnership
    currency: str
    outcome: Outcome | None
    entries: tuple[Recorded, ...]


def proposal_view(session: Session, ref: str) -> ProposalView:
    """The proposal called `ref`, and, once it is a project, every entry about it. Raises NotFound."""
    proposal = proposal_called(session, ref)
    row = round_called(session, proposal.round)
    kinds = (Kind.ALLOCATION, Kind.COMMITMENT, Kind.PAYMENT, Kind.TIME_WORKED, Kind.RETURN)
    book = DatabaseBook(session)
    own = list(book.where(*kinds, subject=ref))
    reversals = [reversal for entry in own for reversal in book.where(Kind.REVERSAL, mandate=entry.index)]
    return ProposalView(
        proposal=proposal,
        row=row,
        place=partnership(session, row.partnership),
        currency=founding_payload(session, entry_at(session, row.entry).authority).currency,
        outcome=session.get(Outcome, ref),
        entries=tuple(sorted([*own, *reversals], key=lambda entry: entry.index)),
    )


def round_stages(session: Session, *, place: str, today: date) -> list[tuple[Round, Stage]]:
    """A partnership's rounds with where each stands, the newest first."""
    return [(row, round_view(session, row.ref, today=today).stage) for row in rounds_at(session, place)]


def counted_rounds(session: Session, *, most: int) -> list[Round]:
    """Rounds whose result is recorded, the newest first."""
    results = select(Entry.mandate).where(col(Entry.kind) == Kind.RESULT)
    query = select(Round).where(col(Round.entry).in_(results)).order_by(col(Round.closes_on).desc(), col(Round.ref)).limit(most)
    return list(session.exec(query))


def open_rounds(session: Session, *, authority: str, today: date) -> list[Round]:
    """The rounds of an authority in which votes are taken today, the first to close first."""
    query = (
        select(Round)
        .join(Partnership, col(Partnership.slug) == col(Round.partnership))
        .where(col(Partnership.authority) == authority, col(Round.opens_on) <= today, col(Round.closes_on) >= today)
        .order_by(col(Round.closes_on))
    )
    return [row for row in session.exec(query) if not list(DatabaseBook(session).where(Kind.RESULT, mandate=row.entry))]
