"""What routes are about, loaded from their addresses: each with its authority, its place and its state."""

from dataclasses import dataclass

from app.acting import somebody, today
from app.permissions import HELD, PERMISSIONS, WAITING, Thing, authorities_for
from app.store import reading
from ledger.credentials.invitations import Invitation
from ledger.erasing import authorities_of
from ledger.errors import NotFound
from ledger.holdings import Holding, holding_at
from ledger.people import person
from ledger.places import Partnership, partnership
from ledger.risk_register import RiskView, risk_view
from ledger.rounds.reading import RoundView, round_view
from ledger.subject_requests import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of the registrar; no row where it was answered or taken back."""

    row: Request | None


def the_round(ref: str) -> Thing:
    """The round called `ref`. Raises NotFound."""
    return of_round(round_view(reading(), ref, today=today()))


def the_invitation(ref: str) -> Thing:
    """The invitation called `ref`. Raises NotFound."""
    found = reading().get(Invitation, ref)
    if found is None:
        raise NotFound(what="invitation", name=ref)
    return Thing(authority=found.authority, it=found)


def the_risk(ref: str) -> Thing:
    """The agreement to share a risk that is called `ref`. Raises NotFound."""
    return of_risk(risk_view(reading(), ref, today=today()))


def of_risk(view: RiskView) -> Thing:
    """An agreement that is read already."""
    return Thing(authority=view.entry.authority, place=view.entry.place, state=view.stage, it=view)


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
    return Thing(authority=found.authority, place=found.place, state=HELD if found.held else "not held today", it=found)


def the_request(ref: str, what: str) -> Thing:
    """What this person asks for, as one of the authorities that may answer it. Raises NotFound."""
    person(reading(), ref)
    row = reading().get(Request, (ref, what))
    asked = Asked(row if row is not None and row.declined is None else None)
    may_answer = authorities_of(reading(), ref)
    own = authorities_for(PERMISSIONS["answer what people ask about their data"], somebody())
    return Thing(
        authority=next((slug for slug in own if slug in may_answer), min(may_answer)),
        state=WAITING if asked.row else "answered",
        it=asked,
    )
