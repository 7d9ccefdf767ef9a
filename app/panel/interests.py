"""A panel member declares an interest, item by item, and is recused from that item."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import StringField
from wtforms.validators import Length

from app.access import found, may
from app.acting import somebody
from app.forms import NO_NAMES, RecordedForm, Typed
from app.store import reading, record_beside
from app.things import Item, the_item
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.rounds.declaring import declare
from ledger.rounds.interests import Interest

blueprint = Blueprint("interests", __name__, url_prefix="/panel")


class InterestForm(RecordedForm):
    """What the interest is."""

    what = StringField(
        "What is your interest?",
        widget=GovTextInput(),
        description=f"For example: I am a trustee of the hall. {NO_NAMES}",
        validators=[
            Typed("Say in a few words what your interest is. Nothing was changed."),
            Length(max=300, message="Use at most 300 characters. Nothing was changed."),
        ],
    )


@blueprint.route("/proposals/<ref>/interest", methods=["GET", "POST"])
@may("declare an interest", on=the_item)
def say(ref: str) -> ResponseReturnValue:
    """Say what the interest is; the vote on this item, if one was kept, goes."""
    item, form, who = found(Item), InterestForm(), somebody().ref
    if form.validate_on_submit():
        try:
            record_beside(lambda unit: declare(unit, proposal=ref, what=str(form.what.data), by=who))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("what", fault.sentence)
        else:
            return redirect(url_for("public.round_", ref=item.round))
    elif not form.is_submitted():
        before = reading().get(Interest, (ref, who))
        form.what.data = before.what if before is not None else ""
    return render_template("panel/interest.html", item=item, form=form), 422 if form.errors else 200
