"""Work accounts: somebody whom an authority's own sign-in knows, by its address and the name it gives them for good.

They are never found by an email address that another site claims for them: the two are tied when an invitation is accepted.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from ledger.database import Instant
from ledger.errors import LedgerError
from ledger.unit_of_work import UnitOfWork


class Identity(SQLModel, table=True):
    """One work account: the issuer's address, its name for the person, and who that is here."""

    issuer: str = Field(primary_key=True, max_length=300)
    subject: str = Field(primary_key=True, max_length=255)
    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)
    since: datetime = Field(sa_type=Instant)


class AccountTaken(LedgerError):
    """This work account belongs to somebody else here already. Nothing was changed."""


def tie(unit: UnitOfWork, *, issuer: str, subject: str, person: str) -> None:
    """This work account is this person's. Raises AccountTaken."""
    there = unit.session.get(Identity, (issuer, subject))
    if there is not None and there.person != person:
        raise AccountTaken
    if there is None:
        unit.session.add(Identity(issuer=issuer, subject=subject, person=person, since=unit.now()))
        unit.session.flush()


def person_with(session: Session, *, issuer: str, subject: str) -> str | None:
    """Whose work account this is."""
    found = session.get(Identity, (issuer, subject))
    return found.person if found is not None else None


def identities_of(session: Session, person: str) -> list[Identity]:
    """The work accounts of a person."""
    return list(session.exec(select(Identity).where(Identity.person == person).order_by(col(Identity.issuer))))
