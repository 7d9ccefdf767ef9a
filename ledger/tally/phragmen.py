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

from fractions import Fraction

from ledger.tally.election import Candidate, Tie
from ledger.tally.profile import Profile, Show, people


class _Earning:
    """Up to which moment each group of voters has spent what it earned: `spent[group] / scale`, in whole numbers.

    A moment is told by what each voter has earned by then. When a new moment is no whole number of parts, the scale is made
    finer, so nothing is ever rounded.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.spent = [0] * len(profile.counts)
        self.scale = 1

    def turn(self, ref: str) -> Fraction:
        """The moment at which the candidate's supporters can pay its cost from what they earned and have not spent."""
        spent, counts = self.spent, self.profile.counts
        spent_before = sum(spent[group] * counts[group] for group in self.profile.supporters[ref])
        cost = self.profile.candidates[ref].cost * self.scale
        return Fraction(cost + spent_before, self.profile.votes[ref] * self.scale)

    def buy(self, winner: str, at: Fraction) -> None:
        """The winner's supporters have spent all that they earned up to now."""
        finer = (at * self.scale).denominator
        if finer > 1:
            self.scale *= finer
            self.spent = [moment * finer for moment in self.spent]
        now = int(at * self.scale)
        for group in self.profile.supporters[winner]:
            self.spent[group] = now


def phragmen(profile: Profile, show: Show, *, reasons: dict[str, str], ties: list[Tie]) -> list[str]:
    """The winners in the order in which they were bought; `reasons` takes a sentence for every candidate."""
    left = profile.election.budget
    reasons |= {
        candidate.id: f"{people(profile.votes[candidate.id])} voted for it; it costs more than the whole budget."
        for candidate in profile.eligible
        if candidate.cost > left
    }
    waiting = [c.id for c in profile.eligible if profile.votes[c.id] and c.cost <= left]
    earning = _Earning(profile)
    chosen: list[str] = []
    while waiting:
        turns = {ref: earning.turn(ref) for ref in waiting}
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
        waiting.remove(winner.id)
        left -= winner.cost
        earning.buy(winner.id, next_at)
    return chosen


def _ended(profile: Profile, show: Show, candidate: Candidate, left: int) -> str:
    supporters = people(profile.votes[candidate.id])
    if candidate.cost <= left:
        return f"{supporters} voted for it; its turn came together with one that no longer fitted, and the count ended."
    short = show(candidate.cost - left)
    return f"{supporters} voted for it; when its turn came {show(left)} was left, {short} short, and the count ended."


def _not_bought(profile: Profile, show: Show, ref: str, at: Fraction) -> str:
    return (
        f"{people(profile.votes[ref])} voted for it; its turn would have come when each voter had earned {show(at)}, "
        "and the count had ended."
    )
