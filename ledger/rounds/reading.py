"""A round as people read it: its stage, its rule, each proposal with what became of it and why."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from ledger.entries import DatabaseBook, Entry, entry_at
from ledger.kinds.deciding import Counted, Ratification, RoundOpened, RulesFrozen, round_of
from ledger.kinds.overriding import Override
from ledger.markers import Marker, Told, told
from ledger.money import TIME
from ledger.places import Partnership, partnership
from ledger.powers import founding_payload
from ledger.records import Kind, Recorded
from ledger.rounds.ballots import turnout
from ledger.rounds.freezing import frozen_in, rules_as_they_stand
from ledger.rounds.proposals import Outcome, Proposal, Round, proposal_called, proposals_of, round_called, rounds_at
from ledger.rounds.stages import Facts, Row, Stage, plan, stage_of


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
    rules: RulesFrozen  # as they were frozen; before that, as they would be today
    frozen: Recorded | None
    stage: Stage
    plan: tuple[Row, ...]
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
    opening, frozen = round_of(opened), frozen_in(session, row)
    facts = _facts(row, opening, frozen, ratification, counted=counted is not None, overridden=bool(overrides))
    given = told(session, ratification.reasons) if ratification is not None else None
    return RoundView(
        row=row,
        place=partnership(session, row.partnership),
        currency=founding_payload(session, opened.authority).currency,
        opened=opened,
        opening=opening,
        rules=rules_as_they_stand(session, row),
        frozen=frozen,
        stage=stage_of(facts, today),
        plan=plan(facts),
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


def stage_now(session: Session, row: Round, *, today: date) -> Stage:
    """The stage in which a round stands today, without all else that its page shows."""
    book = DatabaseBook(session)
    result = next(book.where(Kind.RESULT, mandate=row.entry), None)
    decision = next(book.where(Kind.RATIFICATION, mandate=result.index), None) if result is not None else None
    decided = decision.payload if decision is not None and isinstance(decision.payload, Ratification) else None
    opening, frozen = round_of(entry_at(session, row.entry)), frozen_in(session, row)
    overridden = any(list(book.where(Kind.OVERRIDE, mandate=entry.index)) for entry in (result, decision) if entry is not None)
    return stage_of(_facts(row, opening, frozen, decided, counted=result is not None, overridden=overridden), today)


def _facts(
    row: Round, opening: RoundOpened, frozen: Recorded | None, decided: Ratification | None, *, counted: bool, overridden: bool
) -> Facts:
    return Facts(
        opens_on=row.opens_on,
        closes_on=row.closes_on,
        calendar=opening.calendar,
        frozen=frozen is not None,
        counted=counted,
        overridden=overridden,
        outcome=decided.outcome if decided is not None else None,
    )


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
    return [row for row in session.exec(query) if stage_now(session, row, today=today) is Stage.VOTING]
