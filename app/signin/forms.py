"""What is typed to sign in."""

from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from app.forms import Typed
from ledger.credentials.mailboxes import BadAddress, read_address


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The six digits that an app shows now, or a recovery code."""

    code = StringField(
        "Code from your app, or a recovery code",
        widget=GovTextInput(),
        description="Six digits, or one of the codes that you wrote down.",
        validators=[Typed("Enter the six digits that your app shows now. You are not fully signed in.")],
    )


class AskForm(FlaskForm):  # type: ignore[misc]  # as above
    """The address to which a link is sent."""

    email = StringField("Email address", widget=GovTextInput())
    next = HiddenField()

    def validate_email(self, field: Any) -> None:  # noqa: ANN401 - WTForms' protocol
        """It is an address; whether anybody here has it is not said."""
        try:
            field.data = read_address(field.data or "")
        except BadAddress as fault:
            raise ValidationError(fault.sentence) from fault
