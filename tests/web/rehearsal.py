"""A desk of its own for tests of what all desks share: one form, and views that go wrong in every way."""

from flask import Blueprint, Flask, Response, abort, redirect, render_template_string, url_for
from flask.typing import ResponseReturnValue
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the types that are published
from wtforms.validators import InputRequired

from app.access import anyone, may, signed_in
from app.forms import HoursField, MoneyField, RecordedForm
from ledger.errors import Invalid, LedgerError, NotFound

PAGE = """
{% extends "layout.html" %}
{% from "macros/forms.html" import error_summary, record %}
{% block title %}Ask for money{% endblock %}
{% block summary %}{{ error_summary(form) }}{% endblock %}
{% block content %}
{% call record(form, action=url_for("rehearsal.ask"), submit="Ask") %}
{{ form.amount }}{{ form.time }}{{ form.way }}
{% endcall %}
{% endblock %}
"""


class Full(LedgerError):
    """The hall is full: {seats} seats are taken. Nothing was recorded."""


class AskForm(RecordedForm):
    amount = MoneyField("How much?")
    time = HoursField("How many hours?")
    way = RadioField(
        "How?",
        choices=[SelectChoice("card", "By card"), SelectChoice("cheque", "By cheque")],
        widget=GovRadioInput(),
        validators=[InputRequired("Choose how you want it.")],
    )


def add_rehearsal(app: Flask) -> list[dict[str, object]]:
    """Add the desk to an application that has not answered yet; returns the list of what it was asked."""
    desk = Blueprint("rehearsal", __name__)
    asked: list[dict[str, object]] = []

    @desk.route("/rehearsal", methods=["GET", "POST"])
    @anyone
    def ask() -> ResponseReturnValue:
        form = AskForm()
        if form.validate_on_submit():
            asked.append({"amount": form.amount.data, "time": form.time.data, "key": form.idempotency_key.data})
            return redirect(url_for("rehearsal.ask"))
        return render_template_string(PAGE, form=form, failed=bool(form.errors))

    @desk.get("/rehearsal/abort/<int:code>")
    @anyone
    def stop(code: int) -> ResponseReturnValue:
        abort(code)

    @desk.get("/rehearsal/refused/<kind>")
    @anyone
    def refused(kind: str) -> ResponseReturnValue:
        faults = {
            "full": Full(seats=90),
            "invalid": Invalid(problem="The date is past."),
            "missing": NotFound(what="hall", name="h9"),
        }
        raise faults[kind]

    @desk.get("/rehearsal/members")
    @signed_in
    def members() -> Response:
        return Response("members", mimetype="text/plain")

    @desk.get("/rehearsal/officers")
    @may("open the finance desk")
    def officers() -> Response:
        return Response("officers", mimetype="text/plain")

    app.register_blueprint(desk)
    return asked
