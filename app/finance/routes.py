"""The finance officer's desk: results that wait, and powers, limits and funds of each on one page."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, places_for
from app.acting import today
from app.finance.forms import DecisionForm
from app.promises import recorded_then
from app.store import reading, record
from app.things import the_round
from ledger.entries import DatabaseBook
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.flows import position
from ledger.kinds.controlling import is_frozen
from ledger.kinds.devolving import devolution_of, terms_of
from ledger.kinds.living import missing
from ledger.money import TIME, format_amount
from ledger.names import names_of
from ledger.rounds.idea_reading import waiting_ideas
from ledger.rounds.process import ratify, refuse
from ledger.rounds.reading import RoundView, round_stages
from ledger.rounds.stages import DECIDED, Stage

blueprint = Blueprint("finance", __name__, url_prefix="/finance")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to be sure of before money moves: what it is, whether it holds, and the facts."""

    name: str
    holds: bool
    facts: str


@blueprint.get("")
@may("open the finance desk")
def desk() -> str:
    """Results that wait for a decision, and those already decided."""
    mine = places_for("decide on a result")
    rounds = [(place, row, stage) for place in mine for row, stage in round_stages(reading(), place=place.slug, today=today())]
    waiting = [line for line in rounds if line[2] is Stage.COUNTED]
    decided = [line for line in rounds if line[2] in DECIDED]
    ideas = waiting_ideas(reading(), [place.slug for place in places_for("comment on an idea")], today=today())
    return render_template("finance/desk.html", waiting=waiting, decided=decided, ideas=ideas)


@blueprint.route("/rounds/<ref>", methods=["GET", "POST"])
@may("decide on a result", on=the_round)
def decide(ref: str) -> ResponseReturnValue:
    """See powers, limits and funds on one page, then ratify or refuse with reasons."""
    view, officer = found(RoundView), actor()
    form = DecisionForm()
    if form.validate_on_submit():
        decision = ratify if form.outcome.data == "ratified" else refuse
        try:
            recorded = record(
                lambda unit: decision(
                    unit,
                    round_ref=ref,
                    power=str(form.power.data),
                    reasons=str(form.reasons.data),
                    actor=officer,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("outcome", fault.sentence)
        else:
            return recorded_then(recorded, url_for("public.round_", ref=ref))
    return render_template("finance/decide.html", view=view, form=form, checks=_checks(view, officer.person)), (
        422 if form.errors else 200
    )


def _checks(view: RoundView, officer: str) -> list[Check]:
    """What the ledger will ask, said beforehand: powers, quorum, limits, funds, and two different people."""
    session = reading()
    book = DatabaseBook(session)
    terms_entry, terms = terms_of(view.opened, book)
    instrument = devolution_of(view.opened, book)[1]
    live = terms.begins <= today() <= terms.sunset and instrument.begins <= today() <= instrument.ends
    frozen = is_frozen(book, view.place.slug)
    lacks = missing(book, entry=terms_entry, terms=terms, on=today()) if terms.edition > 1 else []
    votes = view.counted.votes if view.counted else view.turnout
    winners = [line for line in view.lines if line.chosen]
    checks = [
        Check(
            "Powers",
            live,
            f"Terms of reference version {terms.version} (entry {terms_entry.index}) run to {terms.sunset:%-d %B %Y}, under "
            f"“{instrument.title}”, which runs to {instrument.ends:%-d %B %Y}.",
        ),
        Check("Quorum", votes >= view.rules.quorum, f"{votes} voted; {view.rules.quorum} were needed."),
        Check(
            "Live",
            not lacks,
            f"{view.place.name} has {' and '.join(lacks)}."
            if lacks
            else "Residents’ majority, connector, accountability partner.",
        ),
        Check("Pot open", not frozen, f"The pot of {view.place.name} is {'frozen' if frozen else 'not frozen'}."),
    ]
    for resource, asked in ((view.currency, [w.proposal.cost for w in winners]), (TIME, [w.proposal.minutes for w in winners])):
        if resource == TIME and not any(asked):
            continue
        limit = terms.limits.get(resource, 0)
        largest, total = max(asked, default=0), sum(asked)
        left = position(session, place=view.place.slug, resource=resource).available
        thing = "staff time" if resource == TIME else "money"
        said = [format_amount(amount, resource) for amount in (largest, limit, total, left)]
        checks.append(Check(f"Limit, {thing}", largest <= limit, f"The largest award is {said[0]}; the limit is {said[1]}."))
        checks.append(Check(f"Funds, {thing}", total <= left, f"The winners need {said[2]}; the pot holds {said[3]}."))
    closed_by = view.result.actor.person if view.result else None
    closer = names_of(session, [view.result]).person(closed_by) if view.result and closed_by else "nobody yet"
    checks.append(Check("Two people", closed_by != officer, f"The vote was closed by {closer}, who cannot ratify it."))
    return checks
