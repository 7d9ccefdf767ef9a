"""Greedy: the proposals with the most support first, for as long as the money lasts.

**By votes** (`satisfaction=cost`) is what most cities do. With £10 to share out:

| proposal | cost | votes | turn | left before | outcome |
|---|---|---|---|---|---|
| hall | £8 | 60 | 1st | £10 | chosen |
| bench | £5 | 40 | 2nd | £2 | does not fit, skipped |
| trees | £2 | 30 | 3rd | £2 | chosen |

`cardinality` orders by votes for each unit of cost instead (trees 15, bench 8, hall 7.5), and `points` by the points that
ballots give.

*Guarantee*: whatever was left out, more popular proposals had taken the money that it lacked. *Drawback*: 51 % of the
voters can decide over all of the money, and one dear proposal can crowd out many cheap ones. `stop_at_first_miss` ends the
count at the first proposal that does not fit, as some cities do. Staff time, where it is limited, has to fit as well as
money, and so have the limits for districts, themes and categories.
Source: Talmon and Faliszewski, “A Framework for Approval-Based Budgeting Methods”, 2019.
"""

from copy import copy
from fractions import Fraction
from itertools import groupby

from ledger.money import format_minutes
from ledger.tally.election import Candidate, Rule
from ledger.tally.profile import Profile, Show, people
from ledger.tally.working import Room, Working

Merit = tuple[bool, Fraction]


def merit(profile: Profile, candidate: Candidate, rule: Rule) -> Merit:
    """What the order goes by; a proposal that costs nothing is worth any number of votes for each pound."""
    votes = profile.votes[candidate.id]
    match rule.satisfaction:
        case "cost":
            return (False, Fraction(votes))
        case "cardinality":
            return (True, Fraction(votes)) if not candidate.cost else (False, Fraction(votes, candidate.cost))
        case "points":
            return (False, Fraction(profile.points[candidate.id]))


def ranks(profile: Profile, candidates: list[Candidate], rule: Rule) -> list[list[Candidate]]:
    """Candidates by merit, the best first; those of equal merit stand together, in the order of ties."""
    merits = {candidate.id: merit(profile, candidate, rule) for candidate in candidates}
    by_turn = sorted(candidates, key=profile.turn)
    by_merit = sorted(by_turn, key=lambda candidate: merits[candidate.id], reverse=True)  # a sort keeps the order of equals
    return [list(equals) for _, equals in groupby(by_merit, key=lambda candidate: merits[candidate.id])]


class _Left:
    """What is left of the money, of the staff time where it is limited, and of what the limits allow."""

    def __init__(self, profile: Profile, already: tuple[str, ...]) -> None:
        spent = [profile.candidates[ref] for ref in already]
        self.room = Room(profile.election.limits, spent)
        self.money = profile.election.budget - sum(candidate.cost for candidate in spent)
        limit = profile.election.minutes_budget
        self.minutes = None if limit is None else limit - sum(candidate.minutes for candidate in spent)

    def fits(self, candidate: Candidate) -> bool:
        in_time = self.minutes is None or candidate.minutes <= self.minutes
        return candidate.cost <= self.money and in_time and not self.room.forbids(candidate)

    def __copy__(self) -> "_Left":
        """As it is now."""
        other = object.__new__(_Left)
        other.room, other.money, other.minutes = self.room.copy(), self.money, self.minutes
        return other

    def take(self, candidate: Candidate) -> None:
        self.room.take(candidate)
        self.money -= candidate.cost
        self.minutes = None if self.minutes is None else self.minutes - candidate.minutes

    def words(self, candidate: Candidate, show: Show) -> str:
        """“£2 was left, £3 short of its cost”; staff time is told where it is limited, and a limit where it forbids."""
        limit = self.room.forbids(candidate)
        if limit is not None and candidate.cost <= self.money:
            return self.room.sentence(candidate, limit, show)
        short = candidate.cost - self.money
        money = f"{show(self.money)} was left, " + (f"{show(short)} short of its cost" if short > 0 else "enough for its cost")
        if self.minutes is None:
            return money
        late = candidate.minutes - self.minutes
        fit = f"{format_minutes(late)} short of what it asks for" if late > 0 else "enough as well"
        return f"{money}, and {format_minutes(self.minutes)} of staff time, {fit}"


def greedy(profile: Profile, rule: Rule, show: Show, working: Working, *, already: tuple[str, ...] = ()) -> list[str]:
    """Choose greedily with what `already` leaves; `working` takes a sentence for each candidate in question."""
    left = _Left(profile, already)
    chosen: list[str] = []
    turns: list[tuple[Candidate, _Left]] = []
    by_votes = rule.satisfaction == "cost" and not rule.stop_at_first_miss and not already
    ended = False
    for equals in ranks(profile, [c for c in profile.eligible if c.id not in already], rule):
        if not ended:
            profile.first_of(equals, working.ties)
        for candidate in equals:
            support = _support(profile, candidate, rule, show)
            if ended:
                working.reasons[candidate.id] = f"{support}; the count had ended before its turn."
                continue
            sentence = f"{support}; when its turn came {left.words(candidate, show)}."
            fits = left.fits(candidate)
            if by_votes:
                turns.append((candidate, copy(left)))
                if not fits:
                    _tell_enough(profile, candidate, turns, working)
            working.note(candidate.id, sentence, candidate.cost if fits else left.money)
            if fits:
                chosen.append(candidate.id)
                left.take(candidate)
            else:
                ended = rule.stop_at_first_miss
    return chosen


def _tell_enough(profile: Profile, candidate: Candidate, turns: list[tuple[Candidate, _Left]], working: Working) -> None:
    """With how many votes it would have been chosen: it had to come before the last turn at which there was room for it.

    Later turns only ever leave less, and more votes for one candidate change nothing for those before it.
    """
    for other, left in reversed(turns[:-1]):
        if left.fits(candidate):
            goes_first = profile.turn(candidate)[1:] < profile.turn(other)[1:]
            working.enough[candidate.id] = profile.votes[other.id] + (not goes_first)
            return


def _support(profile: Profile, candidate: Candidate, rule: Rule, show: Show) -> str:
    """“40 people voted for it, one for every £2”: by the merit that the order goes by."""
    votes = profile.votes[candidate.id]
    voted = f"{people(votes)} voted for it"
    if rule.satisfaction == "cardinality" and votes and candidate.cost:
        return f"{voted}, one for every {show(Fraction(candidate.cost, votes))} of its cost"
    return voted
