"""Exact Equal Shares with Add-Opt as plainly as it can be written: every share at which anything could change is tried."""

from fractions import Fraction
from itertools import product

from ledger.tally.election import Candidate, Election, Rule

Ballots = list[frozenset[str]]


def ballots_of(election: Election) -> Ballots:
    """One for each voter."""
    return [
        frozenset(ref for ref, points in group.choices if points > 0) for group in election.groups for _ in range(group.count)
    ]


def plain_exact_shares(election: Election, rule: Rule, each: Fraction) -> list[str]:
    """What is bought from one share, in its order."""
    ballots = ballots_of(election)
    purses = [each] * len(ballots)
    waiting, chosen = list(election.candidates), list[str]()
    costs = {candidate.id: candidate.cost for candidate in election.candidates}

    def allowed(candidate: Candidate) -> bool:
        return all(
            candidate.id not in limit.among
            or candidate.cost + sum(costs[ref] for ref in chosen if ref in limit.among) <= limit.most
            for limit in election.limits
        )

    while offers := [
        offer for candidate in waiting if allowed(candidate) and (offer := _offer(candidate, rule, ballots, purses)) is not None
    ]:
        _, _, candidate, payers = min(offers, key=lambda offer: offer[:2])
        for voter in payers:
            purses[voter] -= Fraction(candidate.cost, len(payers))
        waiting.remove(candidate)
        chosen.append(candidate.id)
    return chosen


def _offer(
    candidate: Candidate, rule: Rule, ballots: Ballots, purses: list[Fraction]
) -> tuple[Fraction, tuple[int, int, str], Candidate, list[int]] | None:
    """What it asks for a unit of satisfaction, its turn among equals, and who pays: the most voters who can pay equally."""
    supporters = [voter for voter, ballot in enumerate(ballots) if candidate.id in ballot]
    richest = sorted(supporters, key=lambda voter: purses[voter], reverse=True)
    worth = (candidate.cost if rule.satisfaction == "cost" else 1) or 1
    for many in range(len(richest), 0, -1):
        if purses[richest[many - 1]] * many >= candidate.cost:
            turn = (-len(supporters), candidate.cost, candidate.id)
            return Fraction(candidate.cost, many * worth), turn, candidate, richest[:many]
    return None


def plain_add_opt(election: Election, rule: Rule) -> list[str]:
    """A voter's spending is a sum of parts of costs, so the outcome can change only where a share is such a sum."""
    ballots = ballots_of(election)
    if not ballots:
        return []
    costs = {candidate.id: candidate.cost for candidate in election.candidates}
    wanted = {ref for ballot in ballots for ref in ballot}
    parts = [
        [Fraction(0), *(Fraction(costs[ref], many) for many in range(1, sum(ref in ballot for ballot in ballots) + 1))]
        for ref in sorted(wanted)
    ]
    first = Fraction(election.budget, len(ballots))
    kept = plain_exact_shares(election, rule, first)
    for share in sorted({sum(chosen, Fraction(0)) for chosen in product(*parts)}):
        if share <= first or set(kept) == wanted:
            continue
        outcome = plain_exact_shares(election, rule, share)
        if sum(costs[ref] for ref in outcome) > election.budget:
            break
        kept = outcome
    return kept
