"""Every route says who may, by a permission of `app.permissions`. Without one, the application does not start.

    @blueprint.route("/rounds/<ref>/vote", methods=["GET", "POST"])
    @may("vote", on=the_round)

`on` loads the thing from the address. The guard answers before the view is called: sign in first, 404 for a thing of an
authority where somebody holds nothing, 403 for what they may not do, 409 for a form that the state of the thing does not allow.
The view asks for what was found, and for the role in which the person acts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from app.acting import Acting, acting, somebody
from app.permissions import OWN, PERMISSIONS, VISIT, Answer, Permission, Scope, Thing, answer, authorities_for, role_in
from app.store import reading
from ledger.door import recorded
from ledger.errors import LedgerError, NotFound
from ledger.people import Role
from ledger.places import Authority, Partnership, authorities, authority, partnerships
from ledger.records import Actor

View = TypeVar("View", bound=Callable[..., object])
Found = TypeVar("Found")
Loader = Callable[..., Thing | None]
_MARK = "_declared"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_NEED_A_THING = {Scope.PLACE, Scope.AUTHORITY}


class Undeclared(RuntimeError):
    """A route was added without saying who may use it."""


class Misdeclared(RuntimeError):
    """A route asks for a permission that is not in the table, or for one over a thing that it does not load."""


class NotNow(LedgerError):
    """This cannot be done now: “{state}” is how it stands. Go back, load the page again and look; nothing was recorded, and
    what you sent before is kept.
    """


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route said: its permission, and how its thing is loaded."""

    permission: Permission
    on: Loader | None


def may(name: str, *, on: Loader | None = None) -> Callable[[View], View]:
    """The view is for whoever has this permission over the thing that `on` loads from the address. Raises Misdeclared."""
    permission = PERMISSIONS.get(name)
    if permission is None or (permission.scope in _NEED_A_THING) != (on is not None):
        raise Misdeclared(name)
    said = Declared(permission, on)

    def declare(view: View) -> View:
        setattr(view, _MARK, said)
        return view

    return declare


anyone = may(VISIT)
signed_in = may(OWN)


def declared(view: Callable[..., object]) -> Declared | None:
    """What a view declared; none when it declared nothing."""
    return cast("Declared | None", getattr(view, _MARK, None))


def who_may(view: Callable[..., object]) -> tuple[str, ...]:
    """Who may, from a view's declaration: “anyone”, “signed in”, or roles; nothing when it declared nothing."""
    said = declared(view)
    if said is None:
        return ()
    return {Scope.EVERYBODY: ("anyone",), Scope.OWN: ("signed in",)}.get(said.permission.scope, said.permission.roles)


def guard(app: Flask) -> None:
    """Hold every request to what its view declared. Raises Undeclared at start for a view that declared nothing."""
    for endpoint, view in app.view_functions.items():
        if declared(view) is None:
            raise Undeclared(endpoint)
    app.before_request(_let_in)


def the_authority() -> Thing | None:
    """Loads the authority that the address asks for (`?authority=`); none: the first for which the person may."""
    slug = request.args.get("authority")
    if slug is None:
        return None
    if slug not in {row.slug for row in authorities(reading())}:
        raise NotFound(what="authority", name=slug)
    return Thing(authority=slug)


def found(sort: type[Found]) -> Found:
    """What the route's loader found."""
    thing = _thing().it
    if not isinstance(thing, sort):
        raise AssertionError(f"a route asked for a {sort.__name__} that its loader does not give")  # noqa: TRY004 - a broken route
    return thing


def own_authority() -> Authority:
    """The authority of the thing, on a route over one."""
    return authority(reading(), _thing().authority)


def own_authorities() -> list[Authority]:
    """Every authority for which the person may do what this route does; a desk offers the others."""
    slugs = set(authorities_for(_asked().permission, somebody()))
    return [row for row in authorities(reading()) if row.slug in slugs]


def own_query() -> dict[str, Any]:
    """What an address on this desk has to say so that it is about the same authority: nothing for the person's first."""
    slug, person = _thing().authority, somebody()
    return {} if authorities_for(_asked().permission, person)[:1] == [slug] else {"authority": slug}


def actor() -> Actor:
    """The person in the role that lets them do this to the thing."""
    person, asked = somebody(), _asked()
    role = role_in(asked.permission, person, g.get("thing"))
    if role is None:
        raise AssertionError("the guard let somebody in without a role")
    return Actor(person.ref, role)


def allowed(name: str, thing: Thing) -> bool:
    """Whether whoever is here may do this to the thing as it stands: what a page shows a link by."""
    return answer(PERMISSIONS[name], acting(), thing) is Answer.YES


def places_for(name: str) -> list[Partnership]:
    """The partnerships where the person may do this, when the state allows it."""
    person, permission = somebody(), PERMISSIONS[name]
    return [row for row in partnerships(reading()) if role_at(permission, person, row) is not None]


def role_at(permission: Permission, person: Acting, place: Partnership) -> Role | None:
    """The role in which the person may do this at the place."""
    return role_in(permission, person, Thing(authority=place.authority, place=place.slug))


def _let_in() -> Response | None:
    if request.endpoint is None:
        return None
    said = declared(current_app.view_functions[request.endpoint])
    if said is None:
        raise Undeclared(request.endpoint)
    permission = said.permission
    if permission.scope is Scope.EVERYBODY:
        return None  # without asking who it is: what everybody may read can be kept by everybody
    person = acting()
    if answer(permission, person, None) is Answer.WHO_ARE_YOU:
        return redirect(url_for("signin.choose", next=request.path if request.method == "GET" else None))
    g.thing = _load(said, person) if person is not None else None
    match answer(permission, person, g.thing):
        case Answer.NOT_THERE:
            abort(404)
        case Answer.NOT_YOU:
            abort(403)
        case Answer.NOT_NOW if request.method not in _SAFE and not _sent_before(permission):
            raise NotNow(state=g.thing.state)
        case _:  # in a wrong state the page itself says how the thing stands
            pass
    return None


def _sent_before(permission: Permission) -> bool:
    """Whether this very form has recorded something already: sent twice, it answers as it did the first time."""
    try:
        key = UUID(request.form.get("idempotency_key", ""))
    except ValueError:
        return False
    return recorded(reading(), permission.keyed.format(key)) is not None


def _load(said: Declared, person: Acting) -> Thing | None:
    """The thing that the address names; on a page about a whole authority, without a name, the person's own."""
    if said.on is None:
        return None
    thing = said.on(**(request.view_args or {}))
    if thing is None and said.permission.scope is Scope.AUTHORITY:
        own = authorities_for(said.permission, person)
        return Thing(authority=own[0]) if own else None
    return thing


def _thing() -> Thing:
    thing = g.get("thing")
    if not isinstance(thing, Thing):
        raise AssertionError("a route without a thing asked for it")  # noqa: TRY004 - a broken route
    return thing


def _asked() -> Declared:
    said = declared(current_app.view_functions[request.endpoint or ""])
    if said is None:
        raise AssertionError("the guard let an undeclared route through")
    return said
