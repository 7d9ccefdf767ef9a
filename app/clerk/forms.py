"""What clerks enter: the codes of strips, and what stands on a paper."""

from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextArea, GovTextInput
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import ValidationError

from ledger.rounds.reading import RoundView

_DIGITS = 6


class ClerkForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A form of the counting hall. The number in it makes it safe to send twice."""

    def refuse(self, field: str, sentence: str) -> None:
        """Show a refusal of the ledger beside the field it is about."""
        shown = self._fields[field]
        shown.errors = [*shown.errors, sentence]


class StripsForm(ClerkForm):
    """One batch: its strips' codes, and how many papers there are."""

    number = HiddenField()
    papers = StringField("How many papers are in this batch?", widget=GovTextInput())
    codes = TextAreaField(
        "The codes of the strips, one on each line",
        widget=GovTextArea(),
        description="24 letters and numbers each. Blanks, hyphens and small letters make no difference.",
    )

    def validate_papers(self, field: StringField) -> None:
        """A whole number."""
        whole_number(field.data, "Enter a whole number of papers, such as 25. Nothing was recorded.")

    @property
    def lines(self) -> list[str]:
        """The codes as typed."""
        return [line for line in (self.codes.data or "").splitlines() if line.strip()]


class DiceForm(ClerkForm):
    """The dice as they were read out, and how many wrong papers the sample is made to notice."""

    wrong = StringField("How many wrong papers are to be noticed?", widget=GovTextInput())
    dice = StringField(
        "The dice, as they were read out",
        widget=GovTextInput(),
        description="At least ten figures from 1 to 6, thrown in public by several people. They are published and stay.",
    )

    def validate_wrong(self, field: StringField) -> None:
        """A whole number."""
        whole_number(field.data, "Enter a whole number of papers, such as 8. Nothing was recorded.")


class PaperForm(ClerkForm):
    """What stands on one paper; nothing marked means that it names no valid choice."""

    paper = HiddenField()
    choices = SelectMultipleField("Which boxes are marked?", coerce=int)

    def __init__(self, view: RoundView, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The proposals of the round, by number, in the order of the ballot."""
        super().__init__(*args, **options)
        lines = sorted(view.lines, key=lambda line: line.proposal.number)
        self.choices.choices = [SelectChoice(line.proposal.number, line.proposal.title) for line in lines]

    @property
    def chosen(self) -> frozenset[int]:
        """The proposals by number."""
        return frozenset(self.choices.data or ())

    def validate_paper(self, field: HiddenField) -> None:
        """The page names a paper."""
        whole_number(field.data, "This page was not sent whole. Open it again; nothing was recorded.")


def whole_number(typed: str | None, sentence: str) -> int:
    """A number of paper as typed. Raises ValidationError with the sentence."""
    text = (typed or "").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise ValidationError(sentence)
    return int(text)
