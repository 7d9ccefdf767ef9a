"""Sessions, kept on the server: who is signed in, in which browser, until when. A browser carries the token only.

A session ends after a time without a form being sent, after a time whatever happens, when its row goes, and when the person is
erased or may no longer sign in. Only sending a form counts as using it: reading changes nothing, so it cannot be noted.
No address of the network is kept; `device` says as much as “Firefox on Windows”.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from ledger.credentials.tokens import DIGEST, Purpose, digest_of, new_token
from ledger.database import Instant, system_clock
from ledger.errors import LedgerError
from ledger.people import person as person_behind
from ledger.unit_of_work import UnitOfWork

_NOTED_EVERY = timedelta(minutes=5)  # a form that follows sooner is not worth a write
_LONGEST_DEVICE = 60


class Way(StrEnum):
    """How somebody signed in."""

    DEMONSTRATION = "picked in the demonstration"
    LINK = "email link"
    LINK_AND_CODE = "email link and a code"
    LINK_AND_RECOVERY = "email link and a recovery code"
    PASSKEY = "passkey"
    WORK_ACCOUNT = "work account"

    @property
    def strong(self) -> bool:
        """Whether it takes more than reading somebody's mail."""
        return self is not Way.LINK


class Visit(SQLModel, table=True):
    """One session. `digest` is of the token that the browser carries."""

    digest: str = Field(primary_key=True, max_length=DIGEST)
    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)
    way: str = Field(max_length=40)
    device: str = Field(max_length=_LONGEST_DEVICE)
    made: datetime = Field(sa_type=Instant)
    seen: datetime = Field(sa_type=Instant)
    ends: datetime = Field(sa_type=Instant)


class Barred(SQLModel, table=True):
    """Somebody who may not sign in any more, since when."""

    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", primary_key=True)
    since: datetime = Field(sa_type=Instant)


class NotLetIn(LedgerError):
    """This person cannot sign in here any more. Ask the registrar of your authority; nothing was changed."""


def begin_visit(
    unit: UnitOfWork, *, person: str, way: Way, device: str, lasts: timedelta, instead_of: str | None = None
) -> str:
    """Begin a session and return its token. The session that the browser had before (`instead_of`, its token) ends.

    Raises NotFound, NotLetIn.
    """
    session = unit.session
    require_may_sign_in(session, person)
    token, now = new_token(), unit.now()
    session.execute(delete(Visit).where(col(Visit.ends) <= now))
    if instead_of is not None:
        session.execute(delete(Visit).where(col(Visit.digest) == digest_of(Purpose.SESSION, instead_of)))
    session.add(
        Visit(
            digest=digest_of(Purpose.SESSION, token),
            person=person,
            way=way.value,
            device=device[:_LONGEST_DEVICE],
            made=now,
            seen=now,
            ends=now + lasts,
        )
    )
    session.flush()
    return token


def visit_of(session: Session, token: str, *, idle: timedelta, now: datetime | None = None) -> Visit | None:
    """The session that this token opens now; none when it ended, was left alone for longer than `idle`, or never was."""
    found = session.get(Visit, digest_of(Purpose.SESSION, token))
    now = now or system_clock()
    if found is None or found.ends <= now or found.seen + idle <= now or not may_sign_in(session, found.person):
        return None
    return found


def visits_of(session: Session, person: str, *, idle: timedelta, now: datetime | None = None) -> list[Visit]:
    """The sessions that a person has open, the newest first."""
    now = now or system_clock()
    rows = session.exec(select(Visit).where(Visit.person == person).order_by(col(Visit.made).desc(), col(Visit.digest)))
    return [row for row in rows if row.ends > now and row.seen + idle > now]


def is_worth_noting(seen: datetime, now: datetime | None = None) -> bool:
    """Whether a form that is sent now should be noted as use of a session that was last used at `seen`."""
    return seen + _NOTED_EVERY <= (now or system_clock())


def note_use(unit: UnitOfWork, digest: str) -> None:
    """The session was used: a form was sent."""
    unit.session.execute(update(Visit).where(col(Visit.digest) == digest).values(seen=unit.now()))


def end_visit(unit: UnitOfWork, *, token: str) -> None:
    """Sign out: every copy of this token opens nothing from now on."""
    unit.session.execute(delete(Visit).where(col(Visit.digest) == digest_of(Purpose.SESSION, token)))


def end_one(unit: UnitOfWork, *, person: str, digest: str) -> None:
    """End one session of the person; another person's stays."""
    unit.session.execute(delete(Visit).where(col(Visit.person) == person, col(Visit.digest) == digest))


def end_others(unit: UnitOfWork, *, person: str, but: str | None = None) -> None:
    """End all sessions of the person, save the one with the digest `but`."""
    unit.session.execute(delete(Visit).where(col(Visit.person) == person, col(Visit.digest) != (but or "")))


def bar(unit: UnitOfWork, *, person: str) -> None:
    """Let the person sign in no more, and end what they have open. Their roles stay as the log says. Raises NotFound."""
    person_behind(unit.session, person)
    if unit.session.get(Barred, person) is None:
        unit.session.add(Barred(person=person, since=unit.now()))
    end_others(unit, person=person)


def unbar(unit: UnitOfWork, *, person: str) -> None:
    """Let the person sign in again. Raises NotFound."""
    person_behind(unit.session, person)
    unit.session.execute(delete(Barred).where(col(Barred.person) == person))


def may_sign_in(session: Session, person: str) -> bool:
    """Whether this is somebody who is known by name and not barred."""
    return person_behind(session, person).name is not None and session.get(Barred, person) is None


def require_may_sign_in(session: Session, person: str) -> None:
    """Raises NotFound, NotLetIn."""
    if not may_sign_in(session, person):
        raise NotLetIn
