"""The panel's desk: what is open, a vote on a phone in two minutes, and the chair's closing of a round."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, allowed, found, may, places_for
from app.acting import somebody, today
from app.panel.forms import BallotForm, CloseForm
from app.promises import recorded_then
from app.sharing_risks import signing
from app.store import reading, record
from app.things import of_round, the_risk, the_round
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.names import names_of
from ledger.prototypes import prototypes
from ledger.renewing import reminder
from ledger.risk_register import risks
from ledger.rounds.ballots import ballot_of, cast
from ledger.rounds.interests import recused_from
from ledger.rounds.process import close_round
from ledger.rounds.reading import RoundView, round_stages

blueprint = Blueprint("panel", __name__, url_prefix="/panel")


@blueprint.get("")
@may("open the panel’s desk")
def desk() -> str:
    """The rounds of the places where this person sits on the panel, and what is tried there."""
    mine = places_for("vote")
    rounds = [(place, row, stage) for place in mine for row, stage in round_stages(reading(), place=place.slug, today=today())]
    reminders = [(place, said) for place in mine if (said := reminder(reading(), place.slug, on=today()))]
    chaired = places_for("show what a place looks like")
    waiting = [view for view in risks(reading(), today=today()) if view.waits_for(somebody().ref)]
    tried = [line for place in mine for line in prototypes(reading(), on=today(), place=place.slug)]
    names = names_of(reading(), [line.entry for line in tried])
    return render_template(
        "panel/desk.html",
        places=mine, reminders=reminders, rounds=rounds, chaired=chaired, waiting=waiting, tried=tried, names=names,
    )  # fmt: skip


@blueprint.route("/risks/<ref>/sign", methods=["GET", "POST"])
@may("sign a risk agreement", on=the_risk)
def sign_risk(ref: str) -> ResponseReturnValue:
    """See exposure and scenarios, then sign for the partnership."""
    return signing(action=url_for("panel.sign_risk", ref=ref), desk={"text": "Your panel", "href": url_for("panel.desk")})


@blueprint.route("/rounds/<ref>/vote", methods=["GET", "POST"])
@may("vote", on=the_round)
def vote(ref: str) -> ResponseReturnValue:
    """Read the proposals, mark the ones to be paid for, and have the vote kept; it can be changed until the close."""
    view, person = found(RoundView), somebody()
    form = BallotForm(view)
    kept = ballot_of(reading(), ref, person.ref)
    if form.validate_on_submit():
        try:
            record(lambda unit: cast(unit, round_ref=ref, voter=person.ref, choices=frozenset(form.choices.data or ())))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("choices", fault.sentence)
        else:
            return redirect(url_for("panel.vote", ref=ref, kept="yes"))
    elif not form.is_submitted():
        form.choices.data = sorted(kept or ())
    status = 422 if form.errors else 200
    asked = request.args.get("kept") == "yes"
    may_close = allowed("close a round", of_round(view))
    return render_template(
        "panel/vote.html", view=view, form=form, kept=kept, just_kept=asked and kept is not None, may_close=may_close,
        recused=recused_from(reading(), ref, person.ref),
    ), status  # fmt: skip


@blueprint.route("/rounds/<ref>/close", methods=["GET", "POST"])
@may("close a round", on=the_round)
def close(ref: str) -> ResponseReturnValue:
    """Close the vote once the quorum of the terms is met: seal the ballots, count them, record the result."""
    view, chair = found(RoundView), actor()
    form = CloseForm()
    refusal = None
    if form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: close_round(unit, round_ref=ref, actor=chair, idempotency_key=str(form.idempotency_key.data))
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            refusal = fault.sentence
        else:
            return recorded_then(recorded, url_for("public.round_", ref=ref))
    status = 422 if refusal or form.errors else 200
    early = today() < view.row.closes_on
    return render_template("panel/close.html", view=view, form=form, refusal=refusal, early=early), status
