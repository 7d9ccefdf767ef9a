"""What is done to an idea: withdrawn, merged, shared with a co-author, shown in a picture, asked about, answered."""

from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovSelect, GovTextArea, GovTextInput
from wtforms import FileField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length

from app.forms import NO_NAMES, RecordedForm, Typed

_KEPT = "Nothing was changed."
_SHORT = Length(max=300, message=f"Use at most 300 characters. {_KEPT}")
_LONG = Length(max=2000, message=f"Use at most 2,000 characters. {_KEPT}")


class WithdrawForm(RecordedForm):
    """Why an idea is withdrawn."""

    reason = StringField(
        "Why you withdraw it",
        widget=GovTextInput(),
        description=NO_NAMES,
        validators=[
            Typed(f"Say why you withdraw it. {_KEPT}"),
            Length(max=300, message=f"Use at most 300 characters. {_KEPT}"),
        ],
    )


class MergeForm(RecordedForm):
    """Into which of one's own ideas."""

    into = SelectField("Into which idea", widget=GovSelect(), validators=[Typed(f"Choose an idea. {_KEPT}")])

    def __init__(self, others: list[tuple[str, str]], *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The ideas that it can be merged into, by reference and title."""
        super().__init__(*args, **options)
        self.into.choices = [SelectChoice(*pair) for pair in others]


class CoAuthorForm(RecordedForm):
    """Who else has a part in it."""

    other = SelectField("Who wrote it with you", widget=GovSelect(), validators=[Typed(f"Choose a person. {_KEPT}")])

    def __init__(self, others: list[tuple[str, str]], *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """The residents of the place who have no part in it yet, by reference and name."""
        super().__init__(*args, **options)
        self.other.choices = [SelectChoice(*pair) for pair in others]


class PhotoForm(RecordedForm):
    """A photo, and what it shows in words."""

    photo = FileField(
        "A photo of the place or the idea",
        widget=GovFileInput(),
        description="JPEG, PNG or WebP, at most 6 MB. Show no faces without asking.",
    )
    words = StringField(
        "What the photo shows",
        widget=GovTextInput(),
        description=f"Read out to people who cannot see it. {NO_NAMES}",
        validators=[Typed(f"Say in words what the photo shows. {_KEPT}"), _SHORT],
    )


class AskForm(RecordedForm):
    """A question about an idea."""

    asked = TextAreaField(
        "Your question", widget=GovTextArea(), description=NO_NAMES, validators=[Typed(f"Write a question. {_KEPT}"), _LONG]
    )


class AnswerForm(RecordedForm):
    """An answer to a question."""

    said = TextAreaField(
        "Your answer", widget=GovTextArea(), description=NO_NAMES, validators=[Typed(f"Write an answer. {_KEPT}"), _LONG]
    )
