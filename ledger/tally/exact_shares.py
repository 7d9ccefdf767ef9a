"""Exact Equal Shares with Add-Opt: whoever pays for a proposal pays exactly what the others pay, and every share is tried.

As in equal shares, each voter is given the same share of the budget, and supporters buy together. But a proposal is paid for
by those of its supporters who can each pay the same part of its cost, by as many of them as can; the others pay nothing. Of
all that can be bought, the one that asks the least of a payer for each unit of satisfaction comes first. £12 and four voters,
£3 each:

| step | proposal | cost | supporters | who pay | each pays | left to Ann, Ben, Cat, Dan |
|---|---|---|---|---|---|---|
| 1 | trees | £8 | Ann, Ben, Cat, Dan | all four | £2 | £1, £1, £1, £1 |
| – | bench | £4 | Ann, Ben | – | – | with £3 more for Ann and Ben: £1 from each, £2 are asked |

What a payment is does not depend on the shares: only who can pay does. So the count takes the same course for every share
until the first at which somebody could pay who could not before, and that share is known exactly. *Add-Opt* goes from each
such share to the next, so it leaves out none; the last outcome before one that costs more than the budget is the result, or
the first after which nothing waits that anyone voted for. Here each voter is given £4: then Ann and Ben buy the bench.

*Guarantee*: as equal shares (extended justified representation up to one proposal), and nobody pays more for a proposal than
another. *Drawback*: voters with little left buy nothing with it, where equal shares would have taken it; each voter's points
are not asked, as what a payer pays could then not be equal. Source: Kraiczy, Robinson and Elkind, “Streamlining Equal Shares”,
2025 (arXiv 2502.11797); Exact Equal Shares is Algorithm 1 there. It is told here by steps and not by voters: see `Course`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from ledger.tally.election import Candidate, Rule, Shares, Tie
from ledger.tally.profile import Profile, Show, people
from ledger.tally.working import Beat, Room, Working, go_on

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Some = NDArray[np.bool_]

_MARGIN = 2.0**-40  # of the share: far above what the rounding of a few hundred sums of floats can come to
_LARGEST = 2**52  # whole numbers above it have no exact float


@dataclass(frozen=True, slots=True)
class _Wish:
    """A candidate that somebody voted for: its supporters' groups, how many voters each has, and what a win is worth."""

    candidate: Candidate
    groups: Places
    voters: Floats
    votes: int
    satisfaction: int
    turn: tuple[int, int, str]

    def asks(self, payers: int) -> Fraction:
        """What it asks of each of so many payers for a unit of satisfaction."""
        return Fraction(self.candidate.cost, payers * self.satisfaction)

    def bound(self, payers: int) -> float:
        """The same, rounded; infinity where nobody pays."""
        return self.candidate.cost / (payers * self.satisfaction) if payers else np.inf


@dataclass(frozen=True, slots=True)
class _Step:
    """A purchase, or the end (`winner` is none), with all that is needed to go back to before it.

    `payers` are the groups that paid `price`. `level` is the lowest share at which this step or one before it would go another
    way. `reach` is with how many payers each wish would have come before this step.
    """

    winner: int | None
    price: Fraction
    payers: Some
    level: Fraction | None
    reach: Places
    spent: Floats
    ties: tuple[Tie, ...]


class Course:
    """The purchases from one share, in their order, and the next share from which the course is another.

    Floats sift: whoever's spending is too near to the line is asked exactly, by the prices of what they paid for.
    """

    def __init__(self, profile: Profile, rule: Rule, each: Fraction) -> None:
        """Counts from `each`; ask `wishes[place]` who stands behind a place."""
        self._profile = profile
        self.each = each
        counts = np.asarray(profile.counts, dtype=np.float64)
        self.wishes = [_wish(profile, rule, c, counts) for c in profile.eligible if profile.votes[c.id]]
        largest = max([profile.election.budget, profile.election.voters, *(c.cost for c in profile.eligible)])
        self._trusted = largest < _LARGEST
        self._spent = np.zeros(len(counts))
        self._everyone = [wish.votes for wish in self.wishes]
        self._lowest_bounds = [wish.bound(wish.votes) for wish in self.wishes]
        self._most, self._bounds = list(self._everyone), list(self._lowest_bounds)
        self.steps: list[_Step] = []
        self.waiting = self._not_bought()
        self._costs = np.asarray([wish.candidate.cost for wish in self.wishes], dtype=np.float64)
        self._reach = self._beyond = np.asarray(self._everyone, dtype=np.intp) + 1
        self._go_on()

    @property
    def bought(self) -> list[_Step]:
        """The steps at which something was bought."""
        return [step for step in self.steps if step.winner is not None]

    def chosen(self) -> list[str]:
        """The ids of what was bought, in its order."""
        return [self.wishes[step.winner].candidate.id for step in self.steps if step.winner is not None]

    def paid(self) -> tuple[list[int], int]:
        """What each voter of each group has paid, in whole parts of the smallest unit, and how many parts it has."""
        amounts = list(self._exactly(np.arange(len(self._spent))))
        known = {id(amount): amount for amount in amounts}
        scale = lcm(self.each.denominator, *(amount.denominator for amount in known.values()))
        whole = {key: int(amount * scale) for key, amount in known.items()}
        return [whole[id(amount)] for amount in amounts], scale

    def next_share(self) -> Fraction | None:
        """The lowest share above this one from which the course is another; none where there is no such share."""
        return self.steps[-1].level if self.steps else None

    def raise_to(self, share: Fraction) -> None:
        """Go on from `next_share`: back to the first step that it changes, and on from there."""
        changed = next(place for place, step in enumerate(self.steps) if step.level == share)
        back = self.steps[changed]
        self.each, self._spent = share, back.spent
        self._reach = self.steps[changed - 1].reach if changed else self._beyond
        del self.steps[changed:]
        self.waiting = self._not_bought()
        # With a larger share a wish may have more payers than it had when it was asked the last time.
        self._most, self._bounds = list(self._everyone), list(self._lowest_bounds)
        self._go_on()

    def missing(self, place: int) -> Fraction:
        """By how much every share would have to be larger for the supporters of this wish to buy it at the end."""
        level = self._level(self.wishes[place], 1, self.wishes[place].votes, np.inf)
        if level is None:
            raise AssertionError("whatever has a supporter can be bought with a share that is large enough")
        return level - self.each

    def _go_on(self) -> None:
        going = True
        self._each, self._margin = float(self.each), float(self.each) * _MARGIN
        while going:
            best, ties = self._best()
            level, reach = self._another_way(best)
            going = best is not None
            if best is None:
                step = _Step(None, Fraction(0), np.zeros(0, dtype=bool), level, reach, self._spent, ())
            else:
                wish = self.wishes[best[0]]
                price, payers = Fraction(wish.candidate.cost, best[1]), np.zeros(len(self._spent), dtype=bool)
                payers[wish.groups[self._able(wish, self._spent[wish.groups], best[1])]] = True
                step = _Step(best[0], price, payers, level, reach, self._spent, ties)
                self._spent = self._spent.copy()
                self._spent[payers] += float(price)
            self._reach = reach
            self.steps.append(step)
            if best is not None:
                self.waiting = self._not_bought() if self._profile.election.limits else self.waiting - {best[0]}

    def _not_bought(self) -> set[int]:
        """The places of the wishes that are not bought, and that no limit forbids."""
        winners = {step.winner for step in self.steps}
        room = Room(
            self._profile.election.limits,
            (self.wishes[step.winner].candidate for step in self.steps if step.winner is not None),
        )
        return {place for place, wish in enumerate(self.wishes) if place not in winners and not room.forbids(wish.candidate)}

    def _best(self) -> tuple[tuple[int, int] | None, tuple[Tie, ...]]:
        """The place of the wish whose turn it is and how many pay; none when nothing can be bought."""
        asks: dict[int, Fraction] = {}
        best, line = None, np.inf
        for place in sorted(self.waiting, key=self._bounds.__getitem__):
            if self._bounds[place] > line:
                break
            wish = self.wishes[place]
            self._most[place] = payers = self._payers(wish, self._most[place])
            self._bounds[place] = wish.bound(payers)
            if payers:
                asks[place] = wish.asks(payers)
                best = asks[place] if best is None else min(best, asks[place])
                line = min(line, self._bounds[place] * (1 + _MARGIN))
        if best is None:
            return None, ()
        tied = {self.wishes[place].candidate.id: place for place, ask in asks.items() if ask == best}
        ties: list[Tie] = []
        winner = tied[self._profile.first_of([self.wishes[place].candidate for place in tied.values()], ties).id]
        return (winner, self._most[winner]), tuple(ties)

    def _payers(self, wish: _Wish, most: int) -> int:
        """The most voters, of at most so many, who can each pay the same part of the cost; 0 when none can."""
        spent = self._spent[wish.groups]
        while most:
            able = int(wish.voters @ self._able(wish, spent, most))
            if able >= most:
                return most
            most = able
        return 0

    def _able(self, wish: _Wish, spent: Floats, payers: int) -> Some:
        """Which of a wish's groups can pay their part when so many pay: those who have `spent` no more than the rest."""
        line, margin = self._each - wish.candidate.cost / payers, self._margin if self._trusted else np.inf
        below = spent <= line - margin
        unsure = below != (spent <= line + margin)
        if not unsure.any():
            return below
        near = unsure.nonzero()[0]
        most_spent = self.each - Fraction(wish.candidate.cost, payers)
        below[near] = [exact <= most_spent for exact in self._exactly(wish.groups[near])]
        return below

    def _exactly(self, groups: Places) -> Iterator[Fraction]:
        """What a voter of each of these groups has spent: the prices of the steps at which they paid."""
        bought = self.bought
        paid = np.asarray([step.payers[groups] for step in bought], dtype=bool).reshape(len(bought), len(groups))
        known: dict[bytes, Fraction] = {}
        for column in np.packbits(paid, axis=0).T:
            key = column.tobytes()
            if key not in known:
                known[key] = sum(
                    (bought[step].price for step in np.flatnonzero(np.unpackbits(column)[: len(bought)])), Fraction(0)
                )
            yield known[key]

    def _another_way(self, best: tuple[int, int] | None) -> tuple[Fraction | None, Places]:
        """The lowest share at which another wish, or this one with more payers, would have this step; and the new `reach`.

        A wish with so many payers that an earlier step would already have been another is that step's affair: nobody had spent
        more then. And what is above the lowest share of the steps before is left aside: they change first.
        """
        lowest, reach = self.next_share(), self._reach.copy()
        line = np.inf if lowest is None else float(lowest) * (1 + _MARGIN)
        # However little they have spent, so many need this share each.
        needed = np.divide(self._costs, reach - 1, out=np.full(len(reach), np.inf), where=reach > 1)
        for place in (needed <= line).nonzero()[0].tolist():
            if place not in self.waiting:
                continue
            wish, most = self.wishes[place], int(reach[place]) - 1
            fewest = self._fewest(wish, best)
            if fewest <= most:
                reach[place] = fewest
                level = self._level(wish, fewest, most, line)
                if level is not None and (lowest is None or level < lowest):
                    lowest, line = level, float(level) * (1 + _MARGIN)
        return lowest, reach

    def _fewest(self, wish: _Wish, best: tuple[int, int] | None) -> int:
        """With how many payers at least a wish comes before the best; of those that ask the same the order of ties decides."""
        if best is None:
            return 1
        other = self.wishes[best[0]]
        if not other.candidate.cost:
            return wish.votes + 1
        whole, rest = divmod(wish.candidate.cost * other.satisfaction * best[1], wish.satisfaction * other.candidate.cost)
        return whole if not rest and wish.turn < other.turn else whole + 1

    def _level(self, wish: _Wish, fewest: int, most: int, line: float) -> Fraction | None:
        """The lowest share with which from `fewest` to `most` supporters can pay equally; none if it is surely above `line`.

        The k who spent least need what the last of them spent and a k-th of the cost.
        """
        spent, cost, groups, voters = self._spent[wish.groups], wish.candidate.cost, wish.groups, wish.voters
        if not self._trusted:
            exact = list(self._exactly(groups))
            order = np.asarray(sorted(range(len(exact)), key=exact.__getitem__), dtype=np.intp)
        else:
            if line < np.inf:
                # Whoever has spent more than that asks for a share above the line, however many pay with them.
                low = spent <= line - cost / most
                able = int(voters @ low)
                while fewest <= able < most:
                    # So many at the most, so a larger part for each: some of them cannot pay that with this share either.
                    most = able
                    low = spent <= line - cost / most
                    able = int(voters @ low)
                if able < fewest:
                    return None
                spent, groups, voters = spent[low], groups[low], voters[low]
            order = np.argsort(spent, kind="stable")
        together = np.cumsum(voters[order])
        payers = np.minimum(together, most)
        levels = np.where(together >= fewest, spent[order] + cost / payers, np.inf)
        if self._trusted and levels.min() > line:
            return None
        near = np.flatnonzero(levels <= levels.min() * (1 + _MARGIN)) if self._trusted else np.flatnonzero(together >= fewest)
        return min(
            exact + Fraction(cost, int(pay))
            for exact, pay in zip(self._exactly(groups[order[near]]), payers[near], strict=True)
        )


def _wish(profile: Profile, rule: Rule, candidate: Candidate, counts: Floats) -> _Wish:
    groups = np.asarray(profile.supporters[candidate.id], dtype=np.intp)
    satisfaction = (candidate.cost if rule.satisfaction == "cost" else 1) or 1
    return _Wish(candidate, groups, counts[groups], profile.votes[candidate.id], satisfaction, profile.turn(candidate))


def exact_endowment(profile: Profile, rule: Rule, share: Fraction, beat: Beat = go_on) -> Fraction:
    """The last share before the first at which the outcome costs more than the budget; or where nothing is left to want."""
    course = Course(profile, rule, share)
    while course.waiting:
        beat()
        following = course.next_share()
        if following is None:
            raise AssertionError("what is not bought can be bought with a larger share")
        kept = course.each
        course.raise_to(following)
        if sum(profile.candidates[ref].cost for ref in course.chosen()) > profile.election.budget:
            return kept
    return course.each


def exact_shares(profile: Profile, rule: Rule, each: Fraction, show: Show, working: Working) -> list[str]:
    """The purchases from a share, with a sentence for every candidate that somebody voted for."""
    course = Course(profile, rule, each)
    for step in course.bought:
        working.ties.extend(step.ties)
    room = Room(profile.election.limits, (profile.candidates[ref] for ref in course.chosen()))
    _explain(profile, course, room, show, working)
    paid, scale = course.paid()
    working.shares = Shares.of(each, paid, scale, profile.counts)
    return course.chosen()


def _explain(profile: Profile, course: Course, room: Room, show: Show, working: Working) -> None:
    share = show(course.each)
    counts = np.asarray(profile.counts)
    won = {step.winner: step for step in course.bought}
    paid, scale = course.paid()
    left = [int(course.each * scale) - amount for amount in paid]  # whole numbers: a city has many purses to add up
    for place, wish in enumerate(course.wishes):
        voted, together = f"{people(wish.votes)} voted for it", Fraction(wish.candidate.cost)
        limit = room.forbids(wish.candidate)
        if place in won:
            step = won[place]
            payers = int(counts[step.payers].sum())
            who = "all of them" if payers == wish.votes else f"{payers:,} of them"
            sentence = f"{voted}, and {who} bought it, each paying exactly {show(step.price)} of a share of {share}."
        else:
            together = Fraction(sum(left[group] * profile.counts[group] for group in wish.groups.tolist()), scale)
            if limit is not None:
                sentence = f"{voted}; {room.sentence(wish.candidate, limit, show)}."
            else:
                more = show(course.missing(place))
                sentence = f"{voted}; to pay equal parts, each share of {share} would have had to be {more} larger."
        working.note(wish.candidate.id, sentence, together)
