"""Equal shares as plainly as it can be written, voter by voter: for points, for two resources, and within limits."""

from fractions import Fraction

from ledger.tally.election import Candidate, Election, Rule

Amounts = tuple[Fraction, ...]


class PlainShares:
    """Every voter's purses, one for each resource, and what they have bought so far."""

    def __init__(self, election: Election, rule: Rule, each: Amounts | None = None) -> None:
        self.election, self.rule = election, rule
        self.ballots = [
            {ref: points for ref, points in group.choices if points > 0}
            for group in election.groups
            for _ in range(group.count)
        ]
        two = election.minutes_budget is not None
        self.budgets = [election.budget, election.minutes_budget or 0][: 2 if two else 1]
        self.each = each or tuple(Fraction(budget, max(len(self.ballots), 1)) for budget in self.budgets)
        self.purses = [list(self.each) for _ in self.ballots]
        self.chosen: list[Candidate] = []
        self._buy_all()

    def costs(self, candidate: Candidate) -> list[int]:
        return [candidate.cost, candidate.minutes][: len(self.budgets)]

    def forbidden(self, candidate: Candidate) -> bool:
        return any(
            candidate.id in limit.among
            and candidate.cost + sum(c.cost for c in self.chosen if c.id in limit.among) > limit.most
            for limit in self.election.limits
        )

    def supporters(self, candidate: Candidate) -> list[int]:
        return [voter for voter, ballot in enumerate(self.ballots) if candidate.id in ballot]

    def can_pay(self, candidate: Candidate) -> bool:
        """Whether its supporters hold together what it asks of each resource."""
        return all(
            sum((self.purses[voter][resource] for voter in self.supporters(candidate)), Fraction(0)) >= cost
            for resource, cost in enumerate(self.costs(candidate))
        )

    def _weight(self, voter: int, candidate: Candidate) -> int:
        return self.ballots[voter][candidate.id] if self.rule.satisfaction == "points" else 1

    def price(self, candidate: Candidate, resource: int) -> Fraction:
        """Of all payments at which somebody's purse is empty, and between which it is a straight line: the one that pays."""
        cost, who = self.costs(candidate)[resource], self.supporters(candidate)
        weights = {voter: self._weight(voter, candidate) for voter in who}
        low = Fraction(0)
        for high in sorted(self.purses[voter][resource] / weights[voter] for voter in who):
            paid = sum((min(self.purses[voter][resource], high * weights[voter]) for voter in who), Fraction(0))
            if paid >= cost:
                rich = [voter for voter in who if self.purses[voter][resource] / weights[voter] >= high]
                poor = sum((self.purses[voter][resource] for voter in who if voter not in rich), Fraction(0))
                return (cost - poor) / sum(weights[voter] for voter in rich)
            low = high
        raise AssertionError(low)

    def _asks(self, candidate: Candidate) -> Fraction:
        prices = [self.price(candidate, resource) for resource in range(len(self.budgets))]
        parts = [price / share if share else price for price, share in zip(prices, self.each, strict=True)]
        worth = Fraction(1)
        if self.rule.satisfaction == "cost":
            worth = sum((Fraction(c, b) for c, b in zip(self.costs(candidate), self.budgets, strict=True) if b), Fraction(0))
        return max(parts) / (worth or 1)

    def _buy_all(self) -> None:
        def offers() -> list[Candidate]:
            return [
                c
                for c in self.election.candidates
                if c not in self.chosen and self.supporters(c) and self.can_pay(c) and not self.forbidden(c)
            ]

        while waiting := offers():
            best = min(waiting, key=lambda c: (self._asks(c), -len(self.supporters(c)), c.cost, c.id))
            prices = [self.price(best, resource) for resource in range(len(self.budgets))]
            for voter in self.supporters(best):
                for resource, price in enumerate(prices):
                    self.purses[voter][resource] -= min(self.purses[voter][resource], price * self._weight(voter, best))
            self.chosen.append(best)
