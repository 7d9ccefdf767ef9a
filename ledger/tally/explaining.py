"""What a result did for the voters: who got what, tenth by tenth, and what another rule would have done.

*What went a voter's way*: each chosen proposal's cost, in equal parts, goes to those who voted for it. Three people voted for
trees at £6, and two of them for a bench at £4: £2 went Cat's way, and £4 each went Ann's and Ben's. This is said of any rule,
so two results can stand side by side; what voters *paid* is told only by rules that give them shares.

Voters stand in the order of the amount, and are told in tenths: the first tenth are those with the least. Where their number
does not divide by ten, tenths differ by one voter.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm

from ledger.tally.counting import count
from ledger.tally.election import Completion, Election, Result, Rule, Satisfaction, Shares
from ledger.tally.profile import Profile
from ledger.tally.working import Beat, go_on

_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Tenth:
    """A tenth of the voters: how many they are, and what they have on average, in the smallest unit."""

    voters: int
    average: Fraction


@dataclass(frozen=True, slots=True)
class Side:
    """One of two results: how many voters had at least one of their proposals chosen, and what went the voters' way."""

    result: Result
    heard: int
    tenths: tuple[Tenth, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """Greedy and equal shares on the same ballots, and what differs: chosen by both, or by one only, in the order of choice."""

    greedy: Side
    shares: Side
    both: tuple[str, ...]
    only_greedy: tuple[str, ...]
    only_shares: tuple[str, ...]


def tenths(amounts: Sequence[tuple[int, int]], scale: int) -> tuple[Tenth, ...]:
    """From pairs of an amount (of a `scale`-th) and how many voters have it, the least first. None for nobody."""
    voters = sum(many for _, many in amounts)
    bounds = [voters * part // _TENTHS for part in range(_TENTHS + 1)]
    sums = [0] * _TENTHS
    start, place = 0, 0
    for amount, many in amounts:
        end = start + many
        while start < end:
            while bounds[place + 1] <= start:
                place += 1
            taken = min(end, bounds[place + 1]) - start
            sums[place] += amount * taken
            start += taken
    sizes = [after - before for before, after in pairwise(bounds)]
    return tuple(Tenth(size, Fraction(total, size * scale)) for size, total in zip(sizes, sums, strict=True) if size)


def paid(shares: Shares) -> tuple[Tenth, ...]:
    """What voters paid of their shares, tenth by tenth."""
    return tenths(shares.paid, shares.scale)


def beside(election: Election, result: Result, *, beat: Beat = go_on) -> Beside:
    """Greedy and equal shares: the one that `result` was counted by as it was, the other as cities count it.

    Greedy goes by votes (or by points, where the result does); equal shares raises the shares and spends the rest by votes, and
    without raising where staff time is shared out.
    """
    by_greedy, by_shares = result, result
    if result.rule.name != "greedy":
        satisfaction: Satisfaction = "points" if result.rule.satisfaction == "points" else "cost"
        by_greedy = count(election, Rule(satisfaction=satisfaction, minimum_votes=result.rule.minimum_votes))
    if result.rule.name != "equal-shares":
        completion: Completion = "add1-exhaustive-greedy" if election.minutes_budget is None else "greedy"
        rule = Rule(name="equal-shares", completion=completion, minimum_votes=result.rule.minimum_votes)
        by_shares = count(election, rule, beat=beat)
    profile = Profile(election)
    return Beside(
        greedy=_side(profile, by_greedy),
        shares=_side(profile, by_shares),
        both=tuple(ref for ref in by_greedy.winners if ref in by_shares.winners),
        only_greedy=tuple(ref for ref in by_greedy.winners if ref not in by_shares.winners),
        only_shares=tuple(ref for ref in by_shares.winners if ref not in by_greedy.winners),
    )


def _side(profile: Profile, result: Result) -> Side:
    chosen = [ref for ref in result.winners if profile.votes[ref]]
    parts = lcm(*(profile.votes[ref] for ref in chosen)) if chosen else 1
    gains, heard = [0] * len(profile.counts), [False] * len(profile.counts)
    for ref in chosen:
        gain = profile.candidates[ref].cost * (parts // profile.votes[ref])
        for group in profile.supporters[ref]:
            gains[group] += gain
            heard[group] = True
    voters: Counter[int] = Counter()
    for gain, many in zip(gains, profile.counts, strict=True):
        voters[gain] += many
    return Side(
        result=result,
        heard=sum(many for was_heard, many in zip(heard, profile.counts, strict=True) if was_heard),
        tenths=tenths(sorted(voters.items()), parts),
    )
