"""The chair opens a round with the days of its stages, sets its rules while they can change, and freezes them."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may
from app.panel.round_forms import AnnounceForm, FreezeForm, RulesForm
from app.promises import recorded_then
from app.store import reading, record, record_beside
from app.things import the_place, the_round
from ledger.entries import entry_at
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.kinds.deciding import Electorate
from ledger.money import TIME
from ledger.places import Partnership
from ledger.powers import founding_payload
from ledger.rounds.freezing import Drafted, draft_rules, freeze_rules
from ledger.rounds.process import Opening, announce_round
from ledger.rounds.reading import RoundView

blueprint = Blueprint("rounds", __name__, url_prefix="/panel")


@blueprint.route("/places/<slug>/rounds/new", methods=["GET", "POST"])
@may("open a round", on=the_place)
def open_one(slug: str) -> ResponseReturnValue:
    """Announce a round: what it shares out, who votes, and the day of each of its stages."""
    place, chair = found(Partnership), actor()
    currency = founding_payload(reading(), place.authority).currency
    form = AnnounceForm(currency)
    if form.validate_on_submit():
        opening = _opening(form, slug, currency)
        try:
            key = str(form.idempotency_key.data)
            row = record(lambda unit: announce_round(unit, opening=opening, actor=chair, idempotency_key=key).entry)
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("title", fault.sentence)
        else:
            return recorded_then(entry_at(reading(), row), url_for("public.round_", ref=opening.ref))
    return render_template("panel/round_open.html", place=place, form=form), 422 if form.errors else 200


@blueprint.route("/rounds/<ref>/rules", methods=["GET", "POST"])
@may("freeze the rules of a round", on=the_round)
def rules(ref: str) -> ResponseReturnValue:
    """See the rules as they would be frozen today, and set what the terms of reference leave open."""
    view = found(RoundView)
    form = RulesForm(view.currency)
    if form.validate_on_submit():
        drafted = Drafted(most_choices=form.most_choices.data or 0, caps=tuple(form.caps()))
        try:
            record_beside(lambda unit: draft_rules(unit, round_ref=ref, drafted=drafted))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            if view.frozen is not None:  # nothing that was typed would make it right: 409, with the sentence
                raise
            form.refuse("limits", fault.sentence)
        else:
            return redirect(url_for("rounds.rules", ref=ref))
    elif not form.is_submitted():
        form.most_choices.data = view.rules.most_choices
        form.show(view.rules.bounds.caps if view.rules.bounds is not None else ())
    return _rules_page(view, form, None), 422 if form.errors else 200


@blueprint.post("/rounds/<ref>/freeze")
@may("freeze the rules of a round", on=the_round)
def freeze(ref: str) -> ResponseReturnValue:
    """Freeze the rules and the ballot in the ledger, for good."""
    view, chair, form = found(RoundView), actor(), FreezeForm()
    refusal = None
    if form.validate_on_submit():
        key = str(form.idempotency_key.data)
        try:
            recorded = record(lambda unit: freeze_rules(unit, round_ref=ref, actor=chair, idempotency_key=key))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            if view.frozen is not None:
                raise
            refusal = fault.sentence
        else:
            return recorded_then(recorded, url_for("public.round_", ref=ref))
    return _rules_page(view, RulesForm(view.currency, formdata=None), refusal), 422


def _rules_page(view: RoundView, form: RulesForm, refusal: str | None) -> str:
    return render_template("panel/rules.html", view=view, form=form, freezing=FreezeForm(formdata=None), refusal=refusal)


def _opening(form: AnnounceForm, slug: str, currency: str) -> Opening:
    opens_on, closes_on = form.opens_on.data, form.closes_on.data
    if opens_on is None or closes_on is None:
        raise AssertionError("a validated form has its days")
    given = {currency: form.money.data or 0, TIME: form.hours.data or 0}
    return Opening(
        ref=f"{slug}-{opens_on}",  # the same form sent again is the same round
        partnership=slug,
        title=str(form.title.data),
        summary=str(form.summary.data),
        budget={resource: amount for resource, amount in given.items() if amount},
        opens_on=opens_on,
        closes_on=closes_on,
        electorate=Electorate(form.electorate.data),
        calendar=form.calendar(),
        joint=form.joint.data or None,
    )
