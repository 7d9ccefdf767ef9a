"""Every route says who may. A view without a declaration stops the application from starting."""

from collections.abc import Callable
from typing import TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response

from app.acting import acting
from ledger.people import Role

View = TypeVar("View", bound=Callable[..., object])
_MARK = "_who_may"


class Undeclared(RuntimeError):
    """A route was added without saying who may use it."""


def anyone(view: View) -> View:
    """Everybody may, signed in or not."""
    return _declare(view, ("anyone",))


def signed_in(view: View) -> View:
    """Whoever is signed in may."""
    return _declare(view, ("signed in",))


def holding(*roles: Role) -> Callable[[View], View]:
    """Whoever holds one of the roles somewhere may; the view itself asks about the place."""
    return lambda view: _declare(view, roles)


def who_may(view: Callable[..., object]) -> tuple[str, ...]:
    """What a view declared: “anyone”, “signed in”, or roles; nothing when it declared nothing."""
    return cast("tuple[str, ...]", getattr(view, _MARK, ()))


def guard(app: Flask) -> None:
    """Hold every request to what its view declared. Raises Undeclared at start for a view that declared nothing."""
    for endpoint, view in app.view_functions.items():
        if not who_may(view):
            raise Undeclared(endpoint)
    app.before_request(_let_in)


def _declare(view: View, who: tuple[str, ...]) -> View:
    setattr(view, _MARK, who)
    return view


def _let_in() -> Response | None:
    if request.endpoint is None:
        return None
    who = who_may(current_app.view_functions[request.endpoint])
    if "anyone" in who:
        return None
    person = acting()
    if person is None:
        return redirect(url_for("signin.choose", next=request.path if request.method == "GET" else None))
    if "signed in" not in who and not person.holds(*(Role(role) for role in who)):
        abort(403)
    return None
