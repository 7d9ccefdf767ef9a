"""A panel's meeting about a round: its agenda, who is there, whether it is quorate now and for each item, and its minutes.

*Guarantee.* A meeting is quorate while as many members are there as the terms of reference ask for, and, where they ask
for a majority of residents, more than half of those there are residents. For an item, members who declared an interest in it
count for neither.

    there: Bea, Owen, Nasreen, Pat (all residents); quorum 3; Bea and Owen are interested in the warm room
    the meeting: 4 of 3, quorate; the warm room: 2 of 3, not quorate; benches: 4 of 3, quorate
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select

from ledger.database import Instant
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError, NotFound
from ledger.kinds.authority import holds
from ledger.kinds.devolving import Terms, terms_of
from ledger.kinds.living import posts_at
from ledger.people import Role
from ledger.rounds.ballots import VOTING_ROLES, may_vote
from ledger.rounds.freezing import locked_round
from ledger.rounds.interests import interests_in
from ledger.rounds.proposals import Round, round_called
from ledger.rounds.shaping import Incomplete, NotYours
from ledger.unit_of_work import UnitOfWork


class Meeting(SQLModel, table=True):
    """A meeting of a round's panel. `ended` is when its minutes were published: from then on nothing of it changes."""

    ref: str = Field(primary_key=True, max_length=80)
    round: str = Field(foreign_key="round.ref", index=True)
    on: date
    agenda: str
    minutes: str = ""
    ended: datetime | None = Field(default=None, sa_type=Instant)


class Attendance(SQLModel, table=True):
    """A member at a meeting: since when, and until when if they left before its end."""

    meeting: str = Field(primary_key=True, foreign_key="meeting.ref", max_length=80)
    person: str = Field(primary_key=True, max_length=80)
    came: datetime = Field(sa_type=Instant)
    went: datetime | None = Field(default=None, sa_type=Instant)


class MeetingEnded(LedgerError):
    """This meeting ended and its minutes are published. Call another one; nothing was changed."""


class NotQuorate(LedgerError):
    """{there} are there who count, {residents} of them residents, and {rule}. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who counts now, and whether they are enough. `item` is a proposal's reference; none: the meeting as a whole."""

    item: str | None
    there: int
    residents: int
    needed: int
    majority: bool

    @property
    def met(self) -> bool:
        """Whether it can decide."""
        return self.there >= self.needed and (not self.majority or 2 * self.residents > self.there)

    @property
    def rule(self) -> str:
        """What is asked for, in words."""
        return f"{self.needed} are needed" + (", more than half of them residents" if self.majority else "")


def count_quorum(there: set[str], residents: set[str], recused: set[str], terms: Terms, item: str | None = None) -> Quorum:
    """The quorum of those who are there and have no interest in the item. Pure."""
    counting = there - recused
    return Quorum(item, len(counting), len(counting & residents), terms.quorum, terms.resident_majority)


def call_meeting(unit: UnitOfWork, *, round_ref: str, on: date, agenda: str, by: str) -> Meeting:
    """Call a meeting, with its agenda; one a day, so that sent twice it is one. Raises NotYours, Incomplete."""
    session = unit.session
    row = locked_round(session, round_ref)
    _must_chair(unit, row, by)
    if not agenda.strip():
        raise Incomplete(problem="Write the agenda.")
    found = session.get(Meeting, f"{round_ref}-{on}") or Meeting(ref=f"{round_ref}-{on}", round=round_ref, on=on, agenda="")
    if found.ended is not None:
        raise MeetingEnded
    found.agenda = agenda.strip()
    session.add(found)
    session.flush()
    return found


def come(unit: UnitOfWork, *, meeting: str, person: str, by: str) -> None:
    """Note that a member is there; the chair notes it, or they themselves. Raises NotYours, MeetingEnded."""
    row = _going_on(unit, meeting)
    _member(unit, row, person)
    if by != person:
        _must_chair(unit, row, by)
    found = unit.session.get(Attendance, (meeting, person)) or Attendance(meeting=meeting, person=person, came=unit.now())
    found.went = None
    unit.session.add(found)
    unit.session.flush()


def leave(unit: UnitOfWork, *, meeting: str, person: str, by: str) -> None:
    """Note that a member left: they count no more. Raises as `come`."""
    row = _going_on(unit, meeting)
    if by != person:
        _must_chair(unit, row, by)
    found = unit.session.get(Attendance, (meeting, person))
    if found is not None and found.went is None:
        found.went = unit.now()
        unit.session.add(found)
        unit.session.flush()


def end_meeting(unit: UnitOfWork, *, meeting: str, minutes: str, by: str) -> Meeting:
    """Publish the minutes, while the meeting is quorate; from then on it stays as it is.

    Raises NotYours, MeetingEnded, Incomplete, NotQuorate.
    """
    row = _going_on(unit, meeting)
    _must_chair(unit, row, by)
    if not minutes.strip():
        raise Incomplete(problem="Write the minutes.")
    whole = quorums(unit.session, meeting, items=(), on=unit.today())[0]
    if not whole.met:
        raise NotQuorate(there=whole.there, residents=whole.residents, rule=whole.rule)
    found = unit.session.get_one(Meeting, meeting)
    found.minutes, found.ended = minutes.strip(), unit.now()
    unit.session.add(found)
    unit.session.flush()
    return found


def quorums(session: Session, meeting: str, *, items: tuple[str, ...], on: date) -> tuple[Quorum, ...]:
    """The quorum of the meeting as a whole, then of each item, as it is now. Raises NotFound."""
    row = round_called(session, meeting_called(session, meeting).round)
    opened, book = entry_at(session, row.entry), DatabaseBook(session)
    _, terms = terms_of(opened, book)
    here = col(Attendance.meeting) == meeting, col(Attendance.went).is_(None)
    there = set(session.exec(select(Attendance.person).where(*here)))
    residents = set(posts_at(book, authority=opened.authority, place=row.partnership, on=on).residents)
    recused: dict[str, set[str]] = {}
    for interest in interests_in(session, row.ref):
        recused.setdefault(interest.proposal, set()).add(interest.person)
    each = (count_quorum(there, residents, recused.get(item, set()), terms, item) for item in items)
    return (count_quorum(there, residents, set(), terms), *each)


def meeting_called(session: Session, ref: str) -> Meeting:
    """The meeting called `ref`. Raises NotFound."""
    found = session.get(Meeting, ref)
    if found is None:
        raise NotFound(what="meeting", name=ref)
    return found


def meetings_of(session: Session, round_ref: str) -> list[Meeting]:
    """The meetings about a round, the first one first."""
    return list(session.exec(select(Meeting).where(col(Meeting.round) == round_ref).order_by(col(Meeting.on))))


def attending(session: Session, meeting: str) -> list[Attendance]:
    """Who came, in the order in which they did."""
    query = select(Attendance).where(col(Attendance.meeting) == meeting)
    return list(session.exec(query.order_by(col(Attendance.came), col(Attendance.person))))


def _going_on(unit: UnitOfWork, meeting: str) -> Round:
    found = meeting_called(unit.session, meeting)
    row = locked_round(unit.session, found.round)
    unit.session.refresh(found)
    if found.ended is not None:
        raise MeetingEnded
    return row


def _member(unit: UnitOfWork, row: Round, who: str) -> None:
    opened, book = entry_at(unit.session, row.entry), DatabaseBook(unit.session)
    if not may_vote(book, voter=who, authority=opened.authority, place=row.partnership, unit=unit):
        raise NotYours(who=f"a {' or '.join(VOTING_ROLES)} of this partnership")


def _must_chair(unit: UnitOfWork, row: Round, who: str) -> None:
    authority, book = entry_at(unit.session, row.entry).authority, DatabaseBook(unit.session)
    if not holds(book, person=who, role=Role.CHAIR, authority=authority, place=row.partnership, on=unit.today()):
        raise NotYours(who="the chair")
