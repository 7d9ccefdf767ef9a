"""Sequential Phragmén as plainly as it can be written: the slow twin of the fast one."""

from fractions import Fraction

from ledger.tally.election import Election, Limit


def plain_phragmen(election: Election) -> list[str]:
    """The winners in the order in which they were bought; everyone's purse is counted up voter by voter."""
    costs = {candidate.id: candidate.cost for candidate in election.candidates}
    ballots = [
        frozenset(ref for ref, points in group.choices if points > 0) for group in election.groups for _ in range(group.count)
    ]
    votes = {ref: sum(ref in ballot for ballot in ballots) for ref in costs}
    spent = [Fraction(0)] * len(ballots)
    left, chosen = election.budget, list[str]()
    waiting = [ref for ref, cost in costs.items() if votes[ref] and cost <= left]
    while True:
        # What a limit forbids is off the list from the moment at which it does: its turn would change nothing before that.
        waiting = [ref for ref in waiting if all(_within(limit, ref, chosen, costs) for limit in election.limits)]
        if not waiting:
            break
        turns = {
            ref: (costs[ref] + sum((at for at, ballot in zip(spent, ballots, strict=True) if ref in ballot), Fraction(0)))
            / votes[ref]
            for ref in waiting
        }
        now = min(turns.values())
        tied = [ref for ref in waiting if turns[ref] == now]
        if any(costs[ref] > left for ref in tied):
            break
        winner = min(tied, key=lambda ref: (-votes[ref], costs[ref], ref))
        spent = [now if winner in ballot else at for at, ballot in zip(spent, ballots, strict=True)]
        left -= costs[winner]
        chosen.append(winner)
        waiting.remove(winner)
    return chosen


def _within(limit: Limit, ref: str, chosen: list[str], costs: dict[str, int]) -> bool:
    return ref not in limit.among or costs[ref] + sum(costs[other] for other in chosen if other in limit.among) <= limit.most
