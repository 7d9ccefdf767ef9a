"""Whom a registrar asks in, and what they answer people about their own data."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextInput
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs

from app.forms import RecordedForm, Typed
from ledger.subject_requests import Declined, Request, What


class InvitationForm(RecordedForm):
    """A name, the address to which the invitation goes, and who that is here already."""

    name = StringField(
        "Name", widget=GovTextInput(), description="As others here will read it. It can be corrected and erased."
    )
    email = StringField("Email address", widget=GovTextInput(), description="The invitation works for this address only.")
    person = StringField(
        "Reference, if they are here already",
        widget=GovTextInput(),
        description="For somebody whose roles are recorded and who cannot sign in yet, such as p-3f2a. Otherwise leave empty.",
    )


class AnswerForm(RecordedForm):
    """Whether what somebody asks for is done; if not, why. `read` is the name that stood on the page when it was opened."""

    read = HiddenField()
    answer = RadioField("Your answer", widget=GovRadioInput(), validators=[Typed("Choose an answer. Nothing was changed.")])

    def __init__(self, asked: Request, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The choices for what is asked."""
        super().__init__(*args, **options)
        if not self.is_submitted():
            self.read.data = asked.name
        done = "Correct the name" if asked.what == What.NAME else "Erase the name for good; it cannot be undone"
        self.answer.choices = [
            SelectChoice("done", done),
            SelectChoice(Declined.IN_OFFICE.value, "Decline: they hold a role, and whoever acts in public is named"),
            SelectChoice(Declined.KEPT_BY_LAW.value, "Decline: the law requires it to be kept"),
            SelectChoice(Declined.NOT_SHOWN.value, "Decline: they have not shown that it is so"),
        ]

    @property
    def why(self) -> Declined | None:
        """Why it is not done; none when it is."""
        return Declined(self.answer.data) if self.answer.data != "done" else None
