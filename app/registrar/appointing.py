"""The registrar's forms: somebody takes up a role, or it ends."""

from datetime import date
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovSelect, GovTextInput
from wtforms import BooleanField, Field, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, StopValidation, ValidationError

from app.acting import today
from app.forms import DayField, RecordedForm, Typed
from ledger.people import Role
from ledger.places import Authority, Partnership


class LeftEmpty:
    """A day may be left out, in all three of its fields; what is half typed is a mistake."""

    def __call__(self, _form: Any, field: DayField) -> None:  # noqa: ANN401 - WTForms' protocol
        """Raise StopValidation, without a message, when nothing was typed."""
        if not any(part.strip() for part in field.raw_data or []):
            field.errors = []
            raise StopValidation


class ReferenceField(Field):
    """Somebody's opaque reference, without the spaces around it. It is not words, and nothing in it is public."""

    widget = GovTextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take what was typed."""
        self.data = valuelist[0].strip() if valuelist else ""

    def _value(self) -> str:
        return str(self.data or "")


class AppointForm(RecordedForm):
    """Who takes up which role, where, and to which day. People and places are the authority's own."""

    person = SelectField("Who is it?", widget=GovSelect())
    reference = ReferenceField(
        "Their reference, if they hold no role here yet",
        description="Such as p-3f2a…; whoever runs the site can look it up. Otherwise leave this empty.",
        validators=[Length(max=80, message="A reference has at most 80 characters. Nothing was recorded.")],
    )
    role = SelectField(
        "Which role?",
        widget=GovSelect(),
        choices=[SelectChoice("", "Choose a role"), *(SelectChoice(role.value, role.value.capitalize()) for role in Role)],
        validators=[Typed("Choose a role. Nothing was recorded.")],
    )
    place = SelectField("Where?", widget=GovSelect())
    resident = BooleanField(
        "They live there, and take a resident’s seat on its panel",
        widget=GovCheckboxInput(),
        description="For panel members and chairs. A panel decides only while residents hold more than half of its seats.",
    )
    until = DayField(
        "Last day of the role",
        description="Leave all three empty for a role until further notice. For example: 31 3 2028.",
        validators=[LeftEmpty()],
    )

    def __init__(
        self, people: list[tuple[str, str]], authority: Authority, places: list[Partnership], *args: Any, **options: Any  # noqa: ANN401 - WTForms' own
    ) -> None:  # fmt: skip
        """Who is known in the authority, by reference and name; the authority; its own partnerships."""
        super().__init__(*args, **options)
        self.person.choices = [SelectChoice("", "Somebody new here"), *(SelectChoice(ref, name) for ref, name in people)]
        whole = SelectChoice("", f"The whole of {authority.name}")
        self.place.choices = [whole, *(SelectChoice(place.slug, place.name) for place in places)]

    @property
    def whom(self) -> str:
        """The reference of who is chosen or typed."""
        return str(self.person.data or self.reference.data)

    def validate_person(self, field: SelectField) -> None:
        """One person: chosen, or named by a reference."""
        if not field.errors and bool(field.data) == bool(self.reference.data):
            raise ValidationError("Choose a person, or leave that and give one reference. Nothing was recorded.")

    def validate_until(self, field: DayField) -> None:
        """A role that begins today ends today or later."""
        if isinstance(field.data, date) and field.data < today():
            raise ValidationError("The last day is over already. Enter a later one; nothing was recorded.")


class EndForm(RecordedForm):
    """Ending a role has nothing to fill in."""
