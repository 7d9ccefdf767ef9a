"""The form of a decision on a prototype."""

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length

from app.forms import NO_NAMES, RecordedForm, Typed
from ledger.kinds.prototyping import Choice, Theme

_LONGEST = Length(max=4000, message="Use at most 4,000 characters here. Nothing was recorded.")


class PrototypeDecisionForm(RecordedForm):
    """What was learned, under at least one of the four themes, and what is decided, with reasons."""

    practice = TextAreaField(
        "Learned about practice and citizen experience", widget=GovTextArea(), description=NO_NAMES, validators=[_LONGEST]
    )
    workforce = TextAreaField(
        "Learned about workforce and culture", widget=GovTextArea(), description=NO_NAMES, validators=[_LONGEST]
    )
    leadership = TextAreaField(
        "Learned about leadership and governance", widget=GovTextArea(), description=NO_NAMES, validators=[_LONGEST]
    )
    system = TextAreaField("Learned about system conditions", widget=GovTextArea(), description=NO_NAMES, validators=[_LONGEST])
    choice = RadioField(
        "Your decision",
        widget=GovRadioInput(),
        choices=[
            SelectChoice(Choice.STOP.value, "Stop: it ends here, and nobody may adopt it"),
            SelectChoice(Choice.ADAPT.value, "Adapt: a changed one may start from this one"),
            SelectChoice(Choice.MAINSTREAM.value, "Mainstream: this is how it is done from now on"),
        ],
        validators=[Typed("Choose whether it is stopped, adapted or mainstreamed. Nothing was recorded.")],
    )
    reasons = TextAreaField(
        "Your reasons",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[Typed("Give your reasons in a sentence or two. Nothing was recorded."), _LONGEST],
    )

    @property
    def learned(self) -> dict[Theme, str]:
        """What was typed under each theme."""
        fields = {
            Theme.PRACTICE: self.practice,
            Theme.WORKFORCE: self.workforce,
            Theme.LEADERSHIP: self.leadership,
            Theme.SYSTEM: self.system,
        }
        return {theme: str(field.data or "") for theme, field in fields.items()}
