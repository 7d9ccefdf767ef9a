"""The Method of Equal Shares: the money is divided equally among the voters, and supporters pay together.

Each voter is given the same share of the budget. A proposal can be bought when those who voted for it hold its cost together.
Of all that can be bought, the one that asks the least of its supporters for each unit of satisfaction is bought, its
supporters pay as equally as they can, and so on until nothing can be bought. A unit of satisfaction is a pound well spent
(`satisfaction=cost`), one proposal won (`cardinality`), or a point given (`points`; then each supporter pays by the points they
gave it). £12 and three voters, £4 each, by cost:

| step | proposal | cost | supporters | each pays | left to Ann, Ben, Cat |
|---|---|---|---|---|---|
| 1 | trees | £6 | Ann, Ben, Cat | £2 | £2, £2, £2 |
| 2 | bench | £4 | Ann, Ben | £2 | £0, £0, £2 |
| – | bus shelter | £5 | Cat | – | Cat holds £2: £3 short |

*Guarantee*: every group of voters with things in common decides over its own share of the money, however small the group
(extended justified representation up to one proposal). *Drawback*: money may be left over, so a *completion* spends more:
`add1` raises everybody's share by one unit of currency at a time for as long as the result still fits the budget;
`add1-exhaustive` also stops as soon as nothing more would fit; `greedy` spends the rest by votes; `add1-exhaustive-greedy`
does both. What nobody voted for is never bought, and does not count when it is asked whether more would fit.

Where staff time is limited as well, each voter is given an equal share of both, and a proposal is bought when its supporters
can pay its money and its time. Of the two payments the dearer one counts, each taken as a part of the share; and a unit of
satisfaction by cost is then a part of both budgets well spent. With one resource this is the ordinary rule.

Source: Peters, Pierczyński and Skowron, “Proportional Participatory Budgeting with Additive Utilities”, 2021; for
two resources after Motamed, Soeteman, Rey and Endriss, “Participatory Budgeting with Multiple Resources”, 2022.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ledger.money import format_minutes
from ledger.tally.election import Candidate, Rule, Shares, Tie
from ledger.tally.profile import Profile, Show, people
from ledger.tally.purses import Purses
from ledger.tally.raising import Raised
from ledger.tally.working import Beat, Room, Working, go_on

Amounts = tuple[Fraction, ...]  # of money, and of staff time where it is limited


@dataclass(frozen=True, slots=True)
class Purchase:
    """What was bought, and the most that anyone paid of each resource: for a point, where each pays by their points."""

    winner: str
    pays: Amounts


class Market:
    """Who wants what, and what the voters hold of each resource."""

    def __init__(self, profile: Profile, rule: Rule, each: Amounts) -> None:
        """Every voter begins with `each`."""
        self.profile, self._rule, self.each = profile, rule, each
        self.purses = [Purses(profile.counts, share) for share in each]
        by_points = rule.satisfaction == "points"
        self._points = {c.id: profile.points_of(c.id) for c in profile.eligible} if by_points else None

    def costs(self, candidate: Candidate) -> tuple[int, ...]:
        """What it asks of each resource."""
        return (candidate.cost, candidate.minutes)[: len(self.each)]

    def points(self, ref: str) -> Sequence[int] | None:
        """What its supporters pay by; none where all pay alike."""
        return self._points[ref] if self._points is not None else None

    def price(self, candidate: Candidate) -> Amounts | None:
        """The most that anyone would pay for it of each resource; none when its supporters hold too little of one."""
        found = []
        for purses, cost in zip(self.purses, self.costs(candidate), strict=True):
            most = purses.price(self.profile.supporters[candidate.id], self.points(candidate.id), cost)
            if most is None:
                return None
            found.append(most)
        return tuple(found)

    def asks(self, candidate: Candidate, pays: Amounts) -> Fraction:
        """What a price is for each unit of satisfaction: of two resources the dearer counts, each as a part of the share."""
        if len(pays) == 1:
            return pays[0] / ((candidate.cost if self._rule.satisfaction == "cost" else 1) or 1)
        parts = [most / share if share else most for most, share in zip(pays, self.each, strict=True)]
        worth = Fraction(1)
        if self._rule.satisfaction == "cost":
            budgets = (self.profile.election.budget, self.profile.election.minutes_budget or 0)
            worth = sum(
                (Fraction(cost, all_) for cost, all_ in zip(self.costs(candidate), budgets, strict=True) if all_), Fraction(0)
            )
        return max(parts) / (worth or 1)

    def buy(self, purchase: Purchase) -> bool:
        """The supporters pay. Whether some of them paid all they had left of something."""
        groups, points = self.profile.supporters[purchase.winner], self.points(purchase.winner)
        poor = [purses.take(groups, points, most) for purses, most in zip(self.purses, purchase.pays, strict=True)]
        return any(poor)

    def shares(self) -> Shares:
        """What every voter paid of the money."""
        money = self.purses[0]
        given = int(self.each[0] * money.scale)
        return Shares.of(self.each[0], [given - held for held in money.holds], money.scale, money.counts)


def equal_shares(profile: Profile, rule: Rule, each: Amounts, *, ties: list[Tie]) -> list[Purchase]:
    """Buy until nothing can be bought, each voter beginning with `each`.

    Offers only get dearer as purses empty, so a candidate's last price is a bound: it is asked again only when that bound
    could equal or beat the best offer found, and is forgotten once its supporters cannot reach its cost, or a limit is.
    """
    market, room = Market(profile, rule, each), Room(profile.election.limits)
    bounds: dict[str, Fraction] = {c.id: Fraction(0) for c in profile.eligible if profile.votes[c.id] and not room.forbids(c)}
    bought: list[Purchase] = []
    while bounds:
        best: Fraction | None = None
        prices: dict[str, Amounts] = {}
        for ref in sorted(bounds, key=bounds.__getitem__):
            if best is not None and bounds[ref] > best:
                break
            pays = market.price(profile.candidates[ref])
            if pays is None:
                del bounds[ref]
                continue
            prices[ref] = pays
            bounds[ref] = market.asks(profile.candidates[ref], pays)
            best = bounds[ref] if best is None else min(best, bounds[ref])
        if best is None:
            break
        winner = profile.first_of([profile.candidates[ref] for ref in prices if bounds[ref] == best], ties)
        bought.append(Purchase(winner.id, prices[winner.id]))
        market.buy(bought[-1])
        room.take(winner)
        del bounds[winner.id]
        if profile.election.limits:
            bounds = {ref: bound for ref, bound in bounds.items() if not room.forbids(profile.candidates[ref])}
    return bought


def share_of(profile: Profile) -> Amounts:
    """Each voter's equal share of the budget: of money, and of staff time where it is limited."""
    election = profile.election
    budgets = (election.budget,) if election.minutes_budget is None else (election.budget, election.minutes_budget)
    return tuple(Fraction(budget, max(election.voters, 1)) for budget in budgets)


def endowment(profile: Profile, rule: Rule, beat: Beat = go_on) -> Amounts:
    """The share with which each voter begins, raised as the completion says."""
    election, share = profile.election, share_of(profile)
    if not rule.completion.startswith("add1"):
        return share
    exhaustive = rule.completion != "add1"
    kept = share[0]
    for raised, chosen in _outcomes(profile, rule, kept):
        beat()
        winners = [profile.candidates[ref] for ref in chosen]
        left = election.budget - sum(candidate.cost for candidate in winners)
        if left < 0:
            return (kept,)
        kept, room = raised, Room(election.limits, winners)
        out = [c for c in profile.eligible if profile.votes[c.id] and c.id not in chosen and not room.forbids(c)]
        if not out or (exhaustive and all(candidate.cost > left for candidate in out)):
            return (kept,)
    raise AssertionError("there is always one more unit to raise the shares by")


def _outcomes(profile: Profile, rule: Rule, share: Fraction) -> Iterator[tuple[Fraction, frozenset[str]]]:
    """What is bought from this share, and from those that are higher by whole units of currency; as `Raised.rising`."""
    for each, sifted in Raised(profile, rule).rising(share, profile.election.unit):
        yield each, sifted if sifted is not None else outcome(profile, rule, each)


def outcome(profile: Profile, rule: Rule, each: Fraction) -> frozenset[str]:
    """What is bought from a share of money, exactly."""
    return frozenset(purchase.winner for purchase in equal_shares(profile, rule, (each,), ties=[]))


def explain(profile: Profile, rule: Rule, each: Amounts, show: Show, working: Working) -> list[str]:
    """The purchases from an endowment, with a sentence for every candidate that somebody voted for."""
    market, room = Market(profile, rule, each), Room(profile.election.limits)
    bought = equal_shares(profile, rule, each, ties=working.ties)
    for purchase in bought:
        candidate = profile.candidates[purchase.winner]
        some_pay_less = market.buy(purchase)
        room.take(candidate)
        by_points = " for each point they gave it" if market.points(candidate.id) is not None else ""
        working.note(
            candidate.id,
            f"{people(profile.votes[candidate.id])} voted for it and bought it together, each paying "
            f"{told(purchase.pays, show)}{by_points} of their share of {told(each, show)}"
            f"{', or all that they had left' if some_pay_less else ''}.",
            candidate.cost,
        )
    for candidate in profile.eligible:
        if candidate.id not in working.reasons and profile.votes[candidate.id]:
            _not_bought(market, room, candidate, show, working)
    working.shares = market.shares()
    return [purchase.winner for purchase in bought]


def _not_bought(market: Market, room: Room, candidate: Candidate, show: Show, working: Working) -> None:
    profile = market.profile
    together = tuple(purses.together(profile.supporters[candidate.id]) for purses in market.purses)
    short = [max(cost - held, Fraction(0)) for cost, held in zip(market.costs(candidate), together, strict=True)]
    voted = f"{people(profile.votes[candidate.id])} voted for it"
    limit = room.forbids(candidate)
    if limit is not None:
        sentence = f"{voted}; {room.sentence(candidate, limit, show)}."
    elif len(short) == 1:
        sentence = f"{voted} and had {show(together[0])} of their shares left together, {show(short[0])} short of its cost."
    else:
        lacks = " and ".join(_resources(tuple(short), show, lacking=True))
        sentence = f"{voted} and had {told(together, show)} of their shares left together, {lacks} short."
    working.note(candidate.id, sentence, together[0])


def told(amounts: Amounts, show: Show) -> str:
    """“£2”, or “£2 and 3 hours”."""
    return " and ".join(_resources(amounts, show))


def _resources(amounts: Amounts, show: Show, *, lacking: bool = False) -> Iterator[str]:
    for amount, words in zip(amounts, (show, _minutes), strict=False):
        if amount or not lacking:
            yield words(amount)


def _minutes(amount: Fraction | int) -> str:
    return "less than a minute" if amount and not round(amount) else format_minutes(round(amount))
