"""A partner's forms about its reserve: more is set aside, or what is left is taken back."""

from typing import Any

from wtforms import HiddenField

from app.forms import MoneyField, RecordedForm, Typed


class AsideForm(RecordedForm):
    """How much more is set aside."""

    amount = MoneyField(
        "How much more do you set aside?",
        description="For example: £500.",
        validators=[Typed("Enter how much more you set aside. Nothing was recorded.")],
    )

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own
        """In the authority's currency."""
        super().__init__(*args, **options)
        self.amount.currency = currency


class BackForm(RecordedForm):
    """All that is left is taken back, so nothing is asked for; a refusal stands in the summary."""

    amount = HiddenField()
