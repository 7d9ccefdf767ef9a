"""Exact amounts held by many voters alike: voters who hold the same are kept under one number.

Everyone begins with the same; a purchase changes only its supporters. So there are few different amounts however many voters,
and each is one exact fraction.
"""

from collections import Counter
from fractions import Fraction


class Purses:
    """What each group of identical ballots holds (each voter of it), exactly."""

    def __init__(self, groups: int, each: Fraction) -> None:
        """Every voter of every group begins with `each`."""
        self.amounts = [Fraction(0), each]
        self.held = [1] * groups

    def held_by(self, groups: list[int], counts: list[int]) -> list[tuple[Fraction, int]]:
        """The different amounts that these groups' voters hold, smallest first, each with how many voters hold it."""
        tally: Counter[int] = Counter()
        for group in groups:
            tally[self.held[group]] += counts[group]
        return sorted((self.amounts[number], count) for number, count in tally.items())

    def take(self, groups: list[int], most: Fraction) -> None:
        """Each voter of these groups pays `most`, or all they hold if that is less."""
        moved: dict[int, int] = {}
        for group in groups:
            before = self.held[group]
            if before not in moved:
                after = self.amounts[before] - min(self.amounts[before], most)
                moved[before] = self._number(after)
            self.held[group] = moved[before]

    def _number(self, amount: Fraction) -> int:
        if not amount:
            return 0
        self.amounts.append(amount)
        return len(self.amounts) - 1
