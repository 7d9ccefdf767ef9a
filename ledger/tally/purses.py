"""Exact amounts held by many voters alike: voters who hold the same are kept under one number.

Everyone begins with the same; a purchase changes only its supporters. So there are few different amounts however many voters,
and each is one exact fraction.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction


class Purses:
    """What each group of identical ballots holds (each voter of it), exactly."""

    def __init__(self, counts: Sequence[int], each: Fraction) -> None:
        """`counts` says how many voters each group has; every one of them begins with `each`."""
        self.counts = counts
        self.amounts = [Fraction(0), each]  # the different amounts, each under its number
        self.held = [1] * len(counts)  # for each group the number of what each of its voters holds
        self.order = [0, 1]  # the numbers from the smallest amount to the largest
        self.place = [0, 1]  # for each number its place in that order

    def held_by(self, groups: Sequence[int]) -> list[tuple[Fraction, int]]:
        """The different amounts that these groups' voters hold, smallest first, each with how many voters hold it."""
        voters: Counter[int] = Counter()
        for group in groups:
            voters[self.held[group]] += self.counts[group]
        return [(self.amounts[number], voters[number]) for number in sorted(voters, key=self.place.__getitem__)]

    def together(self, groups: Sequence[int]) -> Fraction:
        """What the voters of these groups hold in all."""
        return sum((amount * voters for amount, voters in self.held_by(groups)), Fraction(0))

    def take(self, groups: Sequence[int], most: Fraction) -> None:
        """Each voter of these groups pays `most`, or all they hold if that is less."""
        moved: dict[int, int] = {}
        for group in groups:
            before = self.held[group]
            if before not in moved:
                moved[before] = self._number(max(self.amounts[before] - most, Fraction(0)))
            self.held[group] = moved[before]
        self.order.sort(key=self.amounts.__getitem__)
        self.place = [0] * len(self.order)
        for place, number in enumerate(self.order):
            self.place[number] = place

    def _number(self, amount: Fraction) -> int:
        if not amount:
            return 0
        self.amounts.append(amount)
        self.order.append(len(self.amounts) - 1)
        return len(self.amounts) - 1
