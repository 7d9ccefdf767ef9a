"""The Method of Equal Shares: the money is divided equally among the voters, and supporters pay together.

Each voter is given the same share of the budget. A proposal can be bought when those who voted for it hold its cost together.
Of all that can be bought, the one that asks the least of its supporters for each unit of satisfaction is bought, its
supporters pay as equally as they can, and so on until nothing can be bought. A unit of satisfaction is a pound well spent
(`satisfaction=cost`) or one proposal won (`cardinality`). £12 and three voters, £4 each, by cost:

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
Source: Peters, Pierczyński and Skowron, “Proportional Participatory Budgeting with Additive Utilities”, 2021.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

from ledger.tally.election import Candidate, Rule, Tie
from ledger.tally.profile import Profile, Show, people
from ledger.tally.purses import Purses
from ledger.tally.raising import Raised

_FIRST_BLOCK, _LARGEST_BLOCK = 16, 128  # endowments that are counted together

Hear = Callable[[str, Fraction], None]


def equal_shares(profile: Profile, rule: Rule, each: Fraction, *, ties: list[Tie], hear: Hear) -> list[str]:
    """Buy until nothing can be bought, each voter beginning with `each`. `hear` is told each purchase and its highest payment.

    Offers only get dearer as purses empty, so a candidate's last price is a bound: it is asked again only when that bound
    could equal or beat the best offer found, and is forgotten once its supporters cannot reach its cost.
    """
    purses = Purses(profile.counts, each)
    bounds: dict[str, Fraction] = {c.id: Fraction(0) for c in profile.eligible if profile.votes[c.id]}
    chosen: list[str] = []
    while bounds:
        best: Fraction | None = None
        payments: dict[str, Fraction] = {}
        for ref in sorted(bounds, key=bounds.__getitem__):
            if best is not None and bounds[ref] > best:
                break
            candidate = profile.candidates[ref]
            pays = purses.price(profile.supporters[ref], candidate.cost)
            if pays is None:
                del bounds[ref]
                continue
            payments[ref] = pays
            bounds[ref] = pays / (_satisfaction(rule, candidate) or 1)
            best = bounds[ref] if best is None else min(best, bounds[ref])
        if best is None:
            break
        winner = profile.first_of([profile.candidates[ref] for ref in payments if bounds[ref] == best], ties).id
        purses.take(profile.supporters[winner], payments[winner])
        hear(winner, payments[winner])
        chosen.append(winner)
        del bounds[winner]
    return chosen


def _satisfaction(rule: Rule, candidate: Candidate) -> int:
    return candidate.cost if rule.satisfaction == "cost" else 1


def _forget(_ref: str, _pays: Fraction) -> None:
    """A trial run's purchases are nobody's reasons."""


def share_of(profile: Profile) -> Fraction:
    """Each voter's equal share of the budget."""
    return Fraction(profile.election.budget, max(profile.election.voters, 1))


def endowment(profile: Profile, rule: Rule) -> Fraction:
    """The share with which each voter begins, raised as the completion says."""
    election, share = profile.election, share_of(profile)
    if not rule.completion.startswith("add1"):
        return share
    exhaustive = rule.completion != "add1"
    kept = share
    for raised, chosen in _outcomes(profile, rule, share):
        left = election.budget - sum(profile.candidates[ref].cost for ref in chosen)
        if left < 0:
            return kept
        kept = raised
        out = [candidate for candidate in profile.eligible if profile.votes[candidate.id] and candidate.id not in chosen]
        if not out or (exhaustive and all(candidate.cost > left for candidate in out)):
            return kept
    raise AssertionError("there is always one more unit to raise the shares by")


def _outcomes(profile: Profile, rule: Rule, share: Fraction) -> Iterator[tuple[Fraction, frozenset[str]]]:
    """What is bought from this share, and from each that is one unit of currency higher than the one before."""
    raised, many = Raised(profile, rule), _FIRST_BLOCK
    while True:
        shares = [share + step * profile.election.unit for step in range(many)]
        for each, outcome in zip(shares, raised.outcomes(shares), strict=True):
            exact = outcome if outcome is not None else frozenset(equal_shares(profile, rule, each, ties=[], hear=_forget))
            yield each, exact
        share, many = shares[-1] + profile.election.unit, min(2 * many, _LARGEST_BLOCK)


def explain(profile: Profile, rule: Rule, each: Fraction, show: Show, ties: list[Tie]) -> tuple[list[str], dict[str, str]]:
    """The purchases from an endowment, with a sentence for every candidate that somebody voted for."""
    reasons: dict[str, str] = {}
    purses = Purses(profile.counts, each)

    def hear(ref: str, pays: Fraction) -> None:
        supporters = profile.supporters[ref]
        some_pay_less = purses.least(supporters) < pays
        purses.take(supporters, pays)
        reasons[ref] = (
            f"{people(profile.votes[ref])} voted for it and bought it together, each paying {show(pays)} "
            f"of their share of {show(each)}{', or all that they had left' if some_pay_less else ''}."
        )

    chosen = equal_shares(profile, rule, each, ties=ties, hear=hear)
    for candidate in profile.eligible:
        if candidate.id not in reasons and profile.votes[candidate.id]:
            together = purses.together(profile.supporters[candidate.id])
            reasons[candidate.id] = (
                f"{people(profile.votes[candidate.id])} voted for it and had {show(together)} of their shares left together, "
                f"{show(candidate.cost - together)} short of its cost."
            )
    return chosen, reasons
