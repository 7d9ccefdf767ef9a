"""The finance officer's decision on a result."""

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea, GovTextInput
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length

from app.forms import FOR_EVER, NO_NAMES, RecordedForm, Typed


class DecisionForm(RecordedForm):
    """Ratify or refuse, under which power, and why. The reasons are public."""

    outcome = RadioField(
        "Your decision",
        widget=GovRadioInput(),
        choices=[
            SelectChoice("ratified", "Ratify: allocate to every winner what was voted"),
            SelectChoice("refused", "Refuse: nothing is allocated"),
        ],
        validators=[Typed("Choose whether you ratify or refuse. Nothing was recorded.")],
    )
    power = StringField(
        "The power you rely on",
        widget=GovTextInput(),
        description=f"For example: Scheme of delegation, paragraph 4.2. {FOR_EVER}",
        validators=[
            Typed("Name the power you rely on. Nothing was recorded."),
            Length(max=300, message="Use at most 300 characters for the power. Nothing was recorded."),
        ],
    )
    reasons = TextAreaField(
        "Your reasons",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[
            Typed("Give your reasons in a sentence or two. Nothing was recorded."),
            Length(max=4000, message="Use at most 4,000 characters for the reasons. Nothing was recorded."),
        ],
    )
