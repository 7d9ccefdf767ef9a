"""Every address of the site, from its URL map, with things of the story in it; and what a database holds, to be compared."""

from collections.abc import Iterator

from flask import Flask
from flask_wtf import FlaskForm
from sqlmodel import text

from app.permissions import Scope
from ledger.people import Role
from tests.pages.conftest import client_of, database_of
from tests.people.test_matrix import Matrix, Whose
from tests.people.two_authorities import MARLMOOR, NOBODY
from tests.web.inspecting import InspectingClient

# Whoever signs in notes that they did, and letters are counted: beside the log, and about nobody else.
VISITS = {"visit", "attempt", "challenge", "link"}
ENDING = {"/sign-out", "/me/sessions/end", "/me/sessions/end-others"}


def whoever(site: Flask) -> Iterator[tuple[str, InspectingClient]]:
    """A visitor, somebody without a role, and one person for each role of Marlmoor; each in a browser of their own."""
    site.config["WTF_CSRF_ENABLED"] = True
    for ref in ("", NOBODY, *(ref for ref, _, _ in MARLMOOR.posts())):
        yield ref or "a visitor", client_of(site, ref)


def some(site: Flask) -> Iterator[tuple[str, InspectingClient]]:
    """A visitor and those who hold a desk."""
    desks = {"", *(MARLMOOR.holder(role) for role in (Role.CHAIR, Role.FINANCE_OFFICER, Role.AUTHORITY_LEADER, Role.REGISTRAR))}
    return (pair for pair in whoever(site) if pair[0] in {*desks, "a visitor"})


def addresses(site: Flask, method: str) -> list[str]:
    """Every address of the method about somebody's own things, once."""
    found = Matrix(site).everything()
    return sorted({path for path, verb, _, whose in found if verb == method and whose is Whose.OWN and path not in ENDING})


def private(site: Flask) -> set[str]:
    """The addresses that are not for everybody."""
    return {path for path, _, said, _ in Matrix(site).everything() if said.permission.scope is not Scope.EVERYBODY}


def dump(site: Flask, *, but: set[str] = VISITS) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, but for those that only note visits."""
    with database_of(site).reading() as session:
        names = session.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return {
            name: sorted((tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}"'))), key=repr)
            for name in names
            if name not in but
        }


def every_field() -> list[str]:
    """The names of everything that any form of the site asks for."""
    names = {"person", "session", "token", "choices", "address", "passkey", "next", "photo", "url"}
    waiting = list(FlaskForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        names |= {name for name in dir(form) if hasattr(getattr(form, name), "field_class")}
    return sorted(names)
