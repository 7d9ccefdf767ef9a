"""The decision on a prototype at its learning date: what was learned, theme by theme, and stop, adapt or mainstream."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may
from app.acting import today
from app.panel.prototype_forms import PrototypeDecisionForm
from app.promises import recorded_then
from app.store import reading, record
from app.things import the_prototype
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.kinds.prototyping import Choice
from ledger.prototypes import Line, decide, prototype_view

blueprint = Blueprint("panel_prototypes", __name__, url_prefix="/panel/prototypes")


@blueprint.route("/<int(max=2147483647):index>/decide", methods=["GET", "POST"])
@may("decide on a prototype", on=the_prototype)
def decision(index: int) -> ResponseReturnValue:
    """Say what was learned, then stop, adapt or mainstream, with reasons."""
    line, who = found(Line), actor()
    form = PrototypeDecisionForm()
    if form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: decide(
                    unit,
                    prototype=index,
                    choice=Choice(form.choice.data),
                    reasons=str(form.reasons.data),
                    learned=form.learned,
                    actor=who,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("practice", fault.sentence)
        else:
            return recorded_then(recorded, url_for("prototypes.one", index=index))
    view = prototype_view(reading(), index, on=today())
    page = render_template("panel/decide_prototype.html", view=view, line=line, form=form)
    return page, 422 if form.errors else 200
