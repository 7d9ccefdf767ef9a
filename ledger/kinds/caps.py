"""What a result may not exceed: limits for a district or a theme, and shares kept for one. Pure.

*Guarantee.* No district or theme gets more than its limit, and where x per cent of the budget are kept for a theme, all others
together get at most the rest, so that x per cent are there for it. *How.* Each is a limit of the counting engine
(`ledger.tally.Limit`), which every rule keeps to while it chooses: what costs more than its limit still leaves is passed over.

    budget 100, at least 40 per cent for “youth”: benches 50 (most votes), warm room 30 (second), skate ramp 40
    the others may cost 60 in all: the benches leave 10 of it, so the warm room is passed over, and the skate ramp is chosen

*Drawback.* What is kept for a theme that nobody supports stays in the pot. Source: limits on groups of projects as in Jain,
Sornat, Talmon and Zehavi, “Participatory Budgeting with Project Groups”, 2021.
"""

from collections.abc import Iterable, Mapping, Sequence

from ledger.kinds.round_rules import Ask, Cap


def bounded_by(cap: Cap, asks: Iterable[Ask]) -> frozenset[str]:
    """The proposals whose cost a limit bounds, by reference: its own, or, where a share is kept, all but its own."""
    own = {ask.project: (ask.district if cap.on == "district" else ask.theme) == cap.name for ask in asks}
    return frozenset(ref for ref, is_own in own.items() if is_own == (cap.at_most is not None))


def most(cap: Cap, budget: int) -> int:
    """The most that what is bounded may cost in all."""
    if cap.at_most is not None:
        return cap.at_most
    return budget - -(-budget * (cap.at_least_percent or 0) // 100)  # what is kept is rounded up to a whole penny


def exceeded(winners: Sequence[str], asks: Mapping[str, Ask], caps: Iterable[Cap], budget: int) -> Cap | None:
    """The first limit that the winners exceed; none when all are kept."""
    for cap in caps:
        bounded = bounded_by(cap, asks.values())
        if sum(asks[ref].cost for ref in winners if ref in bounded) > most(cap, budget):
            return cap
    return None


def name_of(cap: Cap) -> str:
    """What the limit is for, as reasons say it: “of the £500 for the theme “parks” £20 was left”."""
    own = f"the {cap.on} “{cap.name}”"
    return own if cap.at_most is not None else f"all but {own}, for which {cap.at_least_percent} per cent are kept,"
