"""Who is acting. The one seam behind which sign-in stands.

An officer who showed no more than that they read their mail, and anybody who has a second proof and has not given it, is known
by name and holds nothing: their session is *limited* until they have.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import cast

from flask import g

from app import visits
from app.store import reading
from ledger.credentials.codes import authenticator_of
from ledger.credentials.passkeys import passkeys_of
from ledger.credentials.visits import Way
from ledger.entries import DatabaseBook
from ledger.kinds.authority import Change, Constitution, RoleChange, holds
from ledger.people import Person, Role
from ledger.records import Kind

_OFFICERS = {
    "finance officer", "approver", "chief finance officer", "authority leader", "registrar", "keyholder", "administrator",
}  # fmt: skip
OFFICERS = tuple(role for role in Role if role.value in _OFFICERS)


@dataclass(frozen=True, slots=True)
class Post:
    """A role somebody holds today: at a place, or for a whole authority."""

    role: Role
    authority: str
    place: str | None


@dataclass(frozen=True, slots=True)
class Acting:
    """The signed-in person, by opaque reference, with the roles they hold today; a `limited` session holds none."""

    ref: str
    name: str
    posts: tuple[Post, ...]
    limited: bool = False
    is_officer: bool = False

    @property
    def in_office(self) -> bool:
        """Whether they hold any role today."""
        return bool(self.posts)

    def holds(self, *roles: Role) -> bool:
        """Whether they hold one of the roles anywhere."""
        return any(post.role in roles for post in self.posts)


def today() -> date:
    """The day on which somebody acts."""
    return datetime.now(UTC).date()


def acting() -> Acting | None:
    """The signed-in person of this request; none for a visitor."""
    if "acting" not in g:
        visit = visits.current()
        person = reading().get(Person, visit.person) if visit is not None else None
        g.acting = None
        if visit is not None and person is not None and person.name is not None:
            g.acting = _let_in(_with_posts(person.ref, person.name), visit.way)
    return cast("Acting | None", g.acting)


def somebody() -> Acting:
    """The signed-in person, on a route that lets nobody else in."""
    found = acting()
    if found is None:
        raise AssertionError("a route that needs a person was declared open to anyone")
    return found


def sign_in(ref: str, way: Way) -> None:
    """Begin a fresh session as this person, who came in by this way. Raises NotLetIn."""
    visits.begin(ref, way)
    g.pop("acting", None)


def sign_out() -> None:
    """End the session, and every copy of its cookie."""
    visits.end()
    g.pop("acting", None)


def has_second_proof(ref: str) -> bool:
    """Whether this person has a passkey or an authenticator app."""
    return bool(passkeys_of(reading(), ref)) or authenticator_of(reading(), ref) is not None


def _let_in(person: Acting, way: Way) -> Acting:
    """With all their roles; or limited, and without any."""
    person = replace(person, is_officer=person.holds(*OFFICERS))
    if way.strong or not (person.is_officer or has_second_proof(person.ref)):
        return person
    return replace(person, posts=(), limited=True)


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
