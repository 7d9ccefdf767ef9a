"""The connector's desk: rounds that gather ideas, writing for a resident, and merging what is one idea."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import found, may, places_for
from app.acting import somebody, today
from app.connector.forms import OnBehalfForm, TwoIdeasForm
from app.store import reading, record_beside
from app.things import the_round
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.rounds.idea_reading import idea_lines, residents_at, waiting_ideas
from ledger.rounds.ideas import State, ideas_by
from ledger.rounds.reading import RoundView, round_stages
from ledger.rounds.shaping import OnBehalf, merge, write
from ledger.rounds.stages import BEFORE_THE_VOTE

blueprint = Blueprint("connector", __name__, url_prefix="/connector")


@blueprint.get("")
@may("open the connector’s desk")
def desk() -> str:
    """The rounds of the connector's places that gather ideas, their own drafts, and what waits for an officer."""
    mine = places_for("write for a resident")
    rounds = [
        (place, row, stage)
        for place in mine
        for row, stage in round_stages(reading(), place=place.slug, today=today())
        if stage in BEFORE_THE_VOTE
    ]
    waiting = waiting_ideas(reading(), [place.slug for place in mine], today=today())
    drafts = [idea for idea in ideas_by(reading(), somebody().ref) if idea.state == State.DRAFT.value]
    return render_template("connector/desk.html", places=mine, rounds=rounds, waiting=waiting, drafts=drafts)


@blueprint.route("/rounds/<ref>/write", methods=["GET", "POST"])
@may("write for a resident", on=the_round)
def write_for(ref: str) -> ResponseReturnValue:
    """Write down what a resident told, with their consent; their draft stands among one's own."""
    view, who = found(RoundView), somebody().ref
    people = residents_at(reading(), authority=view.place.authority, place=view.place.slug, on=today())
    form = OnBehalfForm([(row.ref, row.name or "") for row in people], view.currency)
    if form.validate_on_submit():
        agreed = OnBehalf(resident=str(form.resident.data), consent=str(form.consent.data))
        words, key = form.words(view.place.district), str(form.idempotency_key.data)
        try:
            record_beside(lambda unit: write(unit, round_ref=ref, words=words, by=who, idempotency_key=key, for_=agreed))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("resident", fault.sentence)
        else:
            return redirect(url_for("connector.desk"))
    return render_template("connector/write.html", form=form, view=view, people=people), 422 if form.errors else 200


@blueprint.route("/rounds/<ref>/merge", methods=["GET", "POST"])
@may("merge ideas", on=the_round)
def merge_two(ref: str) -> ResponseReturnValue:
    """Make two ideas of a round one, with credit to everybody who had a part in either."""
    view, who = found(RoundView), somebody().ref
    ideas = [line.idea for line in idea_lines(reading(), ref, today=today())]
    shared = [idea for idea in ideas if idea.state == State.SHARED.value]
    form = TwoIdeasForm([(idea.ref, idea.title) for idea in shared])
    if any((idea.ref, idea.merged_into) == (form.idea.data, form.into.data) for idea in ideas):  # sent twice
        return redirect(url_for("public.proposal", ref=form.into.data))
    if form.validate_on_submit():
        one, into = str(form.idea.data), str(form.into.data)
        try:
            record_beside(lambda unit: merge(unit, ref=one, into=into, by=who))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("idea", fault.sentence)
        else:
            return redirect(url_for("public.proposal", ref=into))
    return render_template("connector/merge.html", form=form, view=view, many=len(shared)), 422 if form.errors else 200
