"""Fields that the whole site shares: money, hours, days; and the key that makes a form safe to send twice."""

from typing import Any
from uuid import UUID, uuid4

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovDateInput, GovTextInput
from wtforms import DateField, Field, HiddenField
from wtforms.utils import unset_value
from wtforms.validators import InputRequired, StopValidation, ValidationError

from ledger.money import parse_hours, parse_money

# Beside every field whose words are public: what stands in the log's bytes can never be taken out again.
NO_NAMES = "Everyone will read this: no names, no health, no addresses."
FOR_EVER = "Everyone will read this for ever: no names, no health, no addresses."

_NOTHING = "Nothing was recorded."
_PARTS_OF_A_DAY = 3
_LONGEST = 40  # characters of an amount: longer is a mistake, and not worth a calculation


class MoneyField(Field):
    """An amount as people type it (“£1,250.50”); its `data` is whole minor units, or None when nothing was typed."""

    widget = GovTextInput()

    def __init__(self, *args: Any, currency: str = "GBP", **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """`currency` decides how many decimals there are; a form may set it for each request."""
        super().__init__(*args, **options)
        self.currency = currency
        self.typed = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed. Raises ValueError with the sentence that stands beside the field."""
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if len(self.typed) > _LONGEST:
            raise ValueError(f"Enter a shorter amount, such as 1250 or 1250.50. {_NOTHING}")
        if self.typed:
            try:
                self.data = self.parse(self.typed)
            except ValueError as fault:
                raise ValueError(f"{fault} {_NOTHING}") from fault

    def parse(self, text: str) -> int:
        """Minor units."""
        return parse_money(text, self.currency)

    def _value(self) -> str:
        return self.typed


class HoursField(MoneyField):
    """Hours as people type them (“7.5”, “7:30”); its `data` is whole minutes."""

    def parse(self, text: str) -> int:
        """Minutes."""
        return parse_hours(text)


class DayField(DateField):
    """A day in three fields; its `data` is a date, or None when what was typed is no day of the calendar."""

    widget = GovDateInput()

    def __init__(self, label: str, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """`label` stands above the three fields."""
        super().__init__(label, format="%d %m %Y", **options)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ANN401 - WTForms' own
        """Take exactly three fields, however many were sent: the widget can show no other number."""
        super().process(formdata, data, extra_filters)
        if self.raw_data is not None:
            self.raw_data = [*self.raw_data, "", "", ""][:_PARTS_OF_A_DAY]

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed, without the spaces that phones add. Raises ValueError with the sentence of the field."""
        try:
            super().process_formdata([part.strip() for part in valuelist])
        except ValueError as fault:
            raise ValueError(f"Enter a real date as day, month and year, such as 27 3 2027. {_NOTHING}") from fault


class Typed(InputRequired):
    """Something has to be typed or chosen; the message says what."""

    def __init__(self, message: str) -> None:
        """`message` is the sentence that stands beside the field."""
        super().__init__(message)


class RecordedForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A form whose sending records something: it carries a CSRF token, and a key so that sent twice it records once."""

    idempotency_key = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """A fresh key is made when the page is opened and comes back with the form."""
        super().__init__(*args, **options)
        if not self.is_submitted() or ("formdata" in options and options["formdata"] is None):
            self.idempotency_key.data = str(uuid4())

    def validate_idempotency_key(self, field: HiddenField) -> None:
        """The key is one that we made."""
        try:
            field.data = str(UUID(field.data or ""))  # one spelling, so that one key is not taken for two
        except ValueError:
            raise ValidationError("This page was not sent whole. Open it again; nothing was recorded.") from None

    def refuse(self, field: str, sentence: str) -> None:
        """Show a refusal of the ledger beside the field it is about."""
        shown = self._fields[field]
        shown.errors = [*shown.errors, sentence]


class AtLeastOne:
    """At least one of two amounts is more than zero."""

    def __init__(self, other: str, message: str) -> None:
        """`other` is the other field's name."""
        self.other, self.message = other, message

    def __call__(self, form: Any, field: Any) -> None:  # noqa: ANN401 - WTForms' protocol
        """Raise StopValidation with the message when both are empty or zero."""
        if not field.data and not form[self.other].data:
            raise StopValidation(self.message)
