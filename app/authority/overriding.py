"""The authority leader overrides a panel's decision: one form, public reasons, and nothing is taken out of the record."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may
from app.authority.terms_forms import OverrideForm
from app.promises import recorded_then
from app.store import record
from app.things import the_round
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.powers import override
from ledger.rounds.reading import RoundView

blueprint = Blueprint("overriding", __name__, url_prefix="/authority/rounds")


@blueprint.route("/<ref>/override", methods=["GET", "POST"])
@may("override a decision", on=the_round)
def overrule(ref: str) -> ResponseReturnValue:
    """Override the ratification of a round, or its result where it is not ratified yet."""
    view, leader, form = found(RoundView), actor(), OverrideForm()
    target = view.decision or view.result
    if target is not None and form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: override(
                    unit,
                    index=target.index,
                    reasons=str(form.reasons.data),
                    instead=str(form.instead.data) if form.effect.data == "replaced" else None,
                    leader=leader.person,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("effect", fault.sentence)
        else:
            return recorded_then(recorded, url_for("public.round_", ref=ref))
    page = render_template("authority/override.html", form=form, view=view, target=target, ref=ref)
    return page, 422 if form.errors else 200
