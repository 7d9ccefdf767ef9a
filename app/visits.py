"""The session of this request: found by the token in the browser's one cookie, begun at sign-in, ended at sign-out.

That cookie is Flask's own, signed: it holds the token, the token of the browser's forms, and what the next page says once. Who
somebody is stands in the database, and nothing that is in the cookie is believed of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from flask import Flask, current_app, g, request, session

from app.devices import device_of
from app.settings import Settings
from app.store import reading, unit_of_work
from ledger.credentials.tokens import new_token
from ledger.credentials.visits import Way, begin_visit, end_visit, is_worth_noting, note_use, visit_of

LASTS, IDLE = "VISIT_LASTS", "VISIT_IDLE"
_TOKEN, _BROWSER = "visit", "browser"  # the names under which the cookie holds them
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


@dataclass(frozen=True, slots=True)
class Current:
    """The session of this request: whose it is, how they signed in, and the digest by which it is known."""

    digest: str
    person: str
    way: Way
    seen: datetime


def register(app: Flask, settings: Settings) -> None:
    """Say how long sessions of the application last, and note the use of one when a form is sent."""
    app.config.update({LASTS: timedelta(hours=settings.session_hours), IDLE: timedelta(hours=settings.session_idle_hours)})
    app.before_request(_note)


def current() -> Current | None:
    """The session that this request's cookie opens."""
    if "visit" not in g:
        token = _token()
        row = visit_of(reading(), token, idle=current_app.config[IDLE]) if token else None
        g.visit = Current(row.digest, row.person, Way(row.way), row.seen) if row is not None else None
    return cast("Current | None", g.visit)


def begin(person: str, way: Way) -> None:
    """Begin a session under a new token; the one that this browser had ends. Raises NotLetIn."""
    with unit_of_work(appends=False) as unit:
        token = begin_visit(
            unit,
            person=person,
            way=way,
            device=device_of(request.user_agent.string),
            lasts=current_app.config[LASTS],
            instead_of=_token(),
        )
        unit.commit()
    session.clear()
    session[_TOKEN] = token
    g.pop("visit", None)


def browser_token() -> str:
    """The browser's half of a link that is sent to somebody: it stands in Flask's signed cookie, made when first asked for."""
    return str(session.setdefault(_BROWSER, new_token()))


def end() -> None:
    """End the session; whoever has a copy of its cookie is out as well."""
    token = _token()
    if token:
        with unit_of_work(appends=False) as unit:
            end_visit(unit, token=token)
            unit.commit()
    session.clear()
    g.visit = None


def _token() -> str | None:
    """What the browser carries, or what it is about to be given."""
    return cast("str | None", session.get(_TOKEN))


def _note() -> None:
    """Sending a form is use of a session; reading is not, for it changes nothing."""
    if request.method in _SAFE:
        return
    visit = current()
    if visit is not None and is_worth_noting(visit.seen):
        with unit_of_work(appends=False) as unit:
            note_use(unit, visit.digest)
            unit.commit()
