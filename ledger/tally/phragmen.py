"""Sequential Phragmén: everyone earns at the same speed, and a proposal is bought the moment its supporters can afford it.

Imagine that money flows to every voter at one steady rate. As soon as the supporters of some proposal hold its cost together
it is bought, and all they hold is spent. The count ends when the proposal whose turn it is (any of them, when several are
equal) no longer fits the budget. What costs more than the whole budget, or has no supporters, never gets a turn.

| proposal | cost | supporters | bought at | because |
|---|---|---|---|---|
| trees | £6 | Ann, Ben, Cat | £2 each | three people earn £6 in the time each earns £2 |
| bench | £4 | Ann, Ben | £4 each | both began again from nothing at £2 |

*Guarantee*: groups are served in proportion to their size as the money flows (proportional justified representation).
*Drawback*: it looks at costs only, so many cheap proposals may come first, and it ends at the first that does not fit. (What a
limit for a district or theme keeps out is taken off the list, and the count goes on.)
Source: Los, Christoff and Grossi, “Proportional Budget Allocations: Towards a Systematization”, 2022.
"""

from collections.abc import Iterable
from fractions import Fraction
from heapq import heapify, heappop, heappush
from operator import itemgetter

import numpy as np

from ledger.tally.election import Candidate, Shares
from ledger.tally.profile import Profile, Show, people
from ledger.tally.working import Room, Working


class _Earning:
    """Up to which moment each group of voters has spent what it earned, and when candidates can be paid for.

    A moment is told by what each voter has earned by then: `moments[…] / scale`, in whole numbers. When a new one is no whole
    number of parts, the scale is made finer, so nothing is ever rounded. Groups know their moment by its number, so what a
    candidate's supporters have spent is a count of voters for each moment, and few of those are different.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.moments, self.scale = [0], 1
        self._last = np.zeros(len(profile.counts), dtype=np.intp)
        counts = np.asarray(profile.counts, dtype=np.float64)  # whole numbers, and their sums stay far below 2⁵³
        self._groups = {ref: np.asarray(groups, dtype=np.intp) for ref, groups in profile.supporters.items()}
        self._voters = {ref: counts[groups] for ref, groups in self._groups.items()}

    def turn(self, ref: str) -> Fraction:
        """The moment at which the candidate's supporters can pay its cost from what they earned and have not spent."""
        voters = np.bincount(self._last[self._groups[ref]], weights=self._voters[ref])
        spent_before = sum(int(voters[number]) * self.moments[number] for number in np.flatnonzero(voters))
        cost = self.profile.candidates[ref].cost * self.scale
        return Fraction(cost + spent_before, self.profile.votes[ref] * self.scale)

    def held(self, ref: str, now: Fraction) -> Fraction:
        """What the candidate's supporters hold together by now."""
        return self.profile.candidates[ref].cost - (self.turn(ref) - now) * self.profile.votes[ref]

    def shares(self, now: Fraction) -> Shares:
        """What every voter has earned by now, and spent of it: all they had earned when they last bought something."""
        return Shares.of(now, [self.moments[number] for number in self._last.tolist()], self.scale, self.profile.counts)

    def buy(self, winner: str, at: Fraction) -> None:
        """The winner's supporters have spent all that they earned up to now."""
        finer = (at * self.scale).denominator
        if finer > 1:
            self.scale *= finer
            self.moments = [moment * finer for moment in self.moments]
        self._last[self._groups[winner]] = len(self.moments)
        self.moments.append(int(at * self.scale))


class _Turns:
    """Who is next. A turn only ever moves later, so one that was worked out before is a bound, and is asked again when due."""

    def __init__(self, earning: _Earning, waiting: Iterable[str]) -> None:
        self._earning = earning
        self._bounds = [(Fraction(0), ref) for ref in waiting]
        heapify(self._bounds)

    def next(self) -> tuple[Fraction, list[str]] | None:
        """The next moment, and every candidate whose turn it then is; none when nobody waits. They are taken off the list."""
        found: list[tuple[Fraction, str]] = []
        while self._bounds and (not found or self._bounds[0][0] <= found[0][0]):
            _, ref = heappop(self._bounds)
            found.append((self._earning.turn(ref), ref))
            found.sort()
        if not found:
            return None
        at = found[0][0]
        for later in found:
            if later[0] > at:
                heappush(self._bounds, later)
        return at, [ref for turn, ref in found if turn == at]

    def put_back(self, at: Fraction, refs: Iterable[str]) -> None:
        """These were not bought; their turn is not before that moment."""
        for ref in refs:
            heappush(self._bounds, (at, ref))

    def rest(self) -> dict[str, Fraction]:
        """When the turn of each that still waits would come."""
        return {ref: self._earning.turn(ref) for _, ref in sorted(self._bounds, key=itemgetter(1))}


def phragmen(profile: Profile, show: Show, working: Working) -> list[str]:
    """The winners in the order in which they were bought; `working` takes a sentence for every candidate."""
    left, room = profile.election.budget, Room(profile.election.limits)
    for candidate in profile.eligible:
        if candidate.cost > left:
            voted = f"{people(profile.votes[candidate.id])} voted for it"
            working.note(candidate.id, f"{voted}; it costs more than the whole budget.", left)
    earning = _Earning(profile)
    turns = _Turns(earning, (c.id for c in profile.eligible if profile.votes[c.id] and c.cost <= left))
    chosen: list[str] = []
    now = Fraction(0)
    while (due := turns.next()) is not None:
        now, refs = due
        tied = [
            candidate
            for candidate in map(profile.candidates.__getitem__, refs)
            if not _kept_out(profile, room, candidate, show, working)
        ]
        if not tied:
            continue
        winner = profile.first_of(tied, working.ties)
        if any(candidate.cost > left for candidate in tied):
            for ref, turn in turns.rest().items():
                working.note(ref, _not_bought(profile, show, ref, turn), earning.held(ref, now))
            for candidate in tied:
                working.note(candidate.id, _ended(profile, show, candidate, left), min(left, candidate.cost))
            break
        supporters = people(profile.votes[winner.id])
        working.note(
            winner.id, f"{supporters} voted for it, and it was bought when each voter had earned {show(now)}.", winner.cost
        )
        chosen.append(winner.id)
        left -= winner.cost
        room.take(winner)
        earning.buy(winner.id, now)
        turns.put_back(now, (candidate.id for candidate in tied if candidate is not winner))
    working.shares = earning.shares(now)
    return chosen


def _kept_out(profile: Profile, room: Room, candidate: Candidate, show: Show, working: Working) -> bool:
    """Whether a limit forbids it when its turn comes; the reason is noted."""
    limit = room.forbids(candidate)
    if limit is None:
        return False
    voted = f"{people(profile.votes[candidate.id])} voted for it"
    working.note(candidate.id, f"{voted}; when its turn came, {room.sentence(candidate, limit, show)}.", candidate.cost)
    return True


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
