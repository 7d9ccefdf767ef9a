"""Who is acting. The one seam behind which sign-in stands: the demonstration's picker now, real sign-in later.

Nobody else reads or writes the session, save `app.promises`, which says on the next page what was recorded.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from flask import g, session

from app.store import reading
from ledger.entries import DatabaseBook
from ledger.kinds.authority import Change, Constitution, RoleChange, holds
from ledger.people import Person, Role
from ledger.records import Kind


@dataclass(frozen=True, slots=True)
class Post:
    """A role somebody holds today: at a place, or for a whole authority."""

    role: Role
    authority: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Acting:
    """The signed-in person, by opaque reference, with the roles they hold today."""

    ref: str
    name: str
    posts: tuple[Post, ...]

    def holds(self, *roles: Role) -> bool:
        """Whether they hold one of the roles anywhere."""
        return any(post.role in roles for post in self.posts)


def today() -> date:
    """The day on which somebody acts."""
    return datetime.now(UTC).date()


def acting() -> Acting | None:
    """The signed-in person of this request; none for a visitor."""
    if "acting" not in g:
        ref = session.get("person")
        person = reading().get(Person, ref) if isinstance(ref, str) else None
        g.acting = _with_posts(person.ref, person.name) if person is not None and person.name is not None else None
    return cast("Acting | None", g.acting)


def somebody() -> Acting:
    """The signed-in person, on a route that lets nobody else in."""
    found = acting()
    if found is None:
        raise AssertionError("a route that needs a person was declared open to anyone")
    return found


def sign_in(ref: str) -> None:
    """Begin a fresh session as this person."""
    session.clear()
    session["person"] = ref
    g.pop("acting", None)


def sign_out() -> None:
    """End the session."""
    session.clear()
    g.pop("acting", None)


def _with_posts(ref: str, name: str) -> Acting:
    book, day = DatabaseBook(reading()), today()
    asked = {
        (entry.payload.role, entry.authority, entry.place)
        for entry in book.where(Kind.ROLE, subject=ref)
        if isinstance(entry.payload, RoleChange) and entry.payload.change is Change.APPOINTED
    }
    asked |= {  # an authority's first registrar is named by its constitution
        (Role.REGISTRAR, entry.authority, None)
        for entry in book.where(Kind.CONSTITUTION)
        if isinstance(entry.payload, Constitution) and entry.payload.registrar == ref
    }
    posts = tuple(
        Post(role, authority, place)
        for role, authority, place in sorted(asked, key=str)
        if holds(book, person=ref, role=role, authority=authority, place=place, on=day)
    )
    return Acting(ref, name, posts)
