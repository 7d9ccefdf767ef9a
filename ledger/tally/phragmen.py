"""Sequential Phragmén: everyone earns at the same speed, and a proposal is bought the moment its supporters can afford it.

Imagine that money flows to every voter at one steady rate. As soon as the supporters of some proposal hold its cost together
it is bought, and all they hold is spent. The count ends when the proposal whose turn it is (any of them, when several are
equal) no longer fits the budget. What costs more than the whole budget, or has no supporters, never gets a turn.

| proposal | cost | supporters | bought at | because |
|---|---|---|---|---|
| trees | £6 | Ann, Ben, Cat | £2 each | three people earn £6 in the time each earns £2 |
| bench | £4 | Ann, Ben | £4 each | both began again from nothing at £2 |

*Guarantee*: groups are served in proportion to their size as the money flows (proportional justified representation).
*Drawback*: it looks at costs only, so many cheap proposals may come first, and it ends at the first that does not fit.
Source: Los, Christoff and Grossi, “Proportional Budget Allocations: Towards a Systematization”, 2022.
"""

from collections import Counter
from fractions import Fraction

from ledger.tally.election import Candidate, Tie
from ledger.tally.profile import Profile, Show, people


class _Earning:
    """Everyone's earnings: up to which moment each group has spent them, and what each candidate's supporters have spent."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.moments = [Fraction(0)]  # the different moments up to which earnings are spent
        self.spent_to = [0] * len(profile.counts)  # a number into `moments` for each group
        budget = profile.election.budget
        self.spent = {c.id: Fraction(0) for c in profile.eligible if profile.votes[c.id] and c.cost <= budget}

    def turns(self) -> dict[str, Fraction]:
        """For each candidate still waiting: what every voter has earned when its supporters can afford it."""
        costs, votes = self.profile.candidates, self.profile.votes
        return {ref: (costs[ref].cost + spent) / votes[ref] for ref, spent in self.spent.items()}

    def buy(self, winner: str, at: Fraction) -> None:
        """All that the winner's supporters earned up to now is spent: their other candidates wait longer."""
        del self.spent[winner]
        self.moments.append(at)
        waits: dict[str, Counter[int]] = {ref: Counter() for ref in self.spent}
        for group in self.profile.supporters[winner]:
            for ref, _ in self.profile.election.groups[group].choices:
                if ref in waits:
                    waits[ref][self.spent_to[group]] += self.profile.counts[group]
            self.spent_to[group] = len(self.moments) - 1
        for ref, voters in waits.items():
            self.spent[ref] += sum(((at - self.moments[before]) * count for before, count in voters.items()), Fraction(0))


def phragmen(profile: Profile, show: Show, *, reasons: dict[str, str], ties: list[Tie]) -> list[str]:
    """The winners in the order in which they were bought; `reasons` takes a sentence for every candidate."""
    left = profile.election.budget
    reasons |= {
        candidate.id: f"{people(profile.votes[candidate.id])} voted for it; it costs more than the whole budget."
        for candidate in profile.eligible
        if candidate.cost > left
    }
    earning = _Earning(profile)
    chosen: list[str] = []
    while turns := earning.turns():
        next_at = min(turns.values())
        tied = [profile.candidates[ref] for ref, at in turns.items() if at == next_at]
        winner = profile.first_of(tied, ties)
        if any(candidate.cost > left for candidate in tied):
            reasons |= {ref: _not_bought(profile, show, ref, at) for ref, at in turns.items()}
            reasons |= {candidate.id: _ended(profile, show, candidate, left) for candidate in tied}
            return chosen
        reasons[winner.id] = (
            f"{people(profile.votes[winner.id])} voted for it, and it was bought when each voter had earned {show(next_at)}."
        )
        chosen.append(winner.id)
        left -= winner.cost
        earning.buy(winner.id, next_at)
    return chosen


def _ended(profile: Profile, show: Show, candidate: Candidate, left: int) -> str:
    supporters = people(profile.votes[candidate.id])
    if candidate.cost <= left:
        return f"{supporters} voted for it; its turn came together with one that no longer fitted, and the count ended."
    return (
        f"{supporters} voted for it; when its turn came {show(left)} was left, {show(candidate.cost - left)} short of its cost, "
        "and the count ended."
    )


def _not_bought(profile: Profile, show: Show, ref: str, at: Fraction) -> str:
    return (
        f"{people(profile.votes[ref])} voted for it; its turn would have come when each voter had earned {show(at)}, "
        "and the count had ended."
    )
