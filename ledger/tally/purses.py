"""What every voter holds, exactly: whole numbers of a part of the smallest unit, a part so fine that nothing is ever rounded.

A penny paid by three people equally leaves thirds of a penny. So the part begins as one of `each`'s own, and when a payment
does not come out whole it is cut finer: every amount and the `scale` are multiplied by the same number.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction


def most_each_pays(purses: Sequence[tuple[int, int]], cost: int) -> Fraction | None:
    """The smallest most-that-anyone-pays with which these purses reach `cost`; none if they cannot.

    `purses` are pairs of an amount and how many people hold it, smallest first. Those who hold less than the answer give all
    they hold. Purses of 1, 2 and 6 and a cost of 7: the first two give all, the last 4.
    """
    left, payers = cost, sum(people for _, people in purses)
    for held, people in purses:
        if held * payers >= left:
            return Fraction(left, payers)
        left -= held * people
        payers -= people
    return None


def most_for_a_point(purses: Sequence[tuple[int, int, int]], cost: int) -> Fraction | None:
    """As `most_each_pays`, where each pays by the points they gave: the smallest payment for a point; none if too dear.

    `purses` are an amount, the points, and how many people hold the one and gave the other; in any order.
    """
    left, pull = cost, sum(points * people for _, points, people in purses)
    for held, points, people in sorted(purses, key=lambda purse: Fraction(purse[0], purse[1])):
        if held * pull >= left * points:
            return Fraction(left, pull)
        left -= held * people
        pull -= points * people
    return None


class Purses:
    """What each voter of each group of identical ballots holds: `holds[group] / scale` of the smallest unit."""

    def __init__(self, counts: Sequence[int], each: Fraction) -> None:
        """`counts` says how many voters each group has; every one of them begins with `each`."""
        self.counts = counts
        self.scale = each.denominator
        self.holds = [each.numerator] * len(counts)

    def together(self, groups: Sequence[int]) -> Fraction:
        """What the voters of these groups hold in all, in the smallest unit."""
        return Fraction(sum(self.holds[group] * self.counts[group] for group in groups), self.scale)

    def least(self, groups: Sequence[int]) -> Fraction:
        """What the poorest voter of these groups holds, in the smallest unit."""
        return Fraction(min(self.holds[group] for group in groups), self.scale)

    def price(self, groups: Sequence[int], points: Sequence[int] | None, cost: int) -> Fraction | None:
        """The most that any voter of these groups pays (by their `points`: for a point) when together they pay `cost` as
        equally as they can; none: too dear.
        """
        if points is None:
            alike: Counter[int] = Counter()
            for group in groups:
                alike[self.holds[group]] += self.counts[group]
            most = most_each_pays(sorted(alike.items()), cost * self.scale)
        else:
            among: Counter[tuple[int, int]] = Counter()
            for group, given in zip(groups, points, strict=True):
                among[self.holds[group], given] += self.counts[group]
            most = most_for_a_point([(*purse, voters) for purse, voters in among.items()], cost * self.scale)
        return None if most is None else most / self.scale

    def take(self, groups: Sequence[int], points: Sequence[int] | None, most: Fraction) -> bool:
        """Each voter of these groups pays `most` (by their `points`: for each), or all they hold. Whether some paid all."""
        finer = (most * self.scale).denominator
        if finer > 1:
            self.scale *= finer
            self.holds = [amount * finer for amount in self.holds]
        payment, some_pay_less = int(most * self.scale), False
        for place, group in enumerate(groups):
            asked = payment if points is None else payment * points[place]
            some_pay_less |= self.holds[group] < asked
            self.holds[group] -= min(self.holds[group], asked)
        return some_pay_less
