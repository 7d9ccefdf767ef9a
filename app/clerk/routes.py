"""The clerks' desk at `/clerk`: plain forms that work without JavaScript, and show nobody's entry before both are there."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, places_for
from app.acting import somebody, today
from app.clerk.forms import ClerkForm, DiceForm, PaperForm, StripsForm
from app.store import reading, unit_of_work
from app.things import the_round
from ledger.ballot.sampling import NoSample, explained
from ledger.people import person
from ledger.rounds.paper import (
    PaperRefused,
    Progress,
    adjudicate,
    difference,
    key_paper,
    next_paper,
    next_to_decide,
    progress_of,
    take_in,
)
from ledger.rounds.paper_audit import AuditRefused, audit_of, compare, draw
from ledger.rounds.reading import RoundView, round_stages
from ledger.rounds.roll import keyring_of
from ledger.tally import UnsoundElection
from ledger.unit_of_work import UnitOfWork

blueprint = Blueprint("clerk", __name__, url_prefix="/clerk")
SAID = "clerk"
WORK = "handle papers"
_REFUSED = 422
_WRONG = (1, 8, 20)  # how many wrong papers the page explains a sample for


@blueprint.get("")
@may("open the clerks’ desk")
def desk() -> str:
    """The rounds with a secret ballot, at the places where this person handles papers."""
    rounds = [
        (place, row, stage)
        for place in places_for(WORK)
        for row, stage in round_stages(reading(), place=place.slug, today=today())
        if keyring_of(reading(), row.ref) is not None
    ]
    return render_template("clerk/desk.html", rounds=rounds)


@blueprint.get("/rounds/<ref>")
@may(WORK, on=the_round)
def papers(ref: str) -> str:
    """How far the papers of a round are. It says nothing of what anybody entered."""
    progress = progress_of(reading(), ref)
    sizes = [explained(progress.papers, wrong) for wrong in _WRONG if wrong <= progress.papers]
    clerks = {who: person(reading(), who).name or who for who in {batch.clerk for batch in progress.batches}}
    return render_template("clerk/papers.html", **_shown(ref, progress), sizes=sizes, clerks=clerks)


@blueprint.route("/rounds/<ref>/strips", methods=["GET", "POST"])
@may(WORK, on=the_round)
def strips(ref: str) -> ResponseReturnValue:
    """Take in a batch: the codes of its strips, before any paper has a number."""
    form, progress = StripsForm(), progress_of(reading(), ref)
    if not form.is_submitted():
        form.number.data = str(len(progress.batches) + 1)
    if form.validate_on_submit():
        number = form.number.data or ""

        def take(unit: UnitOfWork) -> str:
            batch = take_in(
                unit, round_ref=ref, codes=form.lines, papers=int(form.papers.data or "0"),
                number=int(number) if number.isascii() and number.isdecimal() else 0, clerk=actor().person,
            )  # fmt: skip
            return (
                f"Batch {batch.number} is taken in. Number its papers now: {batch.first} to {batch.first + batch.papers - 1}."
            )

        if _done(form, "codes", take):
            return redirect(url_for("clerk.papers", ref=ref))
    return render_template("clerk/strips.html", form=form, **_shown(ref, progress)), _REFUSED if form.errors else 200


@blueprint.route("/rounds/<ref>/enter", methods=["GET", "POST"])
@may(WORK, on=the_round)
def enter(ref: str) -> ResponseReturnValue:
    """Enter the next paper that this person has not entered and that needs an entry."""
    form, who = PaperForm(found(RoundView)), somebody().ref
    if not form.is_submitted():
        form.paper.data = str(next_paper(reading(), ref, who) or "")
    elif form.validate():
        paper = int(form.paper.data or "0")

        def key(unit: UnitOfWork) -> str:
            turn = key_paper(unit, round_ref=ref, paper=paper, chosen=form.chosen, clerk=actor().person)
            return f"Paper {paper} has its {'first' if turn == 1 else 'second'} entry."

        if _done(form, "choices", key):
            return redirect(url_for("clerk.enter", ref=ref))
    return render_template(
        "clerk/enter.html", form=form, paper=form.paper.data, entries=None, **_shown(ref, progress_of(reading(), ref))
    ), _REFUSED if form.errors else 200


@blueprint.route("/rounds/<ref>/decide", methods=["GET", "POST"])
@may(WORK, on=the_round)
def decide(ref: str) -> ResponseReturnValue:
    """Decide, as a third person with the paper in hand, where two entries differ."""
    form, who = PaperForm(found(RoundView)), somebody().ref
    if not form.is_submitted():
        form.paper.data = str(next_to_decide(reading(), ref, who) or "")
    elif form.validate():
        paper = int(form.paper.data or "0")

        def rule(unit: UnitOfWork) -> str:
            adjudicate(unit, round_ref=ref, paper=paper, chosen=form.chosen, clerk=actor().person)
            return f"Paper {paper} is decided."

        if _done(form, "choices", rule):
            return redirect(url_for("clerk.decide", ref=ref))
    number = form.paper.data or ""
    entries = (
        difference(reading(), ref, int(number)) if number.isascii() and number.isdecimal() and not form.paper.errors else None
    )
    return render_template(
        "clerk/enter.html", form=form, paper=number, entries=entries, **_shown(ref, progress_of(reading(), ref)), decides=True
    ), _REFUSED if form.errors else 200


@blueprint.route("/rounds/<ref>/dice", methods=["GET", "POST"])
@may(WORK, on=the_round)
def dice(ref: str) -> ResponseReturnValue:
    """Write down the dice of the audit, once the papers are in the log."""
    form, audit = DiceForm(), audit_of(reading(), ref)

    def throw(unit: UnitOfWork) -> str:
        made = draw(
            unit, round_ref=ref, dice=form.dice.data or "", wrong=int(form.wrong.data or "0"), clerk=actor().person,
        )  # fmt: skip
        return f"{made.said} They are drawn."

    if form.validate_on_submit() and _done(form, "dice", throw):
        return redirect(url_for("clerk.compare_paper", ref=ref))
    page = render_template("clerk/dice.html", form=form, audit=audit, **_shown(ref, progress_of(reading(), ref)))
    return page, _REFUSED if form.errors else 200


@blueprint.route("/rounds/<ref>/audit", methods=["GET", "POST"])
@may(WORK, on=the_round)
def compare_paper(ref: str) -> ResponseReturnValue:
    """Read the next drawn paper once more; whether the log says the same."""
    form, audit = PaperForm(found(RoundView)), audit_of(reading(), ref)
    if not form.is_submitted():
        form.paper.data = str(next(iter(audit.waiting), ""))
    elif form.validate():
        paper = int(form.paper.data or "0")

        def read(unit: UnitOfWork) -> str:
            agrees = compare(unit, round_ref=ref, paper=paper, chosen=form.chosen, clerk=actor().person)
            return f"Paper {paper} {'says what was recorded' if agrees else 'does not say what was recorded'}."

        if _done(form, "choices", read):
            return redirect(url_for("clerk.compare_paper", ref=ref))
    page = render_template(
        "clerk/enter.html", form=form, paper=form.paper.data, audit=audit, entries=None,
        **_shown(ref, progress_of(reading(), ref)),
    )  # fmt: skip
    return page, _REFUSED if form.errors else 200


def _shown(ref: str, progress: Progress) -> dict[str, object]:
    """What every page of a round's papers shows."""
    keyring = keyring_of(reading(), ref)
    taking, closed = keyring is not None and not keyring.closed, keyring is not None and keyring.closed
    return {"view": found(RoundView), "progress": progress, "open": taking, "closed": closed, "said": SAID}


def _done(form: ClerkForm, field: str, work: Callable[[UnitOfWork], str]) -> bool:
    """Do one thing, all of it or nothing, and say so on the next page; or say beside the field why not."""
    if keyring_of(reading(), found(RoundView).row.ref) is None:
        form.refuse(field, "This round has no secret ballot, so it has no papers. Nothing was recorded.")
        return False
    try:
        with unit_of_work(appends=False) as unit:
            sentence = work(unit)
            unit.commit()
    except (PaperRefused, AuditRefused, NoSample, UnsoundElection) as fault:
        form.refuse(field, fault.sentence)
        return False
    flash(sentence, SAID)
    return True
