"""A panel's meeting on one page: its agenda, who is there now, the quorum of each item, and its minutes."""

from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from govuk_frontend_wtf.wtforms_widgets import GovTextArea
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from app.access import allowed, found, may
from app.acting import somebody, today
from app.forms import NO_NAMES, DayField, RecordedForm, Typed
from app.store import reading, record_beside
from app.things import of_round, the_meeting, the_round
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.people import ERASED, names
from ledger.rounds.ballots import panel_of
from ledger.rounds.meetings import Meeting, attending, call_meeting, come, end_meeting, leave, meetings_of, quorums
from ledger.rounds.reading import RoundView, round_view
from ledger.unit_of_work import UnitOfWork

blueprint = Blueprint("meetings", __name__, url_prefix="/panel")

_LONG = Length(max=8000, message="Use at most 8,000 characters. Nothing was changed.")


class CallForm(RecordedForm):
    """When the panel meets, and about what."""

    on = DayField("Day of the meeting", validators=[Typed("Enter the day as day, month and year. Nothing was changed.")])
    agenda = TextAreaField(
        "Agenda",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[Typed("Write the agenda. Nothing was changed."), _LONG],
    )


class MinutesForm(RecordedForm):
    """What was said and agreed."""

    minutes = TextAreaField(
        "Minutes", widget=GovTextArea(), description=NO_NAMES,
        validators=[Typed("Write the minutes. Nothing was changed."), _LONG],
    )  # fmt: skip


@blueprint.route("/rounds/<ref>/meetings", methods=["GET", "POST"])
@may("call a meeting", on=the_round)
def call(ref: str) -> ResponseReturnValue:
    """Call a meeting about a round, and see those that were called."""
    view, form, who = found(RoundView), CallForm(), somebody().ref
    if form.validate_on_submit() and (day := form.on.data) is not None:
        agenda = str(form.agenda.data)
        if _done(form, "agenda", lambda unit: call_meeting(unit, round_ref=ref, on=day, agenda=agenda, by=who)):
            return redirect(url_for("meetings.one", ref=f"{ref}-{day}"))
    meetings = meetings_of(reading(), ref)
    return render_template("panel/meetings.html", view=view, form=form, meetings=meetings), 422 if form.errors else 200


@blueprint.get("/meetings/<ref>")
@may("attend a meeting", on=the_meeting)
def one(ref: str) -> str:  # noqa: ARG001 - the loader has read the meeting
    """The meeting as it is now. It is loaded again to see who came since."""
    return _page(found(Meeting), MinutesForm(formdata=None))


@blueprint.post("/meetings/<ref>/here")
@may("attend a meeting", on=the_meeting)
def here(ref: str) -> Response:
    """Note that somebody came, or left: oneself, or, as the chair, another member."""
    person, by = request.form.get("person") or somebody().ref, somebody().ref
    step = leave if request.form.get("went") == "yes" else come
    record_beside(lambda unit: step(unit, meeting=ref, person=person, by=by))
    return redirect(url_for("meetings.one", ref=ref))


@blueprint.post("/meetings/<ref>/end")
@may("end a meeting", on=the_meeting)
def end(ref: str) -> ResponseReturnValue:
    """Publish the minutes; nothing of the meeting changes after that."""
    meeting, form, who = found(Meeting), MinutesForm(), somebody().ref
    if form.validate_on_submit():
        minutes = str(form.minutes.data)
        if _done(form, "minutes", lambda unit: end_meeting(unit, meeting=ref, minutes=minutes, by=who)):
            return redirect(url_for("meetings.one", ref=ref))
    return _page(meeting, form), 422


def _page(meeting: Meeting, form: MinutesForm) -> str:
    view = round_view(reading(), meeting.round, today=today())
    titles = {line.proposal.ref: line.proposal.title for line in view.lines}
    members = panel_of(reading(), authority=view.place.authority, place=view.place.slug, on=today())
    rows = attending(reading(), meeting.ref)
    return render_template(
        "panel/meeting.html",
        meeting=meeting,
        view=view,
        form=form,
        titles=titles,
        quorums=quorums(reading(), meeting.ref, items=tuple(titles), on=today()),
        members=members,
        here={row.person for row in rows if row.went is None},
        rows=rows,
        names=names(reading(), {*members, *(row.person for row in rows)}),
        erased=ERASED,
        me=somebody().ref,
        chairs=allowed("call a meeting", of_round(view)),
    )


def _done(form: RecordedForm, field: str, work: Callable[[UnitOfWork], object]) -> bool:
    try:
        record_beside(work)
    except DatabaseFault:  # not about what was typed
        raise
    except LedgerError as fault:
        form.refuse(field, fault.sentence)
        return False
    return True
