"""Accepting an invitation: it makes the person and their address, and then sends that address a link to sign in."""

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import store
from app.access import anyone
from app.addressing import site_address
from app.mail import post_office
from app.signin.links import Asked, send_link
from app.signin.work import INVITATION
from app.store import reading, unit_of_work
from app.visits import browser_token
from app.work_accounts import issuer
from ledger.credentials.invitations import accept, invitation_for
from ledger.places import authority

blueprint = Blueprint("invitation", __name__)


@blueprint.get("/invitation/<token>")
@anyone
def show(token: str) -> Response:
    """Who asks whom in, and one button. Nothing has happened yet."""
    found = invitation_for(reading(), token)
    place = authority(reading(), found.authority)
    by_work = issuer() is not None
    if by_work:
        session[INVITATION] = token
    page = render_template("signin/invitation.html", invitation=found, authority=place, token=token, by_work=by_work)
    answer = make_response(page)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.post("/invitation")
@anyone
def take() -> AnyResponse:
    """Accept. Whoever did may not be the one who was asked, so they are not signed in: the address gets a link."""
    office, base = post_office(), site_address()
    if not office.open:
        abort(404)
    with unit_of_work(appends=False) as unit:
        address = accept(unit, token=request.form.get("token", "")).address
        unit.commit()
    asked = Asked(address, browser_token(), base, current_app.config["SITE_NAME"])
    database = store.database()
    office.later(lambda: send_link(database, office, asked))
    return redirect(url_for("signin.sent"))
