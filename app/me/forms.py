"""What somebody types to prove that their app shows the right codes."""

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextInput
from wtforms import StringField

from app.forms import Typed


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """The six digits that an app shows now."""

    code = StringField(
        "Code from the app",
        widget=GovTextInput(),
        description="Six digits, such as 314 159.",
        validators=[Typed("Enter the six digits that the app shows now. Nothing was changed.")],
    )
