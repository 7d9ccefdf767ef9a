"""A resident's own ideas: written, changed, shared, merged, withdrawn; and what anybody signed in adds to others' ideas."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import found, may, places_for, signed_in
from app.acting import somebody, today
from app.forms import RecordedForm
from app.me.idea_forms import AnswerForm, AskForm, CoAuthorForm, MergeForm, PhotoForm, WithdrawForm
from app.shaping import IdeaForm
from app.store import reading, record_beside
from app.things import the_round
from app.uploads import LARGEST, NotAPicture, draw_anew
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.people import person
from ledger.rounds import shaping
from ledger.rounds.idea_reading import IdeaView, idea_view, residents_at
from ledger.rounds.ideas import Photo, Question, State, ideas_by, shared_ideas
from ledger.rounds.reading import RoundView, round_stages
from ledger.rounds.stages import TAKING_IDEAS
from ledger.unit_of_work import UnitOfWork

SAID = "ideas"
_FORM = 100_000  # bytes of a form beside its file

blueprint = Blueprint("my_ideas", __name__, url_prefix="/me/proposals")


@blueprint.get("")
@signed_in
def mine() -> str:
    """One's own ideas, and the rounds in which one can write another."""
    rounds = [
        row
        for place in places_for("write an idea")
        for row, stage in round_stages(reading(), place=place.slug, today=today())
        if stage in TAKING_IDEAS
    ]
    return render_template("me/ideas.html", ideas=ideas_by(reading(), somebody().ref), rounds=rounds)


@blueprint.route("/new/<ref>", methods=["GET", "POST"])
@may("write an idea", on=the_round)
def new(ref: str) -> ResponseReturnValue:
    """Write an idea; nobody else sees it before it is shared."""
    view, who = found(RoundView), somebody().ref
    form = IdeaForm(view.currency)
    if form.validate_on_submit():
        key, words = str(form.idempotency_key.data), form.words(view.place.district)
        if _done(form, lambda unit: shaping.write(unit, round_ref=ref, words=words, by=who, idempotency_key=key)):
            return redirect(url_for("my_ideas.mine"))
    page = render_template("me/idea_form.html", form=form, row=view.row, view=view, idea=None)
    return page, 422 if form.errors else 200


@blueprint.get("/<ref>")
@signed_in
def one(ref: str) -> str:
    """One's own idea, as its authors see it, with what they can do."""
    return _page(_own(ref))


@blueprint.route("/<ref>/change", methods=["GET", "POST"])
@signed_in
def change(ref: str) -> ResponseReturnValue:
    """Let the idea read otherwise; how it read before is kept."""
    view, who = _own(ref), somebody().ref
    form = IdeaForm(view.currency, idea=view.idea)
    if form.validate_on_submit():
        words = form.words(view.idea.district)
        if _done(form, lambda unit: shaping.change(unit, ref=ref, words=words, by=who)):
            return _back(ref, "Your idea reads as you wrote it now. How it read before is kept.")
    return render_template("me/idea_form.html", form=form, row=view.row, idea=view.idea), 422 if form.errors else 200


@blueprint.post("/<ref>/share")
@signed_in
def share(ref: str) -> Response:
    """Let everybody read the idea."""
    _own(ref)
    record_beside(lambda unit: shaping.share(unit, ref=ref, by=somebody().ref))
    return _back(ref, "Everybody can read your idea now.")


@blueprint.post("/<ref>/withdraw")
@signed_in
def withdraw(ref: str) -> ResponseReturnValue:
    """Take the idea back, with the reason."""
    view, form = _own(ref), WithdrawForm()
    if form.validate_on_submit() and _done(
        form, lambda unit: shaping.withdraw_idea(unit, ref=ref, reason=str(form.reason.data), by=somebody().ref)
    ):
        return _back(ref, "Your idea is withdrawn.")
    return _page(view, withdraw=form), 422


@blueprint.post("/<ref>/merge")
@signed_in
def merge(ref: str) -> ResponseReturnValue:
    """Merge the idea into another one of one's own."""
    view = _own(ref)
    form = MergeForm(_others(view))
    if form.validate_on_submit():
        into = str(form.into.data)
        if _done(form, lambda unit: shaping.merge(unit, ref=ref, into=into, by=somebody().ref)):
            return _back(into, "The two are one idea now. Everybody who had a part in either is credited.")
    return _page(view, merge=form), 422


@blueprint.post("/<ref>/co-authors")
@signed_in
def co_author(ref: str) -> ResponseReturnValue:
    """Give another resident a part in the idea."""
    view = _own(ref)
    form = CoAuthorForm(_residents(view))
    if form.validate_on_submit():
        other = str(form.other.data)
        if _done(form, lambda unit: shaping.add_co_author(unit, ref=ref, other=other, by=somebody().ref)):
            return _back(ref, f"{person(reading(), other).name} can change this idea too now.")
    return _page(view, co_author=form), 422


@blueprint.post("/<ref>/name")
@signed_in
def name(ref: str) -> Response:
    """Show one's own name on the idea's page, or take it down."""
    _own(ref)
    named = request.form.get("named") == "yes"
    record_beside(lambda unit: shaping.name_me(unit, ref=ref, by=somebody().ref, named=named))
    return _back(ref, "Your name stands on this idea." if named else "Your name does not stand on this idea.")


@blueprint.post("/<ref>/pictures")
@signed_in
def picture(ref: str) -> ResponseReturnValue:
    """Add a picture, which is drawn anew."""
    request.max_content_length = LARGEST + _FORM
    view, form = _own(ref), PhotoForm()
    if form.validate_on_submit():
        sent = request.files.get("photo")
        try:
            drawn = draw_anew(sent.stream.read(LARGEST + 1) if sent is not None else b"")
        except NotAPicture as fault:
            form.refuse("photo", fault.sentence)
        else:
            photo = Photo.drawn(ref, drawn.jpeg, (drawn.width, drawn.height), str(form.words.data))
            if _done(form, lambda unit: shaping.show_photo(unit, ref=ref, photo=photo, by=somebody().ref)):
                return _back(ref, "The picture is added.")
    return _page(view, photo=form), 422


@blueprint.post("/<ref>/second")
@signed_in
def second(ref: str) -> Response:
    """Second an idea: once, however often it is sent."""
    record_beside(lambda unit: shaping.second(unit, ref=ref, by=somebody().ref))
    return redirect(url_for("public.proposal", ref=ref))


@blueprint.route("/<ref>/ask", methods=["GET", "POST"])
@signed_in
def ask(ref: str) -> ResponseReturnValue:
    """Ask something that stays with the idea."""
    view = idea_view(reading(), ref, today=today())
    if view.idea.shared is None:
        abort(404)
    form, who = AskForm(), somebody().ref
    if form.validate_on_submit():
        asked, key = str(form.asked.data), str(form.idempotency_key.data)
        if _done(form, lambda unit: shaping.ask_about(unit, ref=ref, asked=asked, by=who, idempotency_key=key)):
            return redirect(url_for("public.proposal", ref=ref))
    return render_template("me/idea_ask.html", view=view, form=form), 422 if form.errors else 200


@blueprint.route("/questions/<ref>", methods=["GET", "POST"])
@signed_in
def answer(ref: str) -> ResponseReturnValue:
    """Answer a question, as an author of its idea or as the connector."""
    question = reading().get(Question, ref)
    if question is None:
        abort(404)
    form, idea, who = AnswerForm(), question.idea, somebody().ref
    if form.validate_on_submit() and _done(
        form, lambda unit: shaping.answer(unit, question=ref, said=str(form.said.data), by=who)
    ):
        return redirect(url_for("public.proposal", ref=idea))
    view = idea_view(reading(), idea, today=today())
    return render_template("me/idea_answer.html", view=view, question=question, form=form), 422 if form.errors else 200


def _own(ref: str) -> IdeaView:
    """The idea, to whoever has a part in it; to anybody else it is not there."""
    view = idea_view(reading(), ref, today=today())
    if not view.is_by(somebody().ref):
        abort(404)
    return view


def _others(view: IdeaView) -> list[tuple[str, str]]:
    own = {idea.ref for idea in ideas_by(reading(), somebody().ref)}
    others = [idea for idea in shared_ideas(reading(), view.row.ref) if idea.ref in own - {view.idea.ref}]
    return [(idea.ref, idea.title) for idea in others if idea.state == State.SHARED.value]


def _residents(view: IdeaView) -> list[tuple[str, str]]:
    rows = residents_at(reading(), authority=view.authority, place=view.place.slug, on=today())
    return [(row.ref, row.name or "") for row in rows if not view.is_by(row.ref)]


def _page(view: IdeaView, **forms: object) -> str:
    fresh = {
        "withdraw": WithdrawForm(formdata=None), "merge": MergeForm(_others(view), formdata=None),
        "co_author": CoAuthorForm(_residents(view), formdata=None), "photo": PhotoForm(formdata=None),
    }  # fmt: skip
    wrong = next(iter(forms.values()), None)
    return render_template("me/idea.html", idea=view, forms={**fresh, **forms}, wrong=wrong, said=SAID, me=somebody().ref)


def _done(form: RecordedForm, work: Callable[[UnitOfWork], object]) -> bool:
    """Do it; a refusal of the ledger stands beside the form's first field."""
    try:
        record_beside(work)
    except DatabaseFault:  # not about what was typed
        raise
    except LedgerError as fault:
        form.refuse(next(field.name for field in form if field.widget.input_type != "hidden"), fault.sentence)
        return False
    return True


def _back(ref: str, said: str) -> Response:
    flash(said, SAID)
    return redirect(url_for("my_ideas.one", ref=ref))
