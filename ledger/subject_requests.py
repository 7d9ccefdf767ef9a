"""What people ask of the registrar about their own data: to have their name corrected, or to be erased.

Nobody acts in a registrar's name: the request waits until one has answered it. It stands beside the log, belongs to one person,
and goes with them.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, delete
from sqlmodel import Field, Session, SQLModel, col, select

from ledger.database import Instant
from ledger.people import LONGEST_NAME, correct_name, person, read_name
from ledger.unit_of_work import UnitOfWork

ANSWER_WITHIN = timedelta(days=30)  # data protection law gives one month


class What(StrEnum):
    """What can be asked for."""

    NAME = "name"
    ERASURE = "erasure"


class Declined(StrEnum):
    """Why a registrar did not do it: a closed list, so that no answer can itself say something about a person."""

    IN_OFFICE = "in_office"
    KEPT_BY_LAW = "kept_by_law"
    NOT_SHOWN = "not_shown"

    @property
    def because(self) -> str:
        """The reason in a sentence: “because you hold a role”."""
        return _BECAUSE[self]


_BECAUSE = {
    Declined.IN_OFFICE: "because you hold a role, and whoever acts in public is named while they do",
    Declined.KEPT_BY_LAW: "because the law requires it to be kept",
    Declined.NOT_SHOWN: "because it was not shown that this is so",
}


class Request(SQLModel, table=True):
    """Somebody asks for one thing. `name` is the name that they ask for; `declined` says why it was not done."""

    person: str = Field(primary_key=True, foreign_key="person.ref", ondelete="CASCADE")
    what: str = Field(primary_key=True, max_length=8)
    name: str = Field(default="", max_length=LONGEST_NAME)
    made: datetime = Field(sa_type=Instant)
    declined: str | None = Field(default=None, max_length=12)

    __table_args__ = (
        CheckConstraint("(what = 'name' AND name <> '') OR (what = 'erasure' AND name = '')", name="request_is_whole"),
    )

    @property
    def answer_by(self) -> datetime:
        """The last moment at which it should be answered."""
        return self.made + ANSWER_WITHIN


def ask(unit: UnitOfWork, *, by: str, what: What, name: str = "") -> Request:
    """Ask, or ask again after an answer; what waits already keeps its day. Raises NoName, NotFound."""
    session = unit.session
    person(session, by)
    wanted = read_name(name) if what is What.NAME else ""
    found = session.get(Request, (by, what.value))
    if found is None:
        found = Request(person=by, what=what.value, name=wanted, made=unit.now())
    elif found.declined is not None:
        found.made, found.declined = unit.now(), None
    found.name = wanted
    session.add(found)
    session.flush()
    return found


def take_back(unit: UnitOfWork, *, by: str, what: What) -> None:
    """Nothing is asked for any more. It is safe to repeat."""
    unit.session.execute(delete(Request).where(col(Request.person) == by, col(Request.what) == what.value))


def decline(unit: UnitOfWork, *, by: str, what: What, why: Declined) -> None:
    """Answer that it is not done, and why; the person reads it. Does nothing where it was taken back."""
    found = unit.session.get(Request, (by, what.value))
    if found is not None:
        found.declined = why.value
        unit.session.add(found)
        unit.session.flush()


def grant_name(unit: UnitOfWork, *, by: str, name: str) -> None:
    """Correct the name to the one that the registrar has read, and that is still asked for; otherwise nothing happens."""
    found = unit.session.get(Request, (by, What.NAME.value))
    if found is not None and found.name == name:
        correct_name(unit.session, by, name)
        take_back(unit, by=by, what=What.NAME)


def requests_by(session: Session, ref: str) -> list[Request]:
    """What the person asks for, and what was declined."""
    return list(session.exec(select(Request).where(Request.person == ref).order_by(col(Request.what))))


def waiting(session: Session) -> list[Request]:
    """Every request that nobody has answered, the oldest first."""
    unanswered = select(Request).where(col(Request.declined).is_(None))
    return list(session.exec(unanswered.order_by(col(Request.made), col(Request.person), col(Request.what))))


def forget_requests(session: Session, ref: str) -> None:
    """The person asks for nothing any more. It is safe to repeat."""
    session.execute(delete(Request).where(col(Request.person) == ref).execution_options(synchronize_session=False))
