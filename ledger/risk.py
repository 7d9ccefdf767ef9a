"""Sharing a risk: who bears how much of a loss (or has how much of a gain), to the penny. Pure, and integers only.

Partners agree before anything happens. Each has a share of a loss and a share of a gain, in basis points (35 % is 3,500), and
the shares of each sort come to 100 %, which is 10,000. Some have a **cap**: the most that they ever bear. One of them, the
**residual bearer**, has none, and takes the rest. Before the shares come **layers**, in the order that was agreed: “the
council's insurance first, up to £2,000”, each borne by one party up to its amount.

How a loss is split
    1. The layers take what they can, one after another.
    2. The pence that are left are dealt out by share, one after another. Nobody is dealt a penny before it is due: while what
       they have is at least their exact share of the pence dealt so far. Of those who are due, the next penny goes to the one
       who would be a whole penny short the soonest; when two would be at once, to the larger share, then by name.
    3. Whoever reaches their cap stops there. What is over goes to the residual bearer, and to nobody else.

A gain is split in the same way, by the shares of a gain: who stands first for a loss is first for a gain, and whose loss is
capped has a gain that is capped at the same amount. Gains that come one after another add up as losses do.

What is guaranteed
    - What the parties bear comes to the loss exactly. No penny is lost, none is made.
    - Nobody bears more than their cap. Without caps and layers, nobody is as much as a penny away from their exact share.
    - The order in which the parties are written down changes nothing.
    - A larger loss never costs anybody less. So the worst that can happen to a party is what the largest loss would cost it,
      and losses that come one after another can be added up: after each, everybody has borne exactly what one loss of
      that size would have cost them. Caps hold for the whole life of an agreement, and not afresh for each loss.

An example: a loss of £10,000.01, five partners, two caps; Marlmoor is the residual bearer.

    | party          | share | cap       | exact share   | bears     |
    |----------------|-------|-----------|---------------|-----------|
    | marlmoor       | 35 %  | none      | £3,500.0035   | £4,700.01 |
    | green-spade    | 25 %  | £1,800.00 | £2,500.0025   | £1,800.00 |
    | ferry-trust    | 20 %  | £1,500.00 | £2,000.0020   | £1,500.00 |
    | weir-housing   | 15 %  | none      | £1,500.0015   | £1,500.00 |
    | moss-lane-shed | 5 %   | none      | £500.0005     | £500.00   |

Each share of £10,000.00 is whole pence. The odd penny goes to Marlmoor: of three pence it would be due one (35 % of 3 is more
than 1), and nobody else is due one so soon. Green Spade stops at its cap £700.00 below its share, and Ferry Trust £500.00
below; Marlmoor takes that £1,200.00 as well.

Why not the largest remainders, by which `ledger.money.split` shares an amount? They are as exact, and simpler to say. But by
them a larger loss can cost somebody less (the Alabama paradox): 10 pence by 6 : 6 : 2 come to 4, 4 and 2, and 11 pence to
5, 5 and 1. Between losses that are added up that would be a penny to be paid back. Dealing pence in the order of their
deadlines keeps every party within a penny of its share as well, and is monotone (R. Tijdeman, “The chairman assignment
problem”, 1980; M. Balinski and H. P. Young, “The quota method of apportionment”, 1975).

The drawback: what is over a cap falls on one partner alone, who has no cap. That is easy to see before signing, and it is why
an agreement has to name the largest loss that it covers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

from ledger.errors import LedgerError

WHOLE = 10_000  # basis points in 100 %
MOST_PARTIES = 20


class BadSharing(LedgerError):
    """This risk cannot be shared so: {problem}. Correct it; nothing was recorded."""


class OverTheMost(LedgerError):
    """The agreement covers losses of {most} in all, and with this one they would come to {asked}. Agree on more first; nothing
    was recorded.
    """


@dataclass(frozen=True, slots=True)
class Party:
    """A partner's part: `loss` and `gain` in basis points, `cap` in pence (none: no cap)."""

    name: str
    loss: int
    gain: int
    cap: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """What is used before the shares are: borne by one party, up to so many pence."""

    party: str
    at_most: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a party stands to lose, in pence: paid already, set aside now, and at the worst in all."""

    party: str
    paid: int
    committed: int
    worst: int

    @property
    def still(self) -> int:
        """What it can still lose."""
        return self.worst - self.paid

    @property
    def uncovered(self) -> int:
        """How much of what it can still lose is not set aside."""
        return max(self.still - self.committed, 0)


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a risk is shared: parties, layers in their order, who bears the rest, and the largest loss covered, in pence."""

    parties: tuple[Party, ...]
    residual: str
    most: int
    layers: tuple[Layer, ...] = ()

    def __post_init__(self) -> None:
        """Raises BadSharing."""
        _check(self)

    def split(self, loss: int) -> dict[str, int]:
        """What each party bears of a loss, in pence, by name. Raises ValueError for a loss below zero."""
        return self._shared(loss, {party.name: party.loss for party in self.parties})

    def split_gain(self, gain: int) -> dict[str, int]:
        """What each party has of a gain, in pence, by name. Raises ValueError for a gain below zero."""
        return self._shared(gain, {party.name: party.gain for party in self.parties})

    def further(self, loss: int, *, before: int) -> dict[str, int]:
        """What each party bears of a loss that comes after losses of `before` in all. Raises OverTheMost, ValueError."""
        if loss < 0 or before < 0:
            raise ValueError("A loss is not below zero.")
        if before + loss > self.most:
            raise OverTheMost(most=in_pounds(self.most), asked=in_pounds(before + loss))
        earlier, after = self.split(before), self.split(before + loss)
        return {name: after[name] - earlier[name] for name in after}

    def further_gain(self, gain: int, *, before: int) -> dict[str, int]:
        """What each party has of a gain that comes after gains of `before` in all. Raises ValueError."""
        earlier, after = self.split_gain(before), self.split_gain(before + gain)
        return {name: after[name] - earlier[name] for name in after}

    def exposures(self, reserves: Mapping[str, int], *, before: int = 0) -> list[Exposure]:
        """Each party's exposure, by name, after losses of `before` in all.

        A larger loss never costs less, so the largest one is everybody's worst case.
        """
        paid, worst = self.split(before), self.split(self.most)
        return [Exposure(name, paid[name], reserves.get(name, 0), worst[name]) for name in worst]

    def scenarios(self, losses: Iterable[int]) -> list[tuple[int, dict[str, int]]]:
        """Each loss with what the parties would bear of it."""
        return [(loss, self.split(loss)) for loss in losses]

    def _shared(self, amount: int, shares: Mapping[str, int]) -> dict[str, int]:
        if amount < 0:
            raise ValueError("A loss or a gain is not below zero.")
        borne, left = dict.fromkeys(sorted(shares), 0), amount
        for layer in self.layers:
            taken = min(left, layer.at_most)
            borne[layer.party] += taken
            left -= taken
        dealt = deal(left, shares)
        for party in self.parties:
            if party.name != self.residual:
                own = borne[party.name] + dealt[party.name]
                borne[party.name] = own if party.cap is None else min(own, party.cap)
        borne[self.residual] = amount - sum(pence for name, pence in borne.items() if name != self.residual)
        return borne


def in_pounds(pence: int) -> str:
    """1000001 → “10,000.01”, with the decimals of pounds and pence, whatever the currency is called."""
    return f"{pence // 100:,}.{pence % 100:02d}"


def deal(amount: int, shares: Mapping[str, int]) -> dict[str, int]:
    """Deal `amount` pence out by share, so that one penny more never gives anybody less. The shares come to more than 0.

    After as many pence as the shares come to in their lowest terms, everybody has exactly their share, and it begins again.
    """
    common = gcd(*shares.values())
    weights = tuple(sorted((name, share // common) for name, share in shares.items()))
    rounds, rest = divmod(amount, sum(weight for _, weight in weights))
    odd = _dealt(rest, weights)
    return {name: rounds * weight + pence for (name, weight), pence in zip(weights, odd, strict=True)}


@lru_cache(maxsize=1_024)
def _dealt(amount: int, weights: tuple[tuple[str, int], ...]) -> tuple[int, ...]:
    total = sum(weight for _, weight in weights)
    given = [0] * len(weights)
    for dealt in range(1, amount + 1):
        due = [at for at, (_, weight) in enumerate(weights) if given[at] * total < dealt * weight]
        given[min(due, key=lambda at: (_deadline(given[at], weights[at][1], total), -weights[at][1], weights[at][0]))] += 1
    return tuple(given)


def _deadline(given: int, weight: int, total: int) -> int:
    """After how many pence in all the exact share has grown by a whole penny over what was given."""
    return -(-(given + 1) * total // weight)


def _check(sharing: Sharing) -> None:
    names = [party.name for party in sharing.parties]
    if len(set(names)) != len(names) or not 2 <= len(names) <= MOST_PARTIES:  # noqa: PLR2004 - one alone shares nothing
        raise BadSharing(problem=f"a risk is shared by two parties or more, each named once, and {MOST_PARTIES} at the most")
    for sort, shares in (("loss", [p.loss for p in sharing.parties]), ("gain", [p.gain for p in sharing.parties])):
        if min(shares) < 0 or sum(shares) != WHOLE:
            raise BadSharing(problem=f"the shares of a {sort} come to {_percent(sum(shares))}, and not to 100 %")
    caps = {party.name: party.cap for party in sharing.parties}
    if sharing.residual not in caps or caps[sharing.residual] is not None:
        raise BadSharing(problem="whoever takes the rest is one of the parties, and has no cap")
    if sharing.most <= 0:
        raise BadSharing(problem="the largest loss that it covers is more than nothing")
    _check_layers(sharing, caps)


def _check_layers(sharing: Sharing, caps: Mapping[str, int | None]) -> None:
    stands_first = dict.fromkeys(caps, 0)
    for layer in sharing.layers:
        if layer.party not in caps or layer.at_most <= 0:
            raise BadSharing(problem="what is used first is borne by one of the parties, up to an amount")
        stands_first[layer.party] += layer.at_most
    for name, cap in caps.items():
        if cap is not None and not stands_first[name] <= cap:
            raise BadSharing(problem=f"{name} stands first for more than its own cap, or its cap is below zero")


def _percent(points: int) -> str:
    return f"{points // 100}.{points % 100:02d} %" if points % 100 else f"{points // 100} %"
