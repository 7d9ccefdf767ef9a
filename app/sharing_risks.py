"""What the desks of those who share a risk have in common: scores, percentages, and the page on which a party signs."""

from typing import Any, Protocol

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import Field, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs

from app.access import actor, found
from app.forms import MoneyField, RecordedForm, Typed
from app.promises import recorded_then
from app.store import reading, record
from ledger.errors import LedgerError, NotFound
from ledger.faults import DatabaseFault
from ledger.kinds.risking import Score
from ledger.money import parse_money
from ledger.places import organisation_called
from ledger.risk import WHOLE
from ledger.risk_register import RiskView
from ledger.shared_risk import sign


class PercentField(MoneyField):
    """A share as people type it (“35”, “33.33 %”); its `data` is whole basis points, or None when nothing was typed."""

    def parse(self, text: str) -> int:
        """Basis points."""
        points = parse_money(text.removesuffix("%").strip(), "GBP")  # two decimals, as pounds have
        if points > WHOLE:
            raise ValueError("Enter a share of no more than 100 %.")
        return points


class OrganisationField(Field):
    """An organisation by its name, as people write it; its `data` is what was typed, and `slug` the reference that is kept.

    Nobody is shown a list of all there are: some belong to other authorities.
    """

    widget = GovTextInput()

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """Nothing was typed yet."""
        super().__init__(*args, **options)
        self.slug = ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find it by what was typed. Raises ValueError with the sentence that stands beside the field."""
        self.data = valuelist[0].strip() if valuelist else ""
        if self.data:
            try:
                self.slug = organisation_called(reading(), self.data).slug
            except NotFound as fault:
                raise ValueError(fault.sentence) from fault

    def _value(self) -> str:
        return str(self.data or "")


def fifth(label: str, words: tuple[str, ...]) -> SelectField:
    """One to five, in words; 5 is the worst."""
    return SelectField(
        label,
        widget=GovSelect(),
        choices=[SelectChoice("", "Choose"), *(SelectChoice(str(n), f"{n}: {word}") for n, word in enumerate(words, start=1))],
        validators=[Typed("Choose a number from 1 to 5. Nothing was recorded.")],
    )


class Scored(Protocol):
    """A form with fields `<name>_likelihood` and `<name>_impact`."""

    def __getitem__(self, name: str) -> Any: ...  # noqa: ANN401 - WTForms' own


def score(form: Scored, name: str) -> Score:
    """The score that was chosen."""
    return Score(likelihood=int(form[f"{name}_likelihood"].data), impact=int(form[f"{name}_impact"].data))


class SignatureForm(RecordedForm):
    """Signing asks for nothing but the decision to do it."""


def signing(*, action: str, desk: dict[str, str]) -> ResponseReturnValue:
    """Read what would be signed, with the exposure it brings, and sign it. `desk` is where the page belongs."""
    view, person = found(RiskView), actor()
    own = next((share for share in view.agreement.shares if share.signatory == person.person), None)
    form, refusal = SignatureForm(), ""
    if own is not None and form.validate_on_submit():  # sent again, it finds the signature that is there
        ref, party = view.agreement.agreement, own.party
        try:
            entry = record(
                lambda unit: sign(
                    unit, agreement=ref, party=party, actor=person, idempotency_key=str(form.idempotency_key.data)
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            refusal = fault.sentence
        else:
            return recorded_then(entry, url_for("shared_risks.risk", ref=ref))
    page = render_template(
        "partner/sign.html",
        view=view,
        own=own if own in view.waits_for(person.person) else None,
        exposure={seen.party: seen for seen in view.exposures()},
        steps=view.scenarios(),
        form=form,
        refusal=refusal,
        action=action,
        desk=desk,
    )
    return page, 422 if refusal or form.errors else 200
