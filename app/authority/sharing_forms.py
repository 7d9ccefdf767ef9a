"""The authority leader's form of a decision on sharing data, weighed in both directions."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import GovCheckboxesInput, GovRadioInput, GovSelect, GovTextArea, GovTextInput
from wtforms import RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, ValidationError

from app.forms import FOR_EVER, NO_NAMES, DayField, RecordedForm, Typed
from ledger.kinds.sharing import MOST, Basis, Condition, Data, Outcome, Party, PartyRole, Safeguard, Weight
from ledger.sharing import Deliberation, Part


def _each(sort: type[StrEnum], first: str = "") -> list[SelectChoice]:
    """The choices of a closed list; `first` stands for none of them."""
    none = [SelectChoice("", first)] if first else []
    return [*none, *(SelectChoice(each.value, each.value.capitalize()) for each in sort)]


def _level(label: str) -> SelectField:
    levels = [SelectChoice("", "Not weighed"), *(SelectChoice(str(n), f"{n} of {MOST}") for n in range(1, MOST + 1))]
    return SelectField(label, widget=GovSelect(), choices=levels)


def _words(label: str) -> TextAreaField:
    longest = Length(max=4000, message="Use at most 4,000 characters here. Nothing was recorded.")
    return TextAreaField(label, widget=GovTextArea(), description=NO_NAMES, validators=[longest])


def _party(label: str) -> StringField:
    longest = Length(max=300, message="Use at most 300 characters here. Nothing was recorded.")
    return StringField(
        label, widget=GovTextInput(), description="The organisation’s name, as it is known here.", validators=[longest]
    )


def _role(label: str) -> SelectField:
    return SelectField(label, widget=GovSelect(), choices=_each(PartyRole))


class SharingForm(RecordedForm):
    """What was asked for, by whom and why; both risks; safeguards; the decision and its end."""

    title = StringField(
        "What is the data for?",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[
            Typed("Say in a few words what the data is for. Nothing was recorded."),
            Length(max=300, message="Use at most 300 characters here. Nothing was recorded."),
        ],
    )
    place = SelectField("Which place is it about?", widget=GovSelect())
    request = _words("What was asked for")
    purpose = _words("Purpose")
    party_1 = _party("First party")
    role_1 = _role("First party is")
    party_2 = _party("Second party")
    role_2 = _role("Second party is")
    party_3 = _party("Third party")
    role_3 = _role("Third party is")
    data = SelectMultipleField("Which data?", widget=GovCheckboxesInput(), choices=_each(Data))
    basis = SelectField("Lawful basis (UK GDPR, article 6)", widget=GovSelect(), choices=_each(Basis, "None"))
    condition = SelectField(
        "Condition for special categories (UK GDPR, article 9)", widget=GovSelect(), choices=_each(Condition, "None")
    )
    sharing_likelihood = _level("Harm if the data is shared: how likely?")
    sharing_impact = _level("Harm if the data is shared: how grave?")
    sharing_words = _words("Risk of sharing, in words")
    not_sharing_likelihood = _level("Harm if the data is not shared: how likely?")
    not_sharing_impact = _level("Harm if the data is not shared: how grave?")
    not_sharing_words = _words("Risk of not sharing, in words")
    safeguards = SelectMultipleField("Safeguards", widget=GovCheckboxesInput(), choices=_each(Safeguard))
    safeguards_words = _words("How the safeguards work")
    outcome = RadioField(
        "Your decision",
        widget=GovRadioInput(),
        choices=[SelectChoice(Outcome.SHARE.value, "Share"), SelectChoice(Outcome.REFUSE.value, "Refuse")],
        validators=[Typed("Choose whether the data is shared. Nothing was recorded.")],
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
    review_on = DayField("Review", validators=[Typed("Enter the day of the review. Nothing was recorded.")])
    expires = DayField("Last day", validators=[Typed("Enter the last day. Nothing was recorded.")])
    renews = SelectField("Does it renew an earlier decision?", widget=GovSelect())

    def __init__(
        self, places: Iterable[tuple[str, str]], parties: Mapping[str, str], earlier: Iterable[tuple[str, str]],
        *args: Any, **options: Any,  # noqa: ANN401 - WTForms' own options
    ) -> None:  # fmt: skip
        """Places and earlier decisions, each as reference and name; and the references of all who may be a party, by name."""
        super().__init__(*args, **options)
        self.place.choices = [SelectChoice("", "The whole authority"), *(SelectChoice(*pair) for pair in places)]
        self._known = {key.casefold(): slug for name, slug in parties.items() for key in (name, slug)}
        self.renews.choices = [SelectChoice("", "No"), *(SelectChoice(*pair) for pair in earlier)]

    def _check_party(self, field: StringField) -> None:
        if field.data and self._reference(field) is None:
            raise ValidationError("No organisation is known here by that name. Check its spelling; nothing was recorded.")

    validate_party_1 = validate_party_2 = validate_party_3 = _check_party

    def _reference(self, field: StringField) -> str | None:
        """The reference of the party that was typed by its name, or by the reference itself."""
        return self._known.get(" ".join(str(field.data or "").split()).casefold())

    @property
    def deliberation(self) -> Deliberation:
        """What was typed, as it is to be decided: the ledger says what is missing."""
        pairs = ((self.party_1, self.role_1), (self.party_2, self.role_2), (self.party_3, self.role_3))
        if self.review_on.data is None or self.expires.data is None:
            raise AssertionError("a validated form has both of its days")
        return Deliberation(
            title=str(self.title.data),
            parties=tuple(
                Party(organisation=reference, role=PartyRole(role.data))
                for name, role in pairs
                if (reference := self._reference(name)) is not None
            ),
            data=tuple(Data(each) for each in self.data.data or ()),
            basis=Basis(self.basis.data) if self.basis.data else None,
            condition=Condition(self.condition.data) if self.condition.data else None,
            risk_of_sharing=_weight(self.sharing_likelihood, self.sharing_impact),
            risk_of_not_sharing=_weight(self.not_sharing_likelihood, self.not_sharing_impact),
            safeguards=tuple(Safeguard(each) for each in self.safeguards.data or ()),
            outcome=Outcome(self.outcome.data),
            review_on=self.review_on.data,
            expires=self.expires.data,
            words=self.words,
        )

    @property
    def words(self) -> dict[Part, str]:
        """What was typed under each heading."""
        fields = {
            Part.REQUEST: self.request, Part.PURPOSE: self.purpose, Part.SHARING: self.sharing_words,
            Part.NOT_SHARING: self.not_sharing_words, Part.SAFEGUARDS: self.safeguards_words, Part.REASONS: self.reasons,
        }  # fmt: skip
        return {part: str(field.data or "") for part, field in fields.items()}


def _weight(likelihood: SelectField, impact: SelectField) -> Weight | None:
    """Weighed when both are chosen."""
    if not likelihood.data or not impact.data:
        return None
    return Weight(likelihood=int(likelihood.data), impact=int(impact.data))
