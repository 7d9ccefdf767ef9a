"""People as the ledger knows them: an opaque reference and the roles they hold somewhere, for a time.

The name stands in an ordinary table beside the log, where it can be corrected and erased; the log holds the reference only.
Once it is erased its row stays as a marker, with the index of the entry that says when and why.
"""

import secrets
import unicodedata

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel, col, select, update

from ledger.errors import LedgerError, NotFound
from ledger.roles import Role as Role  # noqa: PLC0414 - people and their roles are asked for together

ERASED = "someone whose name was erased"
UNKNOWN = "someone whose name is not kept here"
LONGEST_NAME = 100  # characters


class NoName(LedgerError):
    """Enter a name, in at most 100 characters. Nothing was changed and nothing was sent."""


class Person(SQLModel, table=True):
    """Who stands behind an opaque reference; `story` is one line for the demonstration's picker.

    `erasure` is the entry by which the name was erased: from then on there is neither name nor story.
    """

    ref: str = Field(primary_key=True)
    name: str | None
    story: str = ""
    invented: bool = False  # a character of the demonstration: only these can be picked to sign in
    erasure: int | None = Field(default=None, foreign_key="entry.index")

    __table_args__ = (
        CheckConstraint("length(name) > 0", name="person_has_a_name"),
        CheckConstraint(
            "(erasure IS NULL AND name IS NOT NULL) OR (erasure IS NOT NULL AND name IS NULL AND story = '')",
            name="person_is_named_or_erased",
        ),
    )


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
    """Names by reference, as far as people are known; who was erased reads “someone whose name was erased”."""
    return {row.ref: row.name or ERASED for row in session.exec(select(Person).where(col(Person.ref).in_(refs)))}


def read_name(typed: str) -> str:
    """A name in the one form in which it is kept: NFC, single spaces. Raises NoName."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NoName
    return name


def correct_name(session: Session, ref: str, name: str) -> None:
    """Put a mistake in a name right; the earlier one is not kept, and who was erased stays so. Raises NoName."""
    named = update(Person).where(col(Person.ref) == ref, col(Person.erasure).is_(None)).values(name=read_name(name))
    session.execute(named.execution_options(synchronize_session="fetch"))


def people_called(session: Session, words: str, *, most: int = 20) -> list[Person]:
    """People in whose name the words occur, whatever their capitals, by name; the first `most` of them."""
    query = select(Person).where(col(Person.name).icontains(words, autoescape=True))
    return list(session.exec(query.order_by(col(Person.name), col(Person.ref)).limit(most)))


def forget_name(session: Session, ref: str, *, erasure: int) -> None:
    """Take the name and the line about the person away, and leave the entry that says why. Once it is done it stays so."""
    session.execute(
        update(Person)
        .where(col(Person.ref) == ref, col(Person.erasure).is_(None))
        .values(name=None, story="", erasure=erasure)
        .execution_options(synchronize_session="fetch")
    )


def invented_people(session: Session) -> list[Person]:
    """The demonstration's characters, by name; who was erased is not among them."""
    present = col(Person.invented), col(Person.erasure).is_(None)
    return list(session.exec(select(Person).where(*present).order_by(col(Person.name))))
