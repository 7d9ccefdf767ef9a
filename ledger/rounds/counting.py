"""A round's count: its proposals and ballots handed to the pure engine, by the rule that was frozen before the vote."""

from collections import Counter
from dataclasses import dataclass
from typing import get_args

from sqlmodel import Session

from ledger.ballot.marking import read_choices
from ledger.entries import DatabaseBook, entry_at
from ledger.kinds.deciding import Counted, round_of, rules_of
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME, decimals, format_money
from ledger.powers import founding_payload
from ledger.records import Recorded
from ledger.rounds.ballots import choices_in
from ledger.rounds.proposals import Outcome, Round, proposals_of
from ledger.tally import Candidate, Completion, Election, Group, Result, Rule, RuleName, Satisfaction, UnsoundElection, count


@dataclass(frozen=True, slots=True)
class Tallied:
    """The winners by proposal reference, in order, and everything the engine says, by the codes on the ballot."""

    winners: tuple[str, ...]
    refs: dict[str, str]
    result: Result


def outcomes(tallied: Tallied) -> list[Outcome]:
    """What became of each proposal, as its page shows it."""
    return [
        Outcome(proposal=tallied.refs[code], votes=why.votes, points=why.points, step=why.step, sentence=why.sentence)
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
    return Tallied(winners=tuple(refs[code] for code in result.winners), refs=refs, result=result)


def lot_of(result: Recorded) -> str:
    """The dice by which a recorded result broke its last ties; empty when none were thrown."""
    return (result.payload.lot if isinstance(result.payload, Counted) else None) or ""


def election_of(session: Session, row: Round, *, lot: str = "") -> Election:
    """The election that a round's proposals and ballots are: identical ballots grouped, amounts in minor units."""
    entry = entry_at(session, row.entry)
    opened = round_of(entry)
    currency = founding_payload(session, entry.authority).currency
    asks = {ask.project: ask for ask in rules_of(entry, DatabaseBook(session)).asks}
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
        lot=lot,
    )
