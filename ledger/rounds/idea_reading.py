"""An idea as people read it: its words, its part in the round, who is named, what was asked, how it read before."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from ledger.entries import DatabaseBook, entry_at
from ledger.kinds.authority import Change, RoleChange, holds
from ledger.people import Person
from ledger.people import names as names_of_people
from ledger.places import Partnership, partnership
from ledger.powers import founding_payload
from ledger.records import Kind
from ledger.roles import Role
from ledger.rounds.ideas import (
    ANSWER_WITHIN,
    THEMES,
    Idea,
    Photo,
    Question,
    Revision,
    State,
    authors_of,
    idea_called,
    photos_of,
    questions_of,
    revisions_of,
    seconded,
    shared_ideas,
    waited,
)
from ledger.rounds.proposals import Round, round_called
from ledger.rounds.reading import stage_now
from ledger.rounds.stages import Stage

_NOT_NAMED = {"author": "A resident", "wrote it down": "The community connector"}


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody's part in an idea: `name` is theirs only where they said so."""

    person: str
    name: str
    credit: str
    named: bool


@dataclass(frozen=True, slots=True)
class IdeaLine:
    """An idea in the list of its round."""

    idea: Idea
    seconded: int
    waited: int | None
    late: bool


@dataclass(frozen=True, slots=True)
class IdeaView:
    """Everything the page of an idea shows."""

    idea: Idea
    row: Round
    place: Partnership
    authority: str
    currency: str
    stage: Stage
    theme: str | None
    parts: tuple[Part, ...]
    line: IdeaLine
    questions: tuple[Question, ...]
    revisions: tuple[tuple[Revision, tuple[str, ...]], ...]
    photos: tuple[Photo, ...]

    def is_by(self, person: str) -> bool:
        """Whether the person has a part in it."""
        return any(part.person == person for part in self.parts)


def idea_view(session: Session, ref: str, *, today: date) -> IdeaView:
    """The idea called `ref` as it stands today. Raises NotFound."""
    idea = idea_called(session, ref)
    row = round_called(session, idea.round)
    authority = entry_at(session, row.entry).authority
    rows = authors_of(session, ref)
    names = names_of_people(session, {each.person for each in rows if each.named})
    return IdeaView(
        idea=idea,
        row=row,
        place=partnership(session, row.partnership),
        authority=authority,
        currency=founding_payload(session, authority).currency,
        stage=stage_now(session, row, today=today),
        theme=THEMES.get(idea.theme or "", idea.theme),
        parts=tuple(
            Part(each.person, names.get(each.person, _NOT_NAMED.get(each.credit, "A resident")), each.credit, each.named)
            for each in rows
        ),
        line=_line(idea, seconded(session, [ref])[ref], today),
        questions=tuple(questions_of(session, ref)),
        revisions=tuple(revisions_of(session, ref)),
        photos=tuple(photos_of(session, ref)),
    )


def idea_lines(session: Session, round_ref: str, *, today: date) -> tuple[IdeaLine, ...]:
    """The ideas of a round that everybody reads, as they came; merged and withdrawn ones last."""
    ideas = shared_ideas(session, round_ref)
    many = seconded(session, [idea.ref for idea in ideas])
    return tuple(_line(idea, many[idea.ref], today) for idea in ideas)


def waiting_ideas(session: Session, places: list[str], *, today: date) -> list[IdeaLine]:
    """The shared ideas of these places that wait for an officer's comment, the one that waits longest first."""
    rounds = select(Round.ref).where(col(Round.partnership).in_(places))
    waiting = col(Idea.state) == State.SHARED.value, col(Idea.commented).is_(None), col(Idea.round).in_(rounds)
    query = select(Idea).where(*waiting).order_by(col(Idea.shared), col(Idea.ref))
    return [_line(idea, 0, today) for idea in session.exec(query)]


def residents_at(session: Session, *, authority: str, place: str, on: date) -> list[Person]:
    """Who is a resident of the place that day, by name."""
    book = DatabaseBook(session)
    asked = {
        entry.payload.person
        for entry in book.where(Kind.ROLE, authority=authority, place=place)
        if isinstance(entry.payload, RoleChange)
        and entry.payload.role is Role.RESIDENT
        and entry.payload.change is Change.APPOINTED
    }
    held = [ref for ref in asked if holds(book, person=ref, role=Role.RESIDENT, authority=authority, place=place, on=on)]
    known = col(Person.ref).in_(held), col(Person.erasure).is_(None)
    return list(session.exec(select(Person).where(*known).order_by(col(Person.name), col(Person.ref))))


def _line(idea: Idea, many: int, today: date) -> IdeaLine:
    days = waited(idea, today)
    return IdeaLine(idea, many, days, late=days is not None and days > ANSWER_WITHIN)
