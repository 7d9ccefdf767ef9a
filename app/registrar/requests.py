"""What people ask the registrar about their own data, and the registrar's answer."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, own_authorities, own_authority, own_query, the_authority
from app.promises import recorded_then
from app.registrar.forms import AnswerForm
from app.store import reading, record, record_beside
from app.things import Asked, the_request
from ledger.database import system_clock
from ledger.erasing import authorities_of, erase_person
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.kinds.erasing import Reason
from ledger.people import names
from ledger.subject_requests import Request, What, decline, grant_name, waiting

SAID = "requests"

blueprint = Blueprint("requests", __name__, url_prefix="/registrar/requests")


@blueprint.get("")
@may("see what people ask about their data", on=the_authority)
def desk() -> str:
    """What people of the authority ask for, the oldest first."""
    row, session = own_authority(), reading()
    asked = [each for each in waiting(session) if row.slug in authorities_of(session, each.person)]
    return render_template(
        "registrar/requests.html",
        authority=row,
        which=own_query(),
        others=[other for other in own_authorities() if other.slug != row.slug],
        asked=asked,
        names=names(session, {each.person for each in asked}),
        now=system_clock(),
        said=SAID,
    )


@blueprint.route("/<ref>/<any(name, erasure):what>", methods=["GET", "POST"])
@may("answer what people ask about their data", on=the_request)
def answer(ref: str, what: str) -> ResponseReturnValue:
    """Do what was asked, or say why not."""
    asked = found(Asked).row
    if asked is None:
        flash("That was answered already, or taken back.", SAID)
        return redirect(url_for("requests.desk", **own_query()))
    form = AnswerForm(asked)
    if form.validate_on_submit():
        try:
            return _answered(asked, form)
        except DatabaseFault:  # not about what was chosen
            raise
        except LedgerError as fault:
            form.refuse("answer", fault.sentence)
    called = names(reading(), {ref})[ref]
    page = render_template("registrar/answer.html", form=form, asked=asked, called=called, what=What(what), which=own_query())
    return page, 422 if form.errors else 200


def _answered(asked: Request, form: AnswerForm) -> ResponseReturnValue:
    """Raises StillInOffice, ErasedElsewhere."""
    by, desk_address = asked.person, url_for("requests.desk", **own_query())
    if form.why is not None:
        why = form.why
        record_beside(lambda unit: decline(unit, by=by, what=What(asked.what), why=why))
        flash("They can read that it was not done, and why.", SAID)
    elif asked.what == What.NAME:
        record_beside(lambda unit: grant_name(unit, by=by, name=str(form.read.data)))
        flash("Their name is corrected.", SAID)
    else:
        slug, registrar, key = own_authority().slug, actor().person, str(form.idempotency_key.data)
        done = record(
            lambda unit: erase_person(
                unit, ref=by, reason=Reason.ASKED_BY_THE_PERSON, authority=slug, registrar=registrar, idempotency_key=key
            )
        )
        return recorded_then(done.entry, desk_address)
    return redirect(desk_address)
