"""Sequential Phragmén as plainly as it can be written: the slow twin of the fast one."""

from fractions import Fraction

from ledger.tally.election import Election


def plain_phragmen(election: Election) -> list[str]:
    """The winners in the order in which they were bought; everyone's purse is counted up voter by voter."""
    costs = {candidate.id: candidate.cost for candidate in election.candidates}
    ballots = [
        frozenset(ref for ref, points in group.choices if points > 0) for group in election.groups for _ in range(group.count)
    ]
    votes = {ref: sum(ref in ballot for ballot in ballots) for ref in costs}
    spent = [Fraction(0)] * len(ballots)
    left, chosen = election.budget, []
    waiting = [ref for ref, cost in costs.items() if votes[ref] and cost <= left]
    while waiting:
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
