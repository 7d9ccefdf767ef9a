"""What routes are about, loaded from their addresses: each with its authority, its place and its state."""

from app.acting import today
from app.permissions import HELD, Thing
from app.store import reading
from ledger.holdings import Holding, holding_at
from ledger.rounds.reading import RoundView, round_view


def the_round(ref: str) -> Thing:
    """The round called `ref`. Raises NotFound."""
    return of_round(round_view(reading(), ref, today=today()))


def of_round(view: RoundView) -> Thing:
    """A round that is read already."""
    return Thing(authority=view.place.authority, place=view.place.slug, state=view.stage, it=view)


def the_holding(index: int) -> Thing:
    """The role that entry `index` gave to somebody. Raises NotFound."""
    found: Holding = holding_at(reading(), index, on=today())
    return Thing(authority=found.authority, place=found.place, state=HELD if found.held else "not held today", it=found)
