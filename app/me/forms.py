"""What somebody types on the pages about themselves."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import StringField
from wtforms.validators import ValidationError

from app.forms import Typed
from ledger.credentials.mailboxes import BadAddress, read_address
from ledger.people import NoName, read_name


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The six digits that an app shows now."""

    code = StringField(
        "Code from the app",
        widget=GovTextInput(),
        description="Six digits, such as 314 159.",
        validators=[Typed("Enter the six digits that the app shows now. Nothing was changed.")],
    )


class AddressForm(FlaskForm):  # type: ignore[misc]  # as above
    """An email address to add."""

    email = StringField("Email address", widget=GovTextInput())

    def validate_email(self, field: StringField) -> None:
        """It is an address; whether anybody here has it is not said."""
        try:
            field.data = read_address(field.data or "")
        except BadAddress as fault:
            raise ValidationError(fault.sentence) from fault


class NameForm(FlaskForm):  # type: ignore[misc]  # as above
    """One's name, as it should be."""

    name = StringField("Your name, as it should be", widget=GovTextInput())

    def validate_name(self, field: StringField) -> None:
        """It is a name."""
        try:
            field.data = read_name(field.data or "")
        except NoName as fault:
            raise ValidationError(fault.sentence) from fault
