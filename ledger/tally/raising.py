"""Add1 for a whole city: the outcomes of many endowments at once, sifted with floats that know how wrong they may be.

Add1 asks for the outcome of one endowment after another, hundreds of times. Here a block of them is counted together, step by
step, a column for each: what is asked of one column is asked of all that need it.

Floats decide nothing. What the voters are believed to hold is wrong by a few roundings, and not by more after a purchase than
before it: when two lists of purses pay for the same proposal, the sum of their differences does not grow. (Take for each voter
the fuller of the two purses. Fuller purses leave everybody at least as much, and all three lists pay the same in all: so the
fuller list is ahead of each of the two by no more than before.) So a price is wrong by at most that sum, divided among those
who hold more than the price. Where two prices are nearer to each other than they may be wrong, they are compared exactly if
nobody is poor; otherwise nothing is said of that endowment, and the exact count decides.

Most endowments need not be asked at all. With a larger one, and after the same purchases, everybody holds at least as much; so
a price lies between those of any two endowments around it. When two take the same course, and at each step the winner's price
at the smaller is below every other price at the larger, then whatever lies between them takes that course too.
"""

from collections.abc import Iterator, Sequence
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
_FIRST_BLOCK, _BLOCK = 16, 128  # endowments that are counted together
_DULL = 2  # so few outcomes in a block, and it is worth a try to leave endowments out

Told = tuple[Fraction, frozenset[str] | None]  # an endowment, and what is bought from it; none where floats cannot tell


@dataclass(frozen=True, slots=True)
class _Wish:
    """A candidate that somebody voted for: its supporters' groups, how many voters each has, its cost and satisfaction.

    Where supporters pay by the points they gave, `points` has a row for each group, and `pull` is how much more they all pay
    when the payment for a point rises by one. Otherwise everybody gives one point.
    """

    candidate: Candidate
    groups: Places
    voters: Floats
    points: Floats | None
    pull: Floats
    everyone: float
    cost: float
    satisfaction: int


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

    def outcomes(self, shares: Sequence[Fraction], *, compare: bool = True) -> tuple[list[frozenset[str] | None], list[bool]]:
        """What is bought from each of these rising endowments, none where floats cannot tell; and for each but the last whether
        all between it and the next certainly take the same course as both (not looked at without `compare`).
        """
        if not self._exact:
            return [None] * len(shares), [False] * (len(shares) - 1)
        count = _Count(self._profile, self._wishes, np.asarray([float(share) for share in shares]), compare=compare)
        while count.going.any():
            count.step()
        found = [
            None if unclear else frozenset(self._wishes[place].candidate.id for place in np.flatnonzero(bought))
            for bought, unclear in zip(count.bought.T, count.unclear, strict=True)
        ]
        alike = count.alike & ~count.unclear[:-1] & ~count.unclear[1:]
        return found, alike.tolist()

    def rising(self, share: Fraction, unit: int) -> Iterator[Told]:
        """The outcomes of a share, and of each that is more by a whole number of units, in their order and without end.

        Left out are those which certainly take the same course as the one that was told last.
        """
        first, stride, many, wait = 0, 1, _FIRST_BLOCK, 1
        while True:
            shares = [share + (first + place * stride) * unit for place in range(many + 1)]
            found, alike = self.outcomes(shares, compare=stride > 1)
            yield from self._told(shares, found, alike, unit)
            first += many * stride
            if stride > 1 and sum(alike) * 8 < many:
                # They lie too close to be told apart from afar: on foot again, and twice as far before the next try.
                stride, wait = 1, 2 * wait
            elif stride > 1 or (many == _BLOCK and len(set(found)) <= _DULL and first >= wait * _BLOCK):
                stride *= 4
            many = min(2 * many, _BLOCK)

    def _told(
        self, shares: Sequence[Fraction], found: Sequence[frozenset[str] | None], alike: Sequence[bool], unit: int
    ) -> Iterator[Told]:
        """All of these but the last; where two neighbours are not alike, what is between them as well."""
        for place, same in enumerate(alike):
            yield shares[place], found[place]
            steps = int((shares[place + 1] - shares[place]) / unit)
            if not same and steps > 1:
                parts = min(steps, _FIRST_BLOCK)
                between = [shares[place] + steps * part // parts * unit for part in range(parts + 1)]
                told = self._told(between, *self.outcomes(between), unit)
                next(told)
                yield from told


class _Count:
    """Counts from many endowments, a column for each; every step buys one proposal for each of those still going.

    `holds` has a row for each group of voters, and `empty` says whose purse certainly is. The others have one for each wish:
    what it asked for a unit of satisfaction when it was last asked is between `least` and `most`, by the payment `pays`, while
    `rich` of its supporters (by their points) held more than that. `alike` says for each column but the last whether all
    endowments up to the next take the same course. `room` is what each limit still leaves, in whole numbers that floats hold
    exactly. Rounding changes no sum of what is held by more than `once`; all purses together are wrong by `error` at most.
    """

    def __init__(self, profile: Profile, wishes: Sequence[_Wish], each: Floats, *, compare: bool) -> None:
        groups, many = len(profile.counts), (len(wishes), len(each))
        self._profile, self._wishes = profile, wishes
        # Whatever is added up below is a part of what all voters hold, and has no more terms than there are groups.
        self._once = (groups + 4) * _ROUNDING * float(each.max()) * profile.election.voters
        self._error = 4 * self._once
        self._holds = np.tile(each, (groups, 1))
        self._empty = np.zeros((groups, len(each)), dtype=bool)
        self._least, self._most, self._pays, self._rich = (np.zeros(many) for _ in range(4))
        self.bought = np.zeros(many, dtype=bool)
        self._limits = [_places(wishes, limit) for limit in profile.election.limits]
        self._room = [np.full(len(each), float(limit.most)) for limit in profile.election.limits]
        for number in range(len(self._limits)):
            self._shut_out(number, np.ones(len(each), dtype=bool))
        self.unclear = np.zeros(len(each), dtype=bool)
        self.going = np.ones(len(each), dtype=bool)
        self.alike = np.full(len(each) - 1, compare)

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
        self._compare(winner)
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

    def _compare(self, winner: Places) -> None:
        """Neighbours that end, or buy different things, or between which another might come first, are not alike."""
        both = self.going[:-1] & self.going[1:]
        self.alike &= (self.going[:-1] == self.going[1:]) & (~both | (winner[:-1] == winner[1:]))
        both &= self.alike
        if not both.any():
            return
        line = np.where(both, self._most[winner[:-1], np.arange(len(both))], -np.inf)
        for place in np.flatnonzero((self._least[:, 1:] <= line).any(axis=1)):
            near = both & (winner[:-1] != place) & (self._least[place, 1:] <= line)
            if near.any():
                known = near & (self._least[place, :-1] < np.inf)
                self._ask(int(place), np.append(known, np.False_) | np.append(np.False_, near))
                near &= self._least[place, 1:] <= line
                self.alike &= ~near | known
                for pair in np.flatnonzero(near & self.alike).tolist():
                    tied = np.asarray((winner[pair], place))
                    # With the same purses empty on both sides, what nobody poor is asked is the same all the way between.
                    same = all(self._with_money(spot, pair) == self._with_money(spot, pair + 1) for spot in tied.tolist())
                    self.alike[pair] = same and self._first_of(tied, pair) == winner[pair]

    def _first_of(self, tied: Places, column: int) -> int | None:
        """The one whose turn it is among those too near to tell, if nobody who supports one of them is poor: their purses
        are full enough, or empty.
        """
        asked: list[tuple[Fraction, tuple[int, int, str], int]] = []
        for place in tied.tolist():
            wish, payers = self._wishes[place], self._with_money(place, column)
            if self._rich[place, column] < payers:
                return None
            asks = Fraction(wish.candidate.cost, payers * wish.satisfaction) if payers else Fraction(0)
            asked.append((asks, self._profile.turn(wish.candidate), place))
        return min(asked)[-1]

    def _with_money(self, place: int, column: int) -> int:
        """How many of a wish's supporters (by their points) have not certainly spent all they had."""
        wish = self._wishes[place]
        return int(wish.pull @ ~self._empty[wish.groups, column])

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
        holds, asked = self._holds[rows], (pays if wish.points is None else wish.points * pays)
        self._holds[rows] = np.maximum(holds - asked, 0.0)
        wrong = (self._most[place, columns] - pays / wish.satisfaction) * wish.satisfaction
        wrong = wrong if wish.points is None else wish.points * wrong
        self._empty[rows] |= holds + 2 * (self._error + wrong) < asked
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
    return _Wish(candidate, groups, voters, points, pull, float(everyone), float(candidate.cost), satisfaction)
