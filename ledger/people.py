"""People as the ledger knows them: an opaque reference and the roles they hold somewhere, for a time.

The name stands in an ordinary table beside the log, where it can be corrected and erased; the log holds the reference only.
"""

import secrets
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from ledger.errors import NotFound


class Role(StrEnum):
    """What someone may be at a place. A role's title is configuration; these are its meanings."""

    RESIDENT = "resident"
    PANEL_MEMBER = "panel member"
    CHAIR = "chair"
    CONNECTOR = "community connector"
    PROJECT_LEAD = "project lead"
    PARTNER_ORGANISATION = "partner organisation"
    FINANCE_OFFICER = "finance officer"
    CHIEF_FINANCE_OFFICER = "chief finance officer"
    AUTHORITY_LEADER = "authority leader"
    ACCOUNTABILITY_PARTNER = "accountability partner"
    REGISTRAR = "registrar"
    ADMINISTRATOR = "administrator"


class Person(SQLModel, table=True):
    """Who stands behind an opaque reference; `story` is one line for the demonstration's picker."""

    ref: str = Field(primary_key=True)
    name: str
    story: str = ""
    invented: bool = False  # a character of the demonstration: only these can be picked to sign in

    __table_args__ = (CheckConstraint("length(name) > 0", name="person_has_a_name"),)


def new_reference() -> str:
    """An opaque reference that says nothing about the person: “p-” and 80 random bits."""
    return "p-" + secrets.token_hex(10)


def add_person(session: Session, *, name: str, story: str = "", invented: bool = False, ref: str = "") -> Person:
    """Keep a person's name beside the log, under an opaque reference (a new one unless given)."""
    person = Person(ref=ref or new_reference(), name=name, story=story, invented=invented)
    session.add(person)
    session.flush()
    return person


def person(session: Session, ref: str) -> Person:
    """The person behind `ref`. Raises NotFound."""
    found = session.get(Person, ref)
    if found is None:
        raise NotFound(what="person", name=ref)
    return found


def names(session: Session, refs: set[str]) -> dict[str, str]:
    """Names by reference; a reference whose person was erased reads “someone whose name was erased”."""
    known = {row.ref: row.name for row in session.exec(select(Person).where(col(Person.ref).in_(refs)))}
    return {ref: known.get(ref, "someone whose name was erased") for ref in refs}


def invented_people(session: Session) -> list[Person]:
    """The demonstration's characters, by name."""
    return list(session.exec(select(Person).where(col(Person.invented)).order_by(col(Person.name))))
