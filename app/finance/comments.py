"""The officer's comment on an idea: whether it can be done, what it means for the money, and how long it has waited."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from govuk_frontend_wtf.wtforms_widgets import GovTextArea
from wtforms import TextAreaField
from wtforms.validators import Length

from app.access import found, may
from app.acting import somebody
from app.forms import NO_NAMES, RecordedForm, Typed
from app.store import record_beside
from app.things import the_idea
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.rounds.idea_reading import IdeaView
from ledger.rounds.shaping import comment

blueprint = Blueprint("comments", __name__, url_prefix="/finance")

_LONG = Length(max=2000, message="Use at most 2,000 characters. Nothing was changed.")


class CommentForm(RecordedForm):
    """Both parts of an officer's comment."""

    feasibility = TextAreaField(
        "Can it be done?",
        widget=GovTextArea(),
        description=f"What it depends on, who would have to agree. {NO_NAMES}",
        validators=[Typed("Say whether it can be done. Nothing was changed."), _LONG],
    )
    finance = TextAreaField(
        "What does it mean for the money?",
        widget=GovTextArea(),
        description=f"Is the cost right, and does it cost something every year? {NO_NAMES}",
        validators=[Typed("Say what it means for the money. Nothing was changed."), _LONG],
    )


@blueprint.route("/proposals/<ref>", methods=["GET", "POST"])
@may("comment on an idea", on=the_idea)
def write(ref: str) -> ResponseReturnValue:
    """Comment on an idea, or comment otherwise; the first comment stops its clock."""
    view, form, who = found(IdeaView), CommentForm(), somebody().ref
    if form.validate_on_submit():
        feasibility, finance = str(form.feasibility.data), str(form.finance.data)
        try:
            record_beside(lambda unit: comment(unit, ref=ref, feasibility=feasibility, finance=finance, by=who))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("feasibility", fault.sentence)
        else:
            return redirect(url_for("public.proposal", ref=ref))
    elif not form.is_submitted():
        form.feasibility.data, form.finance.data = view.idea.feasibility, view.idea.finance
    return render_template("finance/comment.html", view=view, form=form), 422 if form.errors else 200
