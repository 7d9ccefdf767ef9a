"""Add1 for a whole city: the outcomes of many endowments at once, sifted with floats that know how wrong they may be.

Add1 asks for the outcome of one endowment after another, hundreds of times. Here a block of them is counted together, step by
step, a column for each: what is asked of one column is asked of all that need it.

Floats decide nothing. What the voters are believed to hold is wrong by a few roundings, and not by more after a purchase than
before it: when two lists of purses pay for the same proposal, the sum of their differences does not grow. (Take for each voter
the fuller of the two purses. Fuller purses leave everybody at least as much, and all three lists pay the same in all: so the
fuller list is ahead of each of the two by no more than before.) So a price is wrong by at most that sum, divided among those
who hold more than the price. Where two prices are nearer to each other than they may be wrong, they are compared exactly if
nobody is poor; otherwise nothing is said of that endowment, and the exact count decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from ledger.tally.election import Candidate, Limit, Rule
from ledger.tally.profile import Profile

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Some = NDArray[np.bool_]

_ROUNDING = 2.0**-53  # of one operation, as a part of its result
_LARGEST = 2**52  # whole numbers above it have no exact float


@dataclass(frozen=True, slots=True)
class _Wish:
    """A candidate that somebody voted for: its supporters' groups, how many voters each has, its cost and satisfaction.

    Where supporters pay by the points they gave, `points` has a row for each group, and `pull` is how much more they all pay
    when the payment for a point rises by one. Otherwise everybody gives one point. `asks` is what it asks for a unit of
    satisfaction while nobody is poor.
    """

    candidate: Candidate
    groups: Places
    voters: Floats
    points: Floats | None
    pull: Floats
    everyone: float
    cost: float
    satisfaction: int
    asks: Fraction


class Raised:
    """The outcomes of an election by equal shares, for whichever endowments are asked."""

    def __init__(self, profile: Profile, rule: Rule) -> None:
        """Reads the profile once."""
        self._profile = profile
        counts = np.asarray(profile.counts, dtype=np.float64)
        self._wishes = [
            _wish(profile, rule, candidate, counts) for candidate in profile.eligible if profile.votes[candidate.id]
        ]
        election = profile.election
        most_points = max(profile.points.values(), default=0) if rule.satisfaction == "points" else 0
        amounts = [c.cost for c in profile.eligible] + [limit.most for limit in election.limits]
        largest = max([election.budget, election.voters, most_points, *amounts])
        self._exact = largest < _LARGEST and bool(self._wishes)

    def outcomes(self, shares: Sequence[Fraction]) -> list[frozenset[str] | None]:
        """What is bought from each of these endowments; none where floats cannot tell."""
        if not self._exact:
            return [None] * len(shares)
        count = _Count(self._profile, self._wishes, np.asarray([float(share) for share in shares]))
        while count.going.any():
            count.step()
        return [
            None if unclear else frozenset(self._wishes[place].candidate.id for place in np.flatnonzero(bought))
            for bought, unclear in zip(count.bought.T, count.unclear, strict=True)
        ]


class _Count:
    """Counts from many endowments, a column for each; every step buys one proposal for each of those still going.

    `holds` has a row for each group of voters. The others have one for each wish: what it asked for a unit of satisfaction when
    it was last asked is between `least` and `most`, by the payment `pays`, while `rich` of its supporters (by their points)
    held more than that. `room` is what each limit still leaves, in whole numbers that floats hold exactly. Rounding changes no
    sum of what is held by more than `once`; all purses together are wrong by `error` at most.
    """

    def __init__(self, profile: Profile, wishes: Sequence[_Wish], each: Floats) -> None:
        groups, many = len(profile.counts), (len(wishes), len(each))
        self._profile, self._wishes = profile, wishes
        # Whatever is added up below is a part of what all voters hold, and has no more terms than there are groups.
        self._once = (groups + 4) * _ROUNDING * float(each.max()) * profile.election.voters
        self._error = 4 * self._once
        self._holds = np.tile(each, (groups, 1))
        self._least, self._most, self._pays, self._rich = (np.zeros(many) for _ in range(4))
        self.bought = np.zeros(many, dtype=bool)
        self._limits = [_places(wishes, limit) for limit in profile.election.limits]
        self._room = [np.full(len(each), float(limit.most)) for limit in profile.election.limits]
        for number in range(len(self._limits)):
            self._shut_out(number, np.ones(len(each), dtype=bool))
        self.unclear = np.zeros(len(each), dtype=bool)
        self.going = np.ones(len(each), dtype=bool)

    def step(self) -> None:
        """Buy what is next in each column; stop those where nothing can be bought, or where it is not clear what."""
        best = self._ask_around()
        tied = self.going & (self._least <= best) & (self._least < np.inf)
        winner = np.argmin(self._least, axis=0)
        for column in np.flatnonzero(tied.sum(axis=0) > 1):
            first = self._first_of(np.flatnonzero(tied[:, column]), int(column))
            winner[column], self.unclear[column] = first or 0, self.unclear[column] or first is None
        self.unclear |= tied.any(axis=0) & (best == np.inf)
        self.going &= tied.any(axis=0) & ~self.unclear
        for place in np.unique(winner[self.going]):
            self._buy(int(place), self.going & (winner == place))
        self._error += 4 * self._once

    def _ask_around(self) -> Floats:
        """Ask whoever could be the best somewhere; what the best of each column asks is not more than is returned."""
        best = np.full(len(self.going), np.inf)
        lowest = self._least[:, self.going].min(axis=1)
        for place in np.argsort(lowest, kind="stable"):
            wanted = self.going & (self._least[place] <= best) & (self._least[place] < np.inf)
            if wanted.any():
                self._ask(int(place), wanted)
                best = np.where(wanted, np.minimum(best, self._most[place]), best)
        return best

    def _first_of(self, tied: Places, column: int) -> int | None:
        """The one whose turn it is among those too near to tell, if nobody who supports one of them is poor."""
        wishes = [(self._wishes[place], int(place)) for place in tied]
        if any(self._rich[place, column] < wish.everyone for wish, place in wishes):
            return None
        return min(wishes, key=lambda each: (each[0].asks, self._profile.turn(each[0].candidate)))[1]

    def _ask(self, place: int, wanted: Some) -> None:
        """What a wish asks now, in these columns: infinity where it is too dear."""
        wish = self._wishes[place]
        holds = self._holds[wish.groups] if wanted.all() else self._holds[np.ix_(wish.groups, wanted)]
        together = wish.voters @ holds
        dear = together < wish.cost
        if wish.cost:
            self.unclear[wanted] |= np.abs(together - wish.cost) <= 2 * self._error
        pays = np.maximum(self._least[place, wanted] * wish.satisfaction, wish.cost / wish.everyone)
        rich = self._paid(wish, holds, pays, ~dear)
        with np.errstate(divide="ignore"):
            wrong = np.where(rich > 0, 2 * self._error / rich, np.inf) if wish.cost else np.zeros_like(rich)
        self._pays[place, wanted], self._rich[place, wanted] = pays, rich
        self._least[place, wanted] = np.where(dear, np.inf, (pays - wrong) / wish.satisfaction)
        self._most[place, wanted] = np.where(dear, np.inf, (pays + wrong) / wish.satisfaction)

    def _paid(self, wish: _Wish, holds: Floats, pays: Floats, affordable: Some) -> Floats:
        """Raise `pays` until its supporters pay the cost together; returns how many of them certainly hold more than that."""
        while True:
            # Newton from below: what they pay together is concave in the most that one of them pays, so no step goes too far.
            asked = pays if wish.points is None else wish.points * pays
            missing = wish.cost - wish.voters @ np.minimum(holds, asked)
            short = affordable & (missing > self._once)
            if not short.any():
                return wish.pull @ (holds > asked + 2 * self._error)
            rich = wish.pull @ (holds > asked)
            short &= rich > 0
            if not short.any():
                return np.zeros_like(pays)
            pays[short] += missing[short] / rich[short]

    def _buy(self, place: int, columns: Some) -> None:
        """The supporters of a wish pay, in these columns."""
        wish = self._wishes[place]
        rows, pays = np.ix_(wish.groups, columns), self._pays[place, columns]
        self._holds[rows] = np.maximum(self._holds[rows] - (pays if wish.points is None else wish.points * pays), 0.0)
        self._least[place, columns] = np.inf
        self.bought[place, columns] = True
        for number, among in enumerate(self._limits):
            if among[place]:
                self._room[number][columns] -= wish.cost
                self._shut_out(number, columns)

    def _shut_out(self, number: int, columns: Some) -> None:
        """Whatever costs more than a limit leaves, in these columns, is not asked any more."""
        costs = np.asarray([wish.cost for wish in self._wishes])
        self._least[self._limits[number][:, None] & columns & (costs[:, None] > self._room[number])] = np.inf


def _places(wishes: Sequence[_Wish], limit: Limit) -> Some:
    return np.asarray([wish.candidate.id in limit.among for wish in wishes], dtype=bool)


def _wish(profile: Profile, rule: Rule, candidate: Candidate, counts: Floats) -> _Wish:
    groups = np.asarray(profile.supporters[candidate.id], dtype=np.intp)
    voters, satisfaction = counts[groups], (candidate.cost if rule.satisfaction == "cost" else 1) or 1
    points, pull, everyone = None, voters, profile.votes[candidate.id]
    if rule.satisfaction == "points":
        given = profile.points_of(candidate.id)
        points = np.asarray(given, dtype=np.float64)[:, None]
        pull = voters * points[:, 0]
        everyone = sum(
            points * profile.counts[group] for points, group in zip(given, profile.supporters[candidate.id], strict=True)
        )
    asks = Fraction(candidate.cost, everyone * satisfaction)
    return _Wish(candidate, groups, voters, points, pull, float(everyone), float(candidate.cost), satisfaction, asks)
