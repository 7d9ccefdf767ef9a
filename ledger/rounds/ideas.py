"""An idea's own tables: its words as they are and as they were, who is credited, who seconds it, what was asked.

An idea stands beside the log. When the rules of its round are frozen it becomes a proposal under the same reference; what it
asks for is in the log from then on.
"""

import hashlib
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, LargeBinary, UniqueConstraint
from sqlmodel import BigInteger, Field, Session, SQLModel, col, func, or_, select

from ledger.database import Instant
from ledger.errors import LedgerError, NotFound

SIDE = 1_000  # the map of a neighbourhood is a square of so many steps, from its south-west corner
ANSWER_WITHIN = 10  # days in which an officer comments on an idea that was shared


# What an idea can be about, by the name that limits of a round's rules go by.
THEMES = {
    "parks": "Parks and streets",
    "youth": "Children and young people",
    "care": "Health and care",
    "meeting": "Arts and meeting places",
    "climate": "Climate and energy",
    "work": "Work and skills",
}


class State(StrEnum):
    """How an idea stands."""

    DRAFT = "a draft"
    SHARED = "shared"
    MERGED = "merged into another"
    WITHDRAWN = "withdrawn"
    STANDING = "on the ballot"


class Step(StrEnum):
    """What can be done to an idea as a whole."""

    SHARE = "shared"
    MERGE = "merged"
    WITHDRAW = "withdrawn"
    STAND = "put on the ballot"


class Credit(StrEnum):
    """How somebody has a part in an idea."""

    AUTHOR = "author"
    WRITER = "wrote it down"  # for a resident who asked for it
    CO_AUTHOR = "co-author"
    MERGED = "author of an idea that was merged into it"


class NotInThisState(LedgerError):
    """This idea is {state}, so it cannot be {step}. Nothing was changed."""


def after(state: State, step: Step) -> State:
    """The state of an idea after a step. Raises NotInThisState."""
    match (state, step):
        case (State.DRAFT, Step.SHARE):
            return State.SHARED
        case (State.SHARED, Step.MERGE):
            return State.MERGED
        case (State.DRAFT | State.SHARED, Step.WITHDRAW):
            return State.WITHDRAWN
        case (State.SHARED, Step.STAND):
            return State.STANDING
        case _:
            raise NotInThisState(state=state.value, step=step.value)


class Idea(SQLModel, table=True):
    """One idea of a round, as it reads now. `written_for` is the resident whose idea a connector wrote down."""

    ref: str = Field(primary_key=True, max_length=80)
    round: str = Field(foreign_key="round.ref", index=True)
    number: int
    state: str = Field(default=State.DRAFT.value, max_length=20)
    title: str = Field(max_length=100)
    summary: str
    theme: str | None = Field(default=None, max_length=80)
    district: str | None = Field(default=None, max_length=80)
    cost: int = Field(sa_type=BigInteger, description="minor units of the authority's currency")
    minutes: int = Field(default=0, sa_type=BigInteger)
    east: int | None = Field(default=None, description="steps from the west edge of the neighbourhood's map")
    north: int | None = Field(default=None, description="steps from its south edge")
    written_for: str = Field(default="", max_length=80)
    consent: str = Field(default="", description="how the resident agreed to have it written and shared")
    reason: str = Field(default="", description="why it was withdrawn")
    merged_into: str | None = Field(default=None, foreign_key="idea.ref")
    feasibility: str = ""
    finance: str = ""
    officer: str = Field(default="", max_length=80)
    made: datetime = Field(sa_type=Instant)
    shared: datetime | None = Field(default=None, sa_type=Instant)
    commented: datetime | None = Field(default=None, sa_type=Instant)
    idempotency_key: str = Field(unique=True, max_length=120)

    __table_args__ = (
        UniqueConstraint("round", "number", name="idea_numbered_once"),
        CheckConstraint("cost >= 0 AND minutes >= 0", name="idea_asks_for_nothing_negative"),
        CheckConstraint("(east IS NULL) = (north IS NULL)", name="idea_is_somewhere_or_nowhere"),
        CheckConstraint("written_for = '' OR consent <> ''", name="idea_for_somebody_has_their_consent"),
    )


class Revision(SQLModel, table=True):
    """An idea as it read once: what stood there, who wrote it so, and when. The first is the draft."""

    idea: str = Field(primary_key=True, foreign_key="idea.ref", max_length=80)
    number: int = Field(primary_key=True)
    person: str = Field(max_length=80)
    at: datetime = Field(sa_type=Instant)
    title: str = Field(max_length=100)
    summary: str
    theme: str | None = Field(default=None, max_length=80)
    district: str | None = Field(default=None, max_length=80)
    cost: int = Field(sa_type=BigInteger)
    minutes: int = Field(sa_type=BigInteger)
    east: int | None = None
    north: int | None = None


class Author(SQLModel, table=True):
    """Somebody who has a part in an idea. `named` says whether they want their name on its page."""

    idea: str = Field(primary_key=True, foreign_key="idea.ref", max_length=80)
    person: str = Field(primary_key=True, max_length=80)
    credit: str = Field(max_length=50)
    named: bool = False


class Backing(SQLModel, table=True):
    """Somebody seconds an idea: once, however often they send it."""

    idea: str = Field(primary_key=True, foreign_key="idea.ref", max_length=80)
    person: str = Field(primary_key=True, max_length=80)
    at: datetime = Field(sa_type=Instant)


class Question(SQLModel, table=True):
    """A question that stays with its idea, with its answer once there is one."""

    ref: str = Field(primary_key=True, max_length=80)
    idea: str = Field(foreign_key="idea.ref", index=True, max_length=80)
    asker: str = Field(max_length=80)
    at: datetime = Field(sa_type=Instant)
    asked: str
    answer: str = ""
    answerer: str = Field(default="", max_length=80)
    answered: datetime | None = Field(default=None, sa_type=Instant)


class Photo(SQLModel, table=True):
    """A picture of an idea, drawn anew; `words` say what it shows, for who cannot see it."""

    idea: str = Field(primary_key=True, foreign_key="idea.ref", max_length=80)
    name: str = Field(primary_key=True, max_length=16)
    jpeg: bytes = Field(sa_type=LargeBinary)
    width: int
    height: int
    words: str = Field(max_length=300)

    __table_args__ = (CheckConstraint("width > 0 AND height > 0 AND length(words) > 0", name="photo_is_described"),)

    @classmethod
    def drawn(cls, idea: str, jpeg: bytes, size: tuple[int, int], words: str) -> "Photo":
        """A picture under a name made of what is in it: the same one is the same name."""
        name = hashlib.sha256(jpeg).hexdigest()[:16]
        return cls(idea=idea, name=name, jpeg=jpeg, width=size[0], height=size[1], words=words)


TABLES = (Idea, Revision, Author, Backing, Question, Photo)


def idea_called(session: Session, ref: str) -> Idea:
    """The idea called `ref`. Raises NotFound."""
    found = session.get(Idea, ref)
    if found is None:
        raise NotFound(what="idea", name=ref)
    return found


def shared_ideas(session: Session, round_ref: str) -> list[Idea]:
    """The ideas of a round that everybody sees, in the order in which they came; merged and withdrawn ones last."""
    query = select(Idea).where(col(Idea.round) == round_ref, col(Idea.shared).is_not(None)).order_by(col(Idea.number))
    return sorted(session.exec(query), key=lambda idea: idea.state in {State.MERGED, State.WITHDRAWN})


def ideas_by(session: Session, person: str) -> list[Idea]:
    """The ideas in which the person has a part, the newest first."""
    mine = select(Author.idea).where(col(Author.person) == person)
    return list(session.exec(select(Idea).where(col(Idea.ref).in_(mine)).order_by(col(Idea.made).desc(), col(Idea.ref))))


def authors_of(session: Session, idea: str) -> list[Author]:
    """Who has a part in the idea: its author, who wrote it down, co-authors, authors of what was merged into it."""
    order = {credit.value: number for number, credit in enumerate(Credit)}
    rows = session.exec(select(Author).where(col(Author.idea) == idea)).all()
    return sorted(rows, key=lambda row: (order[row.credit], row.person))


def seconded(session: Session, ideas: list[str]) -> dict[str, int]:
    """How many second each of the ideas."""
    query = select(Backing.idea, func.count()).where(col(Backing.idea).in_(ideas)).group_by(col(Backing.idea))
    return dict.fromkeys(ideas, 0) | dict(session.exec(query).all())


def questions_of(session: Session, idea: str) -> list[Question]:
    """What was asked about an idea, and about those merged into it, in the order in which it was asked."""
    merged = select(Idea.ref).where(col(Idea.merged_into) == idea)
    query = select(Question).where(or_(col(Question.idea) == idea, col(Question.idea).in_(merged)))
    return list(session.exec(query.order_by(col(Question.at), col(Question.ref))))


def photos_of(session: Session, idea: str) -> list[Photo]:
    """The pictures of an idea."""
    return list(session.exec(select(Photo).where(col(Photo.idea) == idea).order_by(col(Photo.name))))


def waited(idea: Idea, today: date) -> int | None:
    """For how many days the idea has waited for its officer's comment, or did wait; none while it is a draft."""
    if idea.shared is None:
        return None
    until = idea.commented.date() if idea.commented is not None else today
    return (until - idea.shared.date()).days


_TOLD = {
    "title": "the title", "summary": "the words", "theme": "the theme", "district": "the district", "cost": "the cost",
    "minutes": "the staff time", "east": "the place", "north": "the place",
}  # fmt: skip


def changed(before: Revision | None, revision: Revision) -> tuple[str, ...]:
    """What a revision changed, in words; nothing of the first."""
    if before is None:
        return ()
    told = [words for name, words in _TOLD.items() if getattr(before, name) != getattr(revision, name)]
    return tuple(dict.fromkeys(told))


def revisions_of(session: Session, idea: str) -> list[tuple[Revision, tuple[str, ...]]]:
    """Every revision of an idea with what it changed, the first one first."""
    rows = session.exec(select(Revision).where(col(Revision.idea) == idea).order_by(col(Revision.number))).all()
    return [(row, changed(rows[at - 1] if at else None, row)) for at, row in enumerate(rows)]
