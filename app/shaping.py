"""The form in which an idea is written, whoever writes it: what it is, what it costs in money and in time, where it is."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from app.forms import NO_NAMES, HoursField, MoneyField, RecordedForm, Typed
from ledger.money import format_money
from ledger.rounds.ideas import SIDE, THEMES, Idea
from ledger.rounds.shaping import Words

_KEPT = "What was kept before is kept."
_ON_THE_MAP = [Optional(), NumberRange(min=0, max=SIDE, message=f"Enter a whole number from 0 to {SIDE}. {_KEPT}")]


class StepField(IntegerField):
    """Steps on the map, as a whole number."""

    widget = GovTextInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; a number longer than the map is none. Raises ValueError with the field's sentence."""
        try:
            super().process_formdata([typed[:9] for typed in valuelist])
        except ValueError as fault:
            raise ValueError(f"Enter a whole number from 0 to {SIDE}. {_KEPT}") from fault


class IdeaForm(RecordedForm):
    """An idea in somebody's own words."""

    title = StringField(
        "Your idea in a few words",
        widget=GovTextInput(),
        description=NO_NAMES,
        validators=[Typed(f"Give the idea a title. {_KEPT}"), Length(max=100, message=f"Use at most 100 characters. {_KEPT}")],
    )
    summary = TextAreaField(
        "What would happen, and for whom",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[
            Typed(f"Say in a sentence or two what would happen. {_KEPT}"),
            Length(max=4000, message=f"Use at most 4,000 characters. {_KEPT}"),
        ],
    )
    theme = SelectField("What it is about", widget=GovSelect())
    cost = MoneyField("What it would cost in money", description="As well as you know. For example: £1,250. Officers help.")
    hours = HoursField("Hours of staff time it needs", description="For example: 12.5. Leave empty for none.")
    east = StepField(
        "Place on the map: steps to the east",
        description=f"From 0 (west edge) to {SIDE} (east edge). Leave both empty when it is nowhere in particular.",
        validators=_ON_THE_MAP,
    )
    north = StepField(
        "Place on the map: steps to the north",
        description=f"From 0 (south edge) to {SIDE} (north edge).",
        validators=_ON_THE_MAP,
    )

    def __init__(self, currency: str, *args: Any, idea: Idea | None = None, **options: Any) -> None:  # noqa: ANN401 - WTForms' own
        """In the authority's currency; with an idea, as it reads now."""
        super().__init__(*args, **options)
        self.theme.choices = [SelectChoice(*pair) for pair in (("", "I am not sure"), *THEMES.items())]
        self.cost.currency = currency
        if idea is not None and not self.is_submitted():
            self.title.data, self.summary.data, self.theme.data = idea.title, idea.summary, idea.theme or ""
            self.east.data, self.north.data = idea.east, idea.north
            self.cost.typed = format_money(idea.cost, currency) if idea.cost else ""
            self.hours.typed = f"{idea.minutes // 60}:{idea.minutes % 60:02}" if idea.minutes else ""

    def validate_cost(self, field: MoneyField) -> None:
        """It costs something, in money or in time."""
        if not field.errors and not field.data and not self.hours.data and not self.hours.typed:
            raise ValidationError(f"Enter what it would cost, in money, in hours, or in both. {_KEPT}")

    def validate_east(self, field: StepField) -> None:
        """A place has both numbers. An empty field is not asked, so each asks for the other."""
        if field.data is not None and not (self.north.raw_data or [""])[0].strip():
            raise ValidationError(f"Enter both numbers of the place, or neither. {_KEPT}")

    def validate_north(self, field: StepField) -> None:
        """As for the east."""
        if field.data is not None and not (self.east.raw_data or [""])[0].strip():
            raise ValidationError(f"Enter both numbers of the place, or neither. {_KEPT}")

    def words(self, district: str | None) -> Words:
        """What was typed, as the ledger takes it."""
        east, north = self.east.data, self.north.data
        return Words(
            title=str(self.title.data),
            summary=str(self.summary.data),
            cost=self.cost.data or 0,
            minutes=self.hours.data or 0,
            theme=self.theme.data or None,
            district=district,
            spot=(east, north) if east is not None and north is not None else None,
        )
