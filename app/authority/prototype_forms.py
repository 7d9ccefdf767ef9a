"""The authority leader's form of a prototype. The ledger refuses blanks, and its sentence stands beside the first field."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextArea, GovTextInput
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, ValidationError

from app.forms import FOR_EVER, NO_NAMES, DayField, HoursField, MoneyField, RecordedForm, Typed
from ledger.kinds.prototyping import WHOLE
from ledger.prototypes import Agreement, Line

_DIGITS = 9  # of an entry's number
_LONGEST = Length(max=300, message="Use at most 300 characters here. Nothing was recorded.")


class PercentField(MoneyField):
    """A percentage as people type it (“60”, “12.5”); its `data` is whole basis points."""

    def parse(self, text: str) -> int:
        """Basis points. Raises ValueError over 100 %."""
        points = super().parse(text.replace("%", "").strip())
        if points > WHOLE:
            raise ValueError("A share is at most 100 %.")
        return points


class PrototypeForm(RecordedForm):
    """Power, money, hours and risk shared with named leaders, until an end; perhaps as somebody else's agreement has it."""

    title = StringField(
        "Name of the prototype",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[Typed("Give the prototype a name. Nothing was recorded."), _LONGEST],
    )
    power = StringField("What may it decide by itself?", widget=GovTextInput(), description=FOR_EVER, validators=[_LONGEST])
    money = MoneyField("Money that it may draw on", description="For example: £5,000.")
    hours = HoursField("Staff time that it may draw on, in hours", description="For example: 50.")
    risk_share = PercentField("Share of a loss that the authority bears, in per cent", description="For example: 60.")
    risk_cap = MoneyField("The most that this share may come to", description="For example: £2,500.")
    leader_1 = SelectField("Who leads it?", widget=GovSelect())
    leader_2 = SelectField("Second leader", widget=GovSelect())
    leader_3 = SelectField("Third leader", widget=GovSelect())
    hypothesis = TextAreaField(
        "What is it to show?",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[Length(max=4000, message="Use at most 4,000 characters here. Nothing was recorded.")],
    )
    learning_on = DayField("Learning date", description="From this day it can be decided on.")
    ends = DayField("Last day", description="Undecided after it, the prototype lapses.")
    adopted_from = StringField(
        "Does it start from another prototype’s agreement?",
        widget=GovTextInput(),
        description="The number of its entry, wherever it was tried. Leave empty if it starts from none.",
        validators=[_LONGEST],
    )

    def __init__(self, people: list[tuple[str, str]], currency: str, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own
        """Who holds a role in the authority, and its currency."""
        super().__init__(*args, **options)
        for field in (self.leader_1, self.leader_2, self.leader_3):
            field.choices = [SelectChoice("", "Nobody"), *(SelectChoice(ref, name) for ref, name in people)]
        self.money.currency = self.risk_cap.currency = currency

    def validate_leader_2(self, field: SelectField) -> None:
        """Nobody leads twice."""
        chosen = [leader for leader in self.leaders if leader]
        if len(set(chosen)) != len(chosen):
            raise ValidationError("Name each leader once. Nothing was recorded.")
        field.data = field.data or ""

    def validate_adopted_from(self, field: StringField) -> None:
        """A number, or nothing."""
        field.data = (field.data or "").strip()
        if field.data and not (field.data.isascii() and field.data.isdecimal() and len(field.data) <= _DIGITS):
            raise ValidationError("Enter the number of the entry that started it, such as 1204. Nothing was recorded.")

    @property
    def leaders(self) -> tuple[str, ...]:
        """Those who were chosen."""
        return tuple(str(field.data) for field in (self.leader_1, self.leader_2, self.leader_3) if field.data)

    @property
    def agreement(self) -> Agreement:
        """What was typed, blanks and all: the ledger says what is missing."""
        return Agreement(
            title=str(self.title.data),
            power=str(self.power.data or ""),
            money=self.money.data,
            minutes=self.hours.data,
            risk_share=self.risk_share.data,
            risk_cap=self.risk_cap.data,
            leaders=self.leaders,
            hypothesis=str(self.hypothesis.data or ""),
            learning_on=self.learning_on.data,
            ends=self.ends.data,
        )

    def start_from(self, line: Line, hypothesis: str | None) -> None:
        """Fill in another prototype's agreement, to be changed before it is recorded. Who leads and when are one's own."""
        it = line.prototype
        self.title.data, self.power.data, self.hypothesis.data = it.title, it.power, hypothesis
        self.adopted_from.data = str(line.entry.index)
        for field, value in ((self.money, it.money), (self.risk_share, it.risk_share), (self.risk_cap, it.risk_cap)):
            field.typed = f"{(value or 0) // 100}.{(value or 0) % 100:02}"
        self.hours.typed = f"{(it.minutes or 0) // 60}:{(it.minutes or 0) % 60:02}"
