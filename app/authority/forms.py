"""The authority leader's instrument of devolution."""

from datetime import date
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovSelect, GovTextArea, GovTextInput
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, ValidationError

from app.acting import today
from app.forms import FOR_EVER, NO_NAMES, DayField, HoursField, MoneyField, RecordedForm, Typed
from ledger.places import Partnership

_LONGEST = Length(max=300, message="Use at most 300 characters here. Nothing was recorded.")


class SignatoriesField(SelectMultipleField):
    """Who is to sign beside whoever sends the form."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """Nobody has to."""
        words = "Each signs by themselves, and everyone can read who has. You sign by recording it."
        super().__init__("Who is to sign with you?", widget=GovCheckboxesInput(), description=words, **options)


class DevolutionForm(RecordedForm):
    """Scope, amounts, limit per award and expiry of one instrument."""

    partnership = SelectField("Which partnership receives it?", widget=GovSelect())
    title = StringField(
        "Name of the instrument",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[Typed("Give the instrument a name. Nothing was recorded."), _LONGEST],
    )
    power = StringField(
        "The decision or statute you act under",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[Typed("Name the decision or statute. Nothing was recorded."), _LONGEST],
    )
    scope = StringField(
        "What it may be used for, if not for everything the panel decides",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[_LONGEST],
    )
    conditions = TextAreaField(
        "Conditions, if there are any",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[Length(max=4000, message="Use at most 4,000 characters for the conditions. Nothing was recorded.")],
    )
    signatories = SignatoriesField()
    money = MoneyField("Money to hand over", description="For example: £25,000. Leave empty for none.")
    hours = HoursField("Staff time to hand over, in hours", description="For example: 300. Leave empty for none.")
    award_money = MoneyField("Most money that one award may take", description="Needed where money is handed over.")
    award_hours = HoursField("Most hours that one award may take", description="Needed where staff time is handed over.")
    begins = DayField(
        "First day",
        validators=[Typed("Enter the first day as day, month and year. Nothing was recorded.")],
    )
    ends = DayField(
        "Last day on which new allocations may rest on it",
        validators=[Typed("Enter the last day as day, month and year. Nothing was recorded.")],
    )

    def __init__(
        self, places: list[Partnership], currency: str, people: list[tuple[str, str]], *args: Any, **options: Any  # noqa: ANN401 - WTForms' own
    ) -> None:  # fmt: skip
        """The authority's own partnerships, its currency, and who may sign: by reference and name."""
        super().__init__(*args, **options)
        self.signatories.choices = [SelectChoice(ref, name) for ref, name in people]
        self.partnership.choices = [SelectChoice(place.slug, place.name) for place in places]
        self.money.currency = self.award_money.currency = currency

    def validate_money(self, field: MoneyField) -> None:
        """Something is handed over."""
        if not field.errors and not field.data and not self.hours.data and not self.hours.typed:
            raise ValidationError("Enter an amount of money, of hours, or both. Nothing was recorded.")

    def validate_award_money(self, field: MoneyField) -> None:
        """Money that is handed over has a limit for each award."""
        _limited(amount=self.money.data, limit=field.data, thing="money")

    def validate_award_hours(self, field: HoursField) -> None:
        """Staff time that is handed over has a limit for each award."""
        _limited(amount=self.hours.data, limit=field.data, thing="staff time")

    def validate_begins(self, field: DayField) -> None:
        """What is handed over can be used at once, so the instrument has begun."""
        if isinstance(field.data, date) and field.data > today():
            raise ValidationError("The first day has not come yet. Record the instrument on that day; nothing was recorded.")

    def validate_ends(self, field: DayField) -> None:
        """An instrument ends after it begins."""
        if isinstance(field.data, date) and isinstance(self.begins.data, date) and field.data < self.begins.data:
            raise ValidationError("The last day is before the first. Correct one of them; nothing was recorded.")
        if isinstance(field.data, date) and field.data < today():
            raise ValidationError("The last day is over already. Enter a later one; nothing was recorded.")


def _limited(*, amount: int | None, limit: int | None, thing: str) -> None:
    if amount and not limit:
        raise ValidationError(f"Enter the most {thing} that one award may take. Nothing was recorded.")
    if amount and limit and limit > amount:
        raise ValidationError(f"One award may not take more {thing} than is handed over. Lower it; nothing was recorded.")
