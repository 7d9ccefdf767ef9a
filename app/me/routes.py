"""Where somebody is signed in: they see their sessions and end any of them."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import visits
from app.access import signed_in
from app.acting import somebody
from app.store import reading, unit_of_work
from ledger.credentials.visits import end_one, end_others, visits_of

SAID = "sessions"

blueprint = Blueprint("sessions", __name__, url_prefix="/me/sessions")


@blueprint.get("")
@signed_in
def mine() -> str:
    """One's own sessions, this one marked."""
    rows = visits_of(reading(), somebody().ref, idle=current_app.config[visits.IDLE])
    return render_template("me/sessions.html", rows=rows, here=_here(), said=SAID)


@blueprint.post("/end")
@signed_in
def end() -> Response:
    """End one session of one's own. Ending this one is signing out, which has a button of its own."""
    digest = request.form.get("session", "")
    if digest != _here():
        with unit_of_work(appends=False) as unit:
            end_one(unit, person=somebody().ref, digest=digest)
            unit.commit()
        flash("That session has ended.", SAID)
    return redirect(url_for("sessions.mine"))


@blueprint.post("/end-others")
@signed_in
def end_all_others() -> Response:
    """End every session but this one."""
    person, here = somebody().ref, _here()
    with unit_of_work(appends=False) as unit:
        end_others(unit, person=person, but=here)
        unit.commit()
    flash("Every other session has ended.", SAID)
    return redirect(url_for("sessions.mine"))


def _here() -> str:
    visit = visits.current()
    if visit is None:
        raise AssertionError("whoever is signed in has a session")
    return visit.digest
