"""A round's count: its proposals and ballots handed to the pure engine, by the rule that was frozen before the vote."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from sqlmodel import Session, col, select

from ledger.ballot.marking import read_choices
from ledger.entries import DatabaseBook, entry_at
from ledger.kinds.caps import bounded_by, most, name_of
from ledger.kinds.deciding import Counted, Electorate, RulesFrozen, round_of, rules_of
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME, decimals, format_money
from ledger.powers import founding_payload
from ledger.records import Recorded
from ledger.rounds.ballots import Ballot, choices_in
from ledger.rounds.interests import interests_in, without_quorum
from ledger.rounds.proposals import Outcome, Round, proposals_of
from ledger.tally import (
    Candidate,
    Completion,
    Election,
    Group,
    Limit,
    Result,
    Rule,
    RuleName,
    Satisfaction,
    UnsoundElection,
    count,
)


@dataclass(frozen=True, slots=True)
class Tallied:
    """The winners by proposal reference, in order, and everything the engine says, by the codes on the ballot."""

    winners: tuple[str, ...]
    refs: dict[str, str]
    result: Result
    barred: frozenset[str]


def outcomes(tallied: Tallied) -> list[Outcome]:
    """What became of each proposal, as its page shows it."""
    return [
        Outcome(
            proposal=tallied.refs[code],
            votes=why.votes,
            points=why.points,
            step=why.step,
            sentence=why.sentence,
            barred=code in tallied.barred,
        )
        for code, why in tallied.result.why.items()
    ]


def rule_of(rule: VotingRule) -> Rule:
    """The engine's rule for the one that terms of reference name. Raises UnsoundElection for a word it does not know."""
    words = ((rule.name, RuleName), (rule.satisfaction, Satisfaction), (rule.completion, Completion))
    for word, known in words:
        if word not in get_args(known):
            raise UnsoundElection(problem=f"there is no counting rule called “{word}”.")
    return Rule(
        name=rule.name,  # type: ignore[arg-type]  # checked just above: it is one of the literals
        satisfaction=rule.satisfaction,  # type: ignore[arg-type]  # checked just above
        completion=rule.completion,  # type: ignore[arg-type]  # checked just above
        stop_at_first_miss=rule.stop_at_first_miss,
        minimum_votes=rule.minimum_votes,
    )


def tally_of(session: Session, row: Round, *, lot: str = "") -> Tallied:
    """Count the ballots in a round's box, with the reasons in the authority's currency; `lot` are the dice for its last ties.
    Changes nothing.
    """
    entry = entry_at(session, row.entry)
    rules = rules_of(entry, DatabaseBook(session))
    currency = founding_payload(session, entry.authority).currency
    refs = {proposal.code: proposal.ref for proposal in proposals_of(session, row.ref)}
    election = election_of(session, row, lot=lot)
    result = count(election, rule_of(rules.rule), lambda amount: format_money(round(amount), currency))
    return Tallied(
        winners=tuple(refs[code] for code in result.winners), refs=refs, result=result, barred=frozenset(dict(election.barred))
    )


def lot_of(result: Recorded) -> str:
    """The dice by which a recorded result broke its last ties; empty when none were thrown."""
    return (result.payload.lot if isinstance(result.payload, Counted) else None) or ""


def election_of(session: Session, row: Round, *, lot: str = "") -> Election:
    """The election that a round's proposals and ballots are: identical ballots grouped, amounts in minor units."""
    entry = entry_at(session, row.entry)
    opened = round_of(entry)
    currency = founding_payload(session, entry.authority).currency
    rules = rules_of(entry, DatabaseBook(session))
    asks = {ask.project: ask for ask in rules.asks}
    proposals = proposals_of(session, row.ref)
    codes = {proposal.number: proposal.code for proposal in proposals}
    written: Counter[str] = Counter()
    for choices in choices_in(session, row.ref):
        written[choices] += 1
    groups = tuple(
        Group(tuple(sorted((codes[number], points) for number, points in read_choices(choices).items())), votes)
        for choices, votes in sorted(written.items())
    )
    return Election(
        candidates=tuple(
            Candidate(proposal.code, asks[proposal.ref].cost, asks[proposal.ref].minutes) for proposal in proposals
        ),
        budget=opened.budget.get(currency, 0),
        groups=groups,
        unit=10 ** decimals(currency),
        minutes_budget=opened.budget.get(TIME, 0) if any(ask.minutes for ask in asks.values()) else None,
        limits=limits_of(rules, {proposal.ref: proposal.code for proposal in proposals}, opened.budget.get(currency, 0)),
        lot=lot,
        barred=_barred(session, row, rules),
    )


def limits_of(rules: RulesFrozen, codes: Mapping[str, str], budget: int) -> tuple[Limit, ...]:
    """The round's limits for districts and themes as the engine keeps to them. `codes` gives each reference its code."""
    caps = rules.bounds.caps if rules.bounds is not None else ()
    return tuple(
        Limit(name_of(cap), most(cap, budget), frozenset(codes[ref] for ref in bounded_by(cap, rules.asks))) for cap in caps
    )


def _barred(session: Session, row: Round, rules: RulesFrozen) -> tuple[tuple[str, str], ...]:
    """By their codes, the proposals for which too few voted who have no interest in them; where the panel votes.

    Once the round is counted they stay what they were: ballots are parted from their voters later.
    """
    if row.electorate != Electorate.PANEL.value:
        return ()
    proposals = proposals_of(session, row.ref)
    kept = session.exec(select(Outcome).where(col(Outcome.proposal).in_([each.ref for each in proposals]))).all()
    if kept:
        reasons = {each.proposal: each.sentence for each in kept if each.barred}
    else:
        voters = set(session.exec(select(Ballot.voter).where(col(Ballot.round) == row.ref)))
        reasons = without_quorum(voters, interests_in(session, row.ref), rules.quorum)
    return tuple((proposal.code, reasons[proposal.ref]) for proposal in proposals if proposal.ref in reasons)
