"""The ballot as a resident fills it in: the code of their letter, their choices, six digits of their own."""

from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import ValidationError

from ledger.ballot.codes import NotACode, read_code
from ledger.ballot.marking import BallotRefused, marked, most_named
from ledger.ballot.receipts import NotSixDigits, six_digits
from ledger.rounds.reading import RoundView


class SecretBallotForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """What a voter gives. Nothing of it is kept before they have looked at it again and cast it."""

    code = StringField(
        "The code of your letter",
        widget=GovTextInput(),
        description="24 letters and numbers. Blanks, hyphens and small letters make no difference.",
    )
    choices = SelectMultipleField("Which of these should be paid for?", coerce=int)
    digits = StringField(
        "Any six digits of your own",
        widget=GovTextInput(),
        description="Such as 408153. They make your receipt differ from that of a neighbour who votes like you.",
    )
    nonce = HiddenField()

    def __init__(self, view: RoundView, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The proposals of the round, by number, in the order of the ballot."""
        super().__init__(*args, **options)
        self.view = view
        lines = sorted(view.lines, key=lambda line: line.proposal.number)
        self.most = most_named(view.rules.ballot, view.rules.most_choices, len(lines))
        self.choices.choices = [SelectChoice(line.proposal.number, line.proposal.title) for line in lines]

    def validate_code(self, field: StringField) -> None:
        """It has the form of a code; whether it is one is asked when the ballot is cast."""
        try:
            read_code(field.data or "")
        except NotACode as fault:
            raise ValidationError(fault.sentence) from fault

    def validate_choices(self, field: SelectMultipleField) -> None:
        """They keep to the frozen rules."""
        numbers = frozenset(line.proposal.number for line in self.view.lines)
        rules = self.view.rules
        try:
            marked(frozenset(field.data or ()), form=rules.ballot, most_choices=rules.most_choices, numbers=numbers)
        except BallotRefused as fault:
            raise ValidationError(fault.sentence) from fault

    def validate_digits(self, field: StringField) -> None:
        """They are six."""
        try:
            field.data = six_digits(field.data or "")
        except NotSixDigits as fault:
            raise ValidationError(fault.sentence) from fault

    def refuse(self, field: str, sentence: str) -> None:
        """Show a refusal of the ledger beside the field it is about."""
        shown = self._fields[field]
        shown.errors = [*shown.errors, sentence]
