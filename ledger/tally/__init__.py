"""The count: one pure function from an election and a rule to a result with its reasons. Exact, plain, order-independent.

This plain code is the obvious twin of any faster engine that may stand behind `count` one day.
"""

from ledger.tally.election import (
    Candidate,
    Completion,
    Election,
    Group,
    Result,
    Rule,
    RuleName,
    Satisfaction,
    Tie,
    UnsoundRule,
    Why,
)
from ledger.tally.equal_shares import endowment, explain, share_of
from ledger.tally.exact_shares import exact_endowment, exact_shares
from ledger.tally.greedy import greedy
from ledger.tally.phragmen import phragmen
from ledger.tally.profile import Profile, Show, UnsoundElection, people, plain_amount

__all__ = [
    "Candidate",
    "Completion",
    "Election",
    "Group",
    "Result",
    "Rule",
    "RuleName",
    "Satisfaction",
    "Show",
    "Tie",
    "UnsoundElection",
    "UnsoundRule",
    "Why",
    "count",
]

_GREEDY_REST = Rule(name="greedy", satisfaction="cost")


def count(election: Election, rule: Rule, show: Show | None = None) -> Result:
    """Count an election by a rule. `show` says how an amount (in the smallest unit) reads in the reasons.

    Raises UnsoundElection when its figures make no sense, or when it limits staff time and the rule cannot share time out.
    """
    if rule.name != "greedy" and election.minutes_budget is not None:
        raise UnsoundElection(problem=f"{rule.name} does not share out staff time; choose the greedy rule.")
    profile = Profile(election, minimum_votes=rule.minimum_votes)
    show = show or plain_amount(election.unit)
    reasons: dict[str, str] = {}
    ties: list[Tie] = []
    match rule.name:
        case "greedy":
            winners = greedy(profile, rule, show, reasons=reasons, ties=ties)
        case "equal-shares" if rule.completion == "add-opt":
            each = exact_endowment(profile, rule, share_of(profile))
            winners = exact_shares(profile, rule, each, show, reasons=reasons, ties=ties)
        case "equal-shares":
            winners, reasons = explain(profile, rule, endowment(profile, rule), show, ties)
            if rule.completion in {"greedy", "add1-exhaustive-greedy"}:
                rest: dict[str, str] = {}
                extra = greedy(profile, _GREEDY_REST, show, already=tuple(winners), reasons=rest, ties=ties)
                winners += extra
                reasons |= {ref: f"{reasons.get(ref, '')} The rest went by votes: {rest[ref]}".strip() for ref in rest}
        case "phragmen":
            winners = phragmen(profile, show, reasons=reasons, ties=ties)
    return _result(profile, rule, tuple(winners), tuple(ties), reasons)


def _result(profile: Profile, rule: Rule, winners: tuple[str, ...], ties: tuple[Tie, ...], reasons: dict[str, str]) -> Result:
    step = {ref: number for number, ref in enumerate(winners, start=1)}
    why = {
        candidate.id: Why(
            votes=profile.votes[candidate.id],
            points=profile.points[candidate.id],
            cost=candidate.cost,
            chosen=candidate.id in step,
            step=step.get(candidate.id),
            sentence=reasons.get(candidate.id) or _not_reached(profile, candidate.id, rule),
        )
        for candidate in profile.election.candidates
    }
    return Result(
        rule=rule,
        winners=winners,
        ties=ties,
        votes=profile.election.voters,
        budget=profile.election.budget,
        cost=sum(profile.candidates[ref].cost for ref in winners),
        why=why,
    )


def _not_reached(profile: Profile, ref: str, rule: Rule) -> str:
    votes = profile.votes[ref]
    if votes < rule.minimum_votes:
        needed = "1 vote was" if rule.minimum_votes == 1 else f"{rule.minimum_votes:,} votes were"
        return f"{people(votes)} voted for it, and {needed} needed to be considered."
    return f"{people(votes)} voted for it, so nobody paid for it."
