"""What routes are about, loaded from their addresses: each with its authority, its place and its state."""

from app.acting import today
from app.permissions import Thing
from app.store import reading
from ledger.credentials.invitations import Invitation
from ledger.errors import NotFound
from ledger.holdings import Holding, holding_at
from ledger.places import Partnership, partnership
from ledger.rounds.reading import RoundView, round_view


def the_round(ref: str) -> Thing:
    """The round called `ref`. Raises NotFound."""
    return of_round(round_view(reading(), ref, today=today()))


def the_invitation(ref: str) -> Thing:
    """The invitation called `ref`. Raises NotFound."""
    found = reading().get(Invitation, ref)
    if found is None:
        raise NotFound(what="invitation", name=ref)
    return Thing(authority=found.authority, it=found)


def the_place(slug: str) -> Thing:
    """The partnership called `slug`. Raises NotFound."""
    return of_place(partnership(reading(), slug))


def of_place(place: Partnership) -> Thing:
    """A partnership that is read already."""
    return Thing(authority=place.authority, place=place.slug, it=place)


def of_round(view: RoundView) -> Thing:
    """A round that is read already."""
    return Thing(authority=view.place.authority, place=view.place.slug, state=view.stage, it=view)


def the_holding(index: int) -> Thing:
    """The role that entry `index` gave to somebody. Raises NotFound."""
    found: Holding = holding_at(reading(), index, on=today())
    return Thing(authority=found.authority, place=found.place, it=found)
