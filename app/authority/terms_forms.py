"""Terms of reference, first or renewed, and an override: the authority leader's forms beside the instrument."""

from datetime import date
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.authority.forms import SignatoriesField
from app.forms import FOR_EVER, NO_NAMES, DayField, HoursField, MoneyField, RecordedForm, Typed
from ledger.kinds.evidence import Evidence
from ledger.records import Recorded

_RULES = (
    ("greedy", "Most support first, for as long as the money lasts"),
    ("equal-shares", "Equal Shares: supporters pay together"),
    ("phragmen", "Phragmén: bought when its supporters can afford it"),
)
_MOST_SEATS, _SIZE, _DIGEST = 999, 16, 64


class SeatsField(MoneyField):
    """How many people, as a whole number."""

    def parse(self, text: str) -> int:
        """The number. Raises ValueError with the sentence for whoever typed something else."""
        if not (text.isascii() and text.isdecimal() and int(text) <= _MOST_SEATS):
            raise ValueError("Enter a whole number of people, such as 5.")
        return int(text)


class TermsForm(RecordedForm):
    """What a partnership may decide, how, and until when. A renewal carries the evidence pack that stood on the page."""

    tree_size = HiddenField()
    digest = HiddenField()
    instrument = SelectField("Under which instrument?", widget=GovSelect())
    begins = DayField("First day", validators=[Typed("Enter the first day as day, month and year. Nothing was recorded.")])
    review_on = DayField(
        "Day by which they are reviewed",
        validators=[Typed("Enter the day of the review as day, month and year. Nothing was recorded.")],
    )
    sunset = DayField(
        "Sunset: the last day on which anything new may be allocated",
        validators=[Typed("Enter the last day as day, month and year. Nothing was recorded.")],
    )
    panel = SeatsField("Seats on the panel", description="0 where all residents vote and no panel sits.")
    resident_majority = BooleanField("Residents hold more than half of the seats", widget=GovCheckboxInput(), default=True)
    open_vote = BooleanField(
        "Votes of the panel are open: once they are counted, everybody reads who voted for what", widget=GovCheckboxInput()
    )
    quorum = SeatsField("How many must vote for a result to stand")
    award_money = MoneyField("Most money that one award may take", description="Leave empty for none.")
    award_hours = HoursField("Most hours that one award may take", description="Leave empty for none.")
    rule = SelectField("How votes are counted", widget=GovSelect(), choices=[SelectChoice(*rule) for rule in _RULES])

    conditions = TextAreaField(
        "Conditions, if there are any",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[Length(max=4000, message="Use at most 4,000 characters for the conditions. Nothing was recorded.")],
    )
    signatories = SignatoriesField()

    def __init__(
        self, instruments: list[Recorded], currency: str, people: list[tuple[str, str]], *args: Any, **options: Any  # noqa: ANN401 - WTForms' own
    ) -> None:  # fmt: skip
        """The instruments that devolve to the place, the authority's currency, and who may sign."""
        super().__init__(*args, **options)
        self.signatories.choices = [SelectChoice(ref, name) for ref, name in people]
        self.instrument.choices = [
            SelectChoice(str(entry.index), f"{getattr(entry.payload, 'title', '')} (entry {entry.index})")
            for entry in instruments
        ]
        self.award_money.currency = currency

    @property
    def evidence(self) -> Evidence | None:
        """The pack that stood on the page, as it was sent back; none where none did."""
        if not self.tree_size.data and not self.digest.data:
            return None
        return Evidence(tree_size=int(str(self.tree_size.data)), digest=str(self.digest.data))

    def validate_tree_size(self, field: HiddenField) -> None:
        """What the page sent is a tree size and a digest, or neither."""
        size, digest = str(field.data or ""), str(self.digest.data or "")
        whole = size.isascii() and size.isdecimal() and len(size) < _SIZE and len(digest) == _DIGEST
        if (size or digest) and not (whole and set(digest) <= set("0123456789abcdef")):
            raise ValidationError("This page was not sent whole. Open it again; nothing was recorded.")

    def validate_panel(self, field: SeatsField) -> None:
        """A number has to be there."""
        _number(field, "Enter how many sit on the panel, or 0. Nothing was recorded.")

    def validate_quorum(self, field: SeatsField) -> None:
        """A number has to be there."""
        _number(field, "Enter how many must vote. Nothing was recorded.")

    def validate_award_money(self, field: MoneyField) -> None:
        """Terms limit something."""
        if not field.errors and not field.data and not self.award_hours.data and not self.award_hours.typed:
            raise ValidationError("Enter the most that one award may take, in money, hours or both. Nothing was recorded.")

    def validate_sunset(self, field: DayField) -> None:
        """First day, review, sunset: in this order."""
        days = [day for day in (self.begins.data, self.review_on.data, field.data) if isinstance(day, date)]
        if days != sorted(days):
            raise ValidationError("First day, review and sunset have to follow each other. Correct one; nothing was recorded.")


def _number(field: SeatsField, sentence: str) -> None:
    if not field.errors and field.data is None:
        raise ValidationError(sentence)


class OverrideForm(RecordedForm):
    """The authority sets a panel's decision aside, or replaces it; the reasons are public."""

    effect = RadioField(
        "What do you do?",
        widget=GovRadioInput(),
        choices=[
            SelectChoice("set aside", "Set the decision aside: nothing new is allocated by it"),
            SelectChoice("replaced", "Replace it: something else holds from now on"),
        ],
        validators=[InputRequired("Choose what you do. Nothing was recorded.")],
    )
    instead = StringField(
        "What holds instead, if you replace it",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[Optional(), Length(max=300, message="Use at most 300 characters here. Nothing was recorded.")],
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

    def validate_effect(self, field: RadioField) -> None:
        """What is replaced is replaced by something, and what is set aside by nothing."""
        if (field.data == "replaced") != bool((self.instead.data or "").strip()):
            raise ValidationError("Say what holds instead when you replace a decision, and only then. Nothing was recorded.")
