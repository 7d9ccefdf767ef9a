"""What is held about whoever is signed in: they see it, take it away, correct their name, and ask to be erased.

Whoever holds a role acts in public under their name, so a registrar corrects it, having seen that it is the same person;
everyone else corrects their own. An erasure is the registrar's to record, and nobody records one in their name: the request
waits.
"""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.access import signed_in
from app.acting import somebody
from app.me.forms import NameForm
from app.store import reading, record_beside
from ledger.people import correct_name, read_name
from ledger.personal import as_json, held_about
from ledger.subject_requests import Declined, Request, What, ask, requests_by, take_back
from ledger.unit_of_work import UnitOfWork

SAID = "data"
_SHOWN = 50  # of each list; the file has all of it

blueprint = Blueprint("data", __name__, url_prefix="/me/data")


@blueprint.get("")
@signed_in
def mine() -> ResponseReturnValue:
    """All that is held about oneself, and what one can do about it."""
    return _page(NameForm(name=somebody().name))


@blueprint.get("/file")
@signed_in
def file() -> Response:
    """The same as a file to take away."""
    ref = somebody().ref
    answer = current_app.response_class(as_json(held_about(reading(), ref)), mimetype="application/json")
    answer.headers["Content-Disposition"] = f"attachment; filename=held-about-{ref}.json"
    return answer


@blueprint.post("/name")
@signed_in
def correct() -> ResponseReturnValue:
    """Correct one's name, or ask the registrar to."""
    person, form = somebody(), NameForm()
    if not form.validate_on_submit():
        return _page(form), 422
    typed = str(form.name.data)

    def work(unit: UnitOfWork) -> None:
        if person.in_office:
            ask(unit, by=person.ref, what=What.NAME, name=typed)
        else:
            correct_name(unit.session, person.ref, typed)

    if read_name(typed) != person.name:
        record_beside(work)
        flash("Your registrar has been asked to correct your name." if person.in_office else "Your name is corrected.", SAID)
    return redirect(url_for("data.mine"))


@blueprint.post("/erase")
@signed_in
def erase() -> AnyResponse:
    """Ask to be erased."""
    ref = somebody().ref
    record_beside(lambda unit: ask(unit, by=ref, what=What.ERASURE))
    flash("Your registrar has been asked to erase you.", SAID)
    return redirect(url_for("data.mine"))


@blueprint.post("/<any(name, erasure):what>/take-back")
@signed_in
def take_back_one(what: str) -> AnyResponse:
    """Take a request back."""
    ref = somebody().ref
    record_beside(lambda unit: take_back(unit, by=ref, what=What(what)))
    flash("Your request is taken back.", SAID)
    return redirect(url_for("data.mine"))


def _page(form: NameForm) -> str:
    person = somebody()
    asked = requests_by(reading(), person.ref)
    return render_template(
        "me/data.html",
        held=held_about(reading(), person.ref),
        form=form,
        asked={row.what: (row, _declined(row)) for row in asked},
        shown=_SHOWN,
        said=SAID,
    )


def _declined(row: Request) -> str | None:
    return Declined(row.declined).because if row.declined is not None else None
