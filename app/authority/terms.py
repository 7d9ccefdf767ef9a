"""The authority leader agrees terms of reference with a partnership, and renews them with the evidence before their eyes."""

import json

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may
from app.authority.terms_forms import TermsForm
from app.promises import recorded_then
from app.signatories import signatories
from app.store import reading, record
from app.things import the_place
from ledger.entries import DatabaseBook, tree_size
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.kinds.devolving import Terms, VotingRule
from ledger.money import TIME
from ledger.places import Partnership
from ledger.powers import agree_terms, founding_payload
from ledger.records import Actor, Kind, Recorded
from ledger.renewing import evidence_at
from ledger.unit_of_work import UnitOfWork
from ledger.words import decisions_of

blueprint = Blueprint("terms", __name__, url_prefix="/authority/places")


@blueprint.route("/<slug>/terms", methods=["GET", "POST"])
@may("agree terms of reference", on=the_place)
def agree(slug: str) -> ResponseReturnValue:
    """Agree the next version of the terms of reference; from the second on, on the evidence pack that the page shows."""
    place, leader, session = found(Partnership), actor(), reading()
    book = DatabaseBook(session)
    currency = founding_payload(session, place.authority).currency
    earlier = [entry.payload for entry in book.where(Kind.TERMS, place=slug) if isinstance(entry.payload, Terms)]
    who = signatories(place.authority, leader.person, place=slug)
    form = TermsForm(list(book.where(Kind.DEVOLUTION, place=slug)), currency, who)
    said, decisions = None, []
    if earlier:
        written, evidence = evidence_at(session, slug, tree_size=tree_size(session))
        said = json.loads(written)
        decisions = decisions_of(session, [line["entry"] for line in said["decided"]])
    if form.validate_on_submit():
        try:
            recorded = record(lambda unit: _agree(unit, form, currency, earlier, leader))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("instrument", fault.sentence)
        else:
            return recorded_then(recorded, url_for("public.entry", index=recorded.index))
    if said is not None and (request.method == "GET" or form.errors):
        form.tree_size.data, form.digest.data = str(evidence.tree_size), evidence.digest  # what this page shows
    page = render_template(
        "authority/terms.html",
        form=form,
        place=place,
        earlier=earlier,
        pack=said,
        decisions=decisions,
        currency=currency,
    )
    return page, 422 if form.errors else 200


def _agree(unit: UnitOfWork, form: TermsForm, currency: str, earlier: list[Terms], leader: Actor) -> Recorded:
    days = (form.begins.data, form.review_on.data, form.sunset.data)
    begins, review_on, sunset = (day for day in days if day is not None)
    limits = {currency: form.award_money.data, TIME: form.award_hours.data}
    rule = VotingRule(name=str(form.rule.data))
    if earlier and earlier[-1].voting_rule.name == rule.name:
        rule = earlier[-1].voting_rule  # its finer points stay as they were agreed
    return agree_terms(
        unit,
        devolution=int(form.instrument.data),
        begins=begins,
        review_on=review_on,
        sunset=sunset,
        panel=form.panel.data or 0,
        quorum=form.quorum.data or 0,
        resident_majority=bool(form.resident_majority.data),
        open_vote=bool(form.open_vote.data),
        limits={resource: limit for resource, limit in limits.items() if limit},
        voting_rule=rule,
        evidence=form.evidence,
        conditions=form.conditions.data or None,
        signatories=form.signatories.data or (),
        actor=leader,
        idempotency_key=str(form.idempotency_key.data),
    )
