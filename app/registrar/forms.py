"""Whom a registrar asks in."""

from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import StringField

from app.forms import RecordedForm


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
