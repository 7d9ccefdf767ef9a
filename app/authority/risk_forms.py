"""The authority leader's forms about shared risk: an agreement to put to partners, and a decision on its risk."""

import re
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, Optional, ValidationError

from app.forms import FOR_EVER, NO_NAMES, DayField, MoneyField, RecordedForm, Typed
from app.scores import IMPACTS, LIKELIHOODS
from app.sharing_risks import OrganisationField, PercentField, fifth
from ledger.kinds.risking import DECIDING

PARTNERS = (1, 2, 3, 4)
OWN, PLACE = 0, 5  # the numbers of the authority and of the place’s partnership, beside those
_LONGEST = Length(max=300, message="Use at most 300 characters here. Nothing was recorded.")
_CHOOSE = SelectChoice("", "Choose")


def _said(label: str, missing: str) -> StringField:
    return StringField(
        label,
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[Typed(f"{missing} Nothing was recorded."), _LONGEST],
    )


class AgreementForm(RecordedForm):
    """What may go wrong, how it is shared between the authority and up to four organisations, and for how long."""

    title = _said("Name of the risk", "Give the risk a name.")
    place = SelectField("Which place is it about?", widget=GovSelect())
    cause = _said("Cause", "Say what the cause would be.")
    event = _said("What may happen", "Say what may happen.")
    effect = _said("What would come of it", "Say what would come of it.")
    inherent_likelihood = fifth("How likely, before anything is done", LIKELIHOODS)
    inherent_impact = fifth("How bad, before anything is done", IMPACTS)
    residual_likelihood = fifth("How likely, with what is done about it", LIKELIHOODS)
    residual_impact = fifth("How bad, with what is done about it", IMPACTS)
    target_likelihood = fifth("How likely you want it to become", LIKELIHOODS)
    target_impact = fifth("How bad you want it to become", IMPACTS)
    most = MoneyField(
        "Largest loss that it covers, in all",
        description="For example: £20,000.",
        validators=[Typed("Enter the largest loss that it covers. Nothing was recorded.")],
    )
    begins = DayField("First day", validators=[Typed("Enter the first day as day, month and year. Nothing was recorded.")])
    ends = DayField("Last day", validators=[Typed("Enter the last day as day, month and year. Nothing was recorded.")])
    own_loss = PercentField(
        "The authority’s share of a loss, in %",
        validators=[Typed("Enter the authority’s share of a loss. Nothing was recorded.")],
    )
    own_gain = PercentField(
        "The authority’s share of a gain, in %",
        validators=[Typed("Enter the authority’s share of a gain. Nothing was recorded.")],
    )
    own_cap = MoneyField("The most that the authority bears", description="Leave empty for no cap.")
    own_reserve = MoneyField("What the authority sets aside when it signs", description="Leave empty for nothing.")
    place_loss = PercentField("The partnership’s share of a loss, in %", description="Leave empty if it takes no part.")
    place_gain = PercentField("The partnership’s share of a gain, in %")
    place_cap = MoneyField("The most that the partnership bears", description="Leave empty for no cap.")
    place_reserve = MoneyField(
        "What the partnership sets aside out of its pot when its chair signs", description="Leave empty for nothing."
    )
    first_name = StringField(
        "What is used first, before the shares",
        widget=GovTextInput(),
        description=f"For example: the council’s insurance. Leave empty for nothing. {FOR_EVER}",
        validators=[Optional(), _LONGEST],
    )
    first_party = SelectField("Who bears what is used first?", widget=GovSelect(), validators=[Optional()])
    first_most = MoneyField("Up to how much")
    residual = SelectField("Who takes the rest, with no cap?", widget=GovSelect())
    deciders = SelectMultipleField(
        "Who decides whether the risk is taken?",
        widget=GovCheckboxesInput(),
        choices=[SelectChoice(role.value, role.value.capitalize()) for role in DECIDING],
        validators=[Typed("Choose who decides. Nothing was recorded.")],
    )

    def __init__(
        self,
        *args: Any,  # noqa: ANN401 - WTForms' own
        places: list[tuple[str, str]],
        people: list[tuple[str, str]],
        currency: str,
        **options: Any,  # noqa: ANN401 - WTForms' own
    ) -> None:
        """What can be chosen: the authority's places, and those who may sign for one."""
        super().__init__(*args, **options)
        who = [SelectChoice("0", "The authority"), *(SelectChoice(str(number), f"Partner {number}") for number in PARTNERS)]
        who.append(SelectChoice(str(PLACE), "The partnership of the place"))
        self.place.choices = [SelectChoice("", "The whole authority"), *(SelectChoice(*place) for place in places)]
        self.first_party.choices = self.residual.choices = who
        for number in PARTNERS:
            self[f"signatory_{number}"].choices = [_CHOOSE, *(SelectChoice(*row) for row in people)]
        for field in self:
            if isinstance(field, MoneyField):
                field.currency = currency

    def partners(self) -> list[int]:
        """The numbers of those that were filled in."""
        return [number for number in PARTNERS if self[f"organisation_{number}"].data]

    @property
    def place_takes_part(self) -> bool:
        """Whether the partnership of the place has a share."""
        return bool(self.place_loss.data or self.place_gain.data)

    def validate_place_loss(self, field: PercentField) -> None:
        """Only the partnership of the place that it is about takes part, with both of its shares."""
        if self.place_takes_part and not self.place.data:
            raise ValidationError("Choose which place it is about, at the top. Nothing was recorded.")
        if self.place_takes_part and None in {field.data, self.place_gain.data}:
            raise ValidationError("Enter the partnership’s share of a loss and of a gain. Nothing was recorded.")

    def validate_residual(self, field: SelectField) -> None:
        """Whoever takes the rest takes part. What else has to hold, the ledger says."""
        taking_part = [OWN, *self.partners(), *([PLACE] if self.place_takes_part else [])]
        if taking_part == [OWN]:
            raise ValidationError("Choose at least one organisation to share the risk with. Nothing was recorded.")
        if int(field.data or 0) not in taking_part:
            raise ValidationError("Choose a partner that is filled in above. Nothing was recorded.")


def _needed(field: str) -> Any:  # noqa: ANN401 - WTForms' own validators
    def check(form: Any, own: Any) -> None:  # noqa: ANN401 - WTForms' own
        number = own.name.rpartition("_")[2]
        if form[f"organisation_{number}"].data and own.data in {None, ""} and not own.errors:
            raise ValidationError(f"Enter {field} of partner {number}. Nothing was recorded.")

    return check


for _number in PARTNERS:
    setattr(
        AgreementForm,
        f"organisation_{_number}",
        OrganisationField(f"Organisation {_number}", description="Its name, as it stands in the ledger."),
    )
    setattr(
        AgreementForm,
        f"signatory_{_number}",
        SelectField(f"Who signs for organisation {_number}", widget=GovSelect(), validators=[_needed("who signs")]),
    )
    setattr(
        AgreementForm,
        f"loss_{_number}",
        PercentField(f"Organisation {_number}’s share of a loss, in %", validators=[_needed("the share")]),
    )
    setattr(
        AgreementForm,
        f"gain_{_number}",
        PercentField(f"Organisation {_number}’s share of a gain, in %", validators=[_needed("the share")]),
    )
    setattr(
        AgreementForm,
        f"cap_{_number}",
        MoneyField(f"The most that organisation {_number} bears", description="Leave empty for no cap."),
    )
    setattr(
        AgreementForm,
        f"reserve_{_number}",
        MoneyField(f"What organisation {_number} sets aside when it signs", description="Leave empty for nothing."),
    )


def ref_of(title: str, key: str) -> str:
    """A reference for an agreement: its title in an address, and enough of the form's key to be its own."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-")
    return f"{plain or 'risk'}-{key[:8]}"


class RiskDecisionForm(RecordedForm):
    """Need weighed against risk, in both directions."""

    harm_of_acting = _said("What harm could come of acting?", "Say what harm could come of acting.")
    acting_likelihood = fifth("How likely is that?", LIKELIHOODS)
    acting_impact = fifth("How bad would that be?", IMPACTS)
    harm_of_not_acting = _said("What harm could come of not acting?", "Say what harm could come of not acting.")
    not_acting_likelihood = fifth("How likely is it if you do not act?", LIKELIHOODS)
    not_acting_impact = fifth("How bad would it be if you do not act?", IMPACTS)
    outcome = RadioField(
        "Your decision",
        widget=GovRadioInput(),
        choices=[
            SelectChoice("accepted", "Accept the risk: losses can be called as was agreed"),
            SelectChoice("refused", "Refuse the risk: no loss can be called"),
        ],
        validators=[Typed("Choose whether you accept or refuse the risk. Nothing was recorded.")],
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
