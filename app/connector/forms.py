"""What a connector fills in: somebody else's idea, with their consent; and two ideas that are one."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, ValidationError

from app.forms import RecordedForm, Typed
from app.shaping import IdeaForm

_KEPT = "Nothing was changed."


class OnBehalfForm(IdeaForm):
    """An idea that a resident told, and how they agreed to have it written down."""

    resident = SelectField("Whose idea it is", widget=GovSelect(), validators=[Typed(f"Choose whose idea it is. {_KEPT}")])
    consent = StringField(
        "How they agreed",
        widget=GovTextInput(),
        description="For example: On her doorstep, 3 March; I read it back to her. Only she and the registrar can read this.",
        validators=[
            Typed(f"Say how they agreed to have their idea written down and shared. {_KEPT}"),
            Length(max=300, message=f"Use at most 300 characters. {_KEPT}"),
        ],
    )

    def __init__(
        self,
        residents: list[tuple[str, str]],
        currency: str,
        *args: Any,  # noqa: ANN401 - WTForms' own options
        **options: Any,  # noqa: ANN401 - WTForms' own options
    ) -> None:
        """The residents of the place, by reference and name."""
        super().__init__(currency, *args, **options)
        self.resident.choices = [SelectChoice("", "Choose a resident"), *(SelectChoice(*pair) for pair in residents)]


class TwoIdeasForm(RecordedForm):
    """Which idea is merged into which."""

    idea = SelectField("This idea", widget=GovSelect(), validators=[Typed(f"Choose an idea. {_KEPT}")])
    into = SelectField("is merged into this one", widget=GovSelect(), validators=[Typed(f"Choose an idea. {_KEPT}")])

    def __init__(self, ideas: list[tuple[str, str]], *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The shared ideas of the round, by reference and title."""
        super().__init__(*args, **options)
        self.idea.choices = self.into.choices = [SelectChoice("", "Choose an idea"), *(SelectChoice(*pair) for pair in ideas)]

    def validate_into(self, field: SelectField) -> None:
        """They are two."""
        if field.data == self.idea.data:
            raise ValidationError(f"Choose two different ideas. {_KEPT}")
