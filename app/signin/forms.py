"""What is typed to sign in."""

from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import HiddenField, StringField
from wtforms.validators import ValidationError

from ledger.credentials.mailboxes import BadAddress, read_address


class AskForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The address to which a link is sent."""

    email = StringField("Email address", widget=GovTextInput())
    next = HiddenField()

    def validate_email(self, field: Any) -> None:  # noqa: ANN401 - WTForms' protocol
        """It is an address; whether anybody here has it is not said."""
        try:
            field.data = read_address(field.data or "")
        except BadAddress as fault:
            raise ValidationError(fault.sentence) from fault
