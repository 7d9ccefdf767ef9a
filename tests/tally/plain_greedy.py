"""Greedy as plainly as it can be written: again and again, the best of those not yet asked."""

from fractions import Fraction

from ledger.tally.election import Candidate, Election, Rule


def plain_greedy(election: Election, rule: Rule) -> list[str]:
    """The winners in the order of their turns; each candidate's support is counted voter by voter."""
    ballots = [dict(group.choices) for group in election.groups for _ in range(group.count)]
    votes = {c.id: sum(ballot.get(c.id, 0) > 0 for ballot in ballots) for c in election.candidates}
    points = {c.id: sum(ballot.get(c.id, 0) for ballot in ballots) for c in election.candidates}

    def place(candidate: Candidate) -> tuple[bool, Fraction, int, int, str]:
        free = rule.satisfaction == "cardinality" and not candidate.cost
        support = {
            "cost": Fraction(votes[candidate.id]),
            "cardinality": Fraction(votes[candidate.id], candidate.cost or 1),
            "points": Fraction(points[candidate.id]),
        }[rule.satisfaction]
        return (not free, -support, -votes[candidate.id], candidate.cost, candidate.id)

    money, minutes = election.budget, election.minutes_budget
    waiting = [candidate for candidate in election.candidates if votes[candidate.id] >= rule.minimum_votes]
    chosen = []
    while waiting:
        best = min(waiting, key=place)
        waiting.remove(best)
        within = all(
            best.id not in limit.among
            or best.cost + sum(c.cost for c in election.candidates if c.id in chosen and c.id in limit.among) <= limit.most
            for limit in election.limits
        )
        if best.cost <= money and (minutes is None or best.minutes <= minutes) and within:
            chosen.append(best.id)
            money -= best.cost
            minutes = None if minutes is None else minutes - best.minutes
        elif rule.stop_at_first_miss:
            break
    return chosen
