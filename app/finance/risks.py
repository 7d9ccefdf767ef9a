"""The finance officer's part in a shared risk: a loss is called, or a gain is shared, each in one entry."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea
from wtforms import RadioField, TextAreaField
from wtforms.validators import Length

from app.access import actor, found, may
from app.forms import NO_NAMES, MoneyField, RecordedForm, Typed
from app.promises import recorded_then
from app.sharing_risks import OrganisationField
from app.store import record
from app.things import the_risk
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.risk_register import RiskStage, RiskView
from ledger.shared_risk import call as call_loss
from ledger.shared_risk import share_gain

blueprint = Blueprint("finance_risks", __name__, url_prefix="/finance/risks")


def _what_happened() -> TextAreaField:
    return TextAreaField(
        "What happened?",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[
            Typed("Say what happened in a sentence or two. Nothing was recorded."),
            Length(max=4000, message="Use at most 4,000 characters for what happened. Nothing was recorded."),
        ],
    )


class CallForm(RecordedForm):
    """How much was lost, who bore it, and what happened."""

    loss = MoneyField(
        "How much was lost?",
        description="For example: £10,000.01.",
        validators=[Typed("Enter how much was lost. Nothing was recorded.")],
    )
    payee = OrganisationField(
        "Who bore the loss, and is paid?",
        description="The organisation’s name, as it stands in the ledger.",
        validators=[Typed("Name the organisation that is paid. Nothing was recorded.")],
    )
    reasons = _what_happened()


class GainForm(RecordedForm):
    """How much was gained, which partner has it in hand, and what happened."""

    gain = MoneyField(
        "How much was gained?",
        description="For example: £1,200.03.",
        validators=[Typed("Enter how much was gained. Nothing was recorded.")],
    )
    holder = RadioField(
        "Which partner has it in hand?",
        widget=GovRadioInput(),
        validators=[Typed("Choose the partner that has the gain in hand. Nothing was recorded.")],
    )
    reasons = _what_happened()

    def __init__(self, view: RiskView, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own
        """One of the agreement's partners, in the authority's currency."""
        super().__init__(*args, **options)
        self.gain.currency = view.currency
        self.holder.choices = [(share.party, view.names.organisation(share.party)) for share in view.agreement.shares]


@blueprint.route("/<ref>/call", methods=["GET", "POST"])
@may("call a loss", on=the_risk)
def call(ref: str) -> ResponseReturnValue:
    """The risk has happened: what each partner pays follows from what they signed."""
    view, officer = found(RiskView), actor()
    form = CallForm()
    form.loss.currency = view.currency
    standing = view.decisions[-1].entry.index if view.stage is RiskStage.ACCEPTED else None
    if standing is not None and form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: call_loss(
                    unit,
                    decision=standing,
                    payee=form.payee.slug,
                    loss=form.loss.data or 0,
                    reasons=str(form.reasons.data),
                    actor=officer,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("loss", fault.sentence)
        else:
            return recorded_then(recorded, url_for("shared_risks.risk", ref=ref))
    page = render_template("finance/call.html", form=form, view=view, steps=view.scenarios(), open=standing is not None)
    return page, 422 if form.errors else 200


@blueprint.route("/<ref>/gain", methods=["GET", "POST"])
@may("share a gain", on=the_risk)
def gain(ref: str) -> ResponseReturnValue:
    """It turned out well: what each partner has of a gain follows from what they signed."""
    view, officer = found(RiskView), actor()
    form = GainForm(view)
    standing = view.decisions[-1].entry.index if view.stage is RiskStage.ACCEPTED else None
    if standing is not None and form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: share_gain(
                    unit,
                    decision=standing,
                    holder=str(form.holder.data),
                    gain=form.gain.data or 0,
                    reasons=str(form.reasons.data),
                    actor=officer,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("gain", fault.sentence)
        else:
            return recorded_then(recorded, url_for("shared_risks.risk", ref=ref))
    page = render_template("finance/gain.html", form=form, view=view, open=standing is not None)
    return page, 422 if form.errors else 200
