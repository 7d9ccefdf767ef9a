"""The panel's forms: a ballot by approval, and the closing of a round."""

from typing import Any

from wtforms import SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import ValidationError

from app.forms import RecordedForm
from ledger.rounds.reading import RoundView


class BallotForm(RecordedForm):
    """Which proposals a panel member approves of. Its limits are those of the round's frozen rules."""

    choices = SelectMultipleField("Which of these should be paid for?", coerce=int)

    def __init__(self, view: RoundView, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The proposals of the round, by number, in the order of the ballot."""
        super().__init__(*args, **options)
        self.most = view.rules.most_choices
        lines = sorted(view.lines, key=lambda line: line.proposal.number)
        self.choices.choices = [SelectChoice(line.proposal.number, line.proposal.title) for line in lines]

    def validate_choices(self, field: SelectMultipleField) -> None:
        """At least one, and no more than the rules allow."""
        if not field.data:
            raise ValidationError("Choose at least one proposal. The vote you gave before, if any, is kept.")
        if self.most and len(field.data) > self.most:
            raise ValidationError(
                f"Choose no more than {self.most}; you chose {len(field.data)}. The vote you gave before, if any, is kept."
            )


class CloseForm(RecordedForm):
    """Closing has nothing to fill in: it is the chair's decision to make."""
