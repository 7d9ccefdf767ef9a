"""What routes are about, loaded from their addresses: each with its authority, its place and its state."""

from dataclasses import dataclass

from app.acting import somebody, today
from app.permissions import CALLED, ENDED, HELD, PERMISSIONS, WAITING, Thing, authorities_for
from app.store import reading
from ledger.credentials.invitations import Invitation
from ledger.erasing import authorities_of
from ledger.errors import NotFound
from ledger.holdings import Holding, holding_at
from ledger.people import person
from ledger.places import Partnership, partnership
from ledger.prototypes import Line, line_at
from ledger.risk_register import RiskView, risk_view
from ledger.rounds.idea_reading import idea_view
from ledger.rounds.ideas import Idea
from ledger.rounds.meetings import meeting_called
from ledger.rounds.proposals import Proposal
from ledger.rounds.reading import RoundView, round_view
from ledger.signatures import signed_by_others
from ledger.subject_requests import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of the registrar; no row where it was answered or taken back."""

    row: Request | None


def the_round(ref: str) -> Thing:
    """The round called `ref`. Raises NotFound."""
    return of_round(round_view(reading(), ref, today=today()))


def the_idea(ref: str) -> Thing:
    """The idea called `ref`, standing as its round does; a draft is nobody's but its authors'. Raises NotFound."""
    view = idea_view(reading(), ref, today=today())
    if view.idea.shared is None:
        raise NotFound(what="idea", name=ref)
    return Thing(authority=view.authority, place=view.place.slug, state=view.stage, it=view)


@dataclass(frozen=True, slots=True)
class Item:
    """An idea or a proposal, as far as an interest in it goes."""

    ref: str
    title: str
    round: str


def the_item(ref: str) -> Thing:
    """The proposal called `ref`, or the shared idea; it stands as its round does. Raises NotFound."""
    found: Proposal | Idea | None = reading().get(Proposal, ref)
    if found is None:
        idea = reading().get(Idea, ref)
        found = idea if idea is not None and idea.shared is not None else None
    if found is None:
        raise NotFound(what="proposal", name=ref)
    thing = the_round(found.round)
    return Thing(authority=thing.authority, place=thing.place, state=thing.state, it=Item(ref, found.title, found.round))


def the_meeting(ref: str) -> Thing:
    """The meeting called `ref`, of its round's place. Raises NotFound."""
    meeting = meeting_called(reading(), ref)
    thing = the_round(meeting.round)
    return Thing(authority=thing.authority, place=thing.place, state=ENDED if meeting.ended else CALLED, it=meeting)


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


def the_instrument(index: int) -> Thing:
    """The instrument or the terms of reference in entry `index` that others sign too. Raises NotFound."""
    entry = signed_by_others(reading(), index)
    return Thing(authority=entry.authority, place=entry.place, it=entry)


def the_place(slug: str) -> Thing:
    """The partnership called `slug`. Raises NotFound."""
    return of_place(partnership(reading(), slug))


def of_place(place: Partnership) -> Thing:
    """A partnership that is read already."""
    return Thing(authority=place.authority, place=place.slug, it=place)


def of_round(view: RoundView) -> Thing:
    """A round that is read already."""
    return Thing(authority=view.place.authority, place=view.place.slug, state=view.stage, it=view)


def the_prototype(index: int) -> Thing:
    """The prototype that entry `index` started. Raises NotFound."""
    return of_prototype(line_at(reading(), index, on=today()))


def of_prototype(line: Line) -> Thing:
    """A prototype that is read already."""
    return Thing(authority=line.entry.authority, place=line.entry.place, state=line.standing, it=line)


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
