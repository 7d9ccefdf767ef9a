"""A risk shared as plainly as it can be: penny by penny, in fractions. The slow twin of `ledger.risk`."""

from fractions import Fraction

from ledger.risk import WHOLE, Sharing


def plain_split(sharing: Sharing, amount: int, shares: dict[str, int]) -> dict[str, int]:
    """Walk through the loss one penny after another: who stands first, then who is due, and over a cap the residual bearer."""
    exact = {name: Fraction(points, WHOLE) for name, points in shares.items()}
    caps = {party.name: party.cap for party in sharing.parties}
    borne = dict.fromkeys(sorted(shares), 0)
    dealt = dict.fromkeys(shares, 0)
    first = [layer.party for layer in sharing.layers for _ in range(layer.at_most)]
    for name in first[:amount]:
        borne[name] += 1
    for count in range(1, amount - len(first) + 1):
        due = [name for name in shares if dealt[name] < count * exact[name]]
        name = min(due, key=lambda name: (_whole_penny_short(dealt[name], exact[name]), -exact[name], name))
        dealt[name] += 1
        cap = caps[name]
        borne[sharing.residual if cap is not None and borne[name] == cap else name] += 1
    return borne


def _whole_penny_short(dealt: int, share: Fraction) -> int:
    """The number of the penny at which somebody dealt no more would be a whole penny behind their share."""
    number = int((dealt + 1) / share)
    return number if number * share >= dealt + 1 else number + 1
