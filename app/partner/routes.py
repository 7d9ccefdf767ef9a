"""A partner organisation's desk: agreements to share a risk that wait for its signature, and those it has signed."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may
from app.acting import somebody, today
from app.partner.reserves import AsideForm, BackForm
from app.promises import recorded_then
from app.sharing_risks import signing
from app.store import reading, record
from app.things import the_risk
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.risk_register import RiskStage, RiskView, risks
from ledger.shared_risk import set_aside, take_back

blueprint = Blueprint("partner", __name__, url_prefix="/partner")


@blueprint.get("")
@may("open the partner desk")
def desk() -> str:
    """What waits for this person's signature, and what they stand to lose under what they signed."""
    me = somebody()
    lines = [
        (view, share)
        for view in risks(reading(), today=today())
        for share in view.agreement.shares
        if share.signatory == me.ref
    ]
    return render_template(
        "partner/desk.html",
        waiting=[line for line in lines if line[1] in line[0].waits_for(me.ref)],
        signed=[line for line in lines if line[1].party in line[0].signed],
        exposure={(view.agreement.agreement, seen.party): seen for view, _ in lines for seen in view.exposures()},
    )


@blueprint.route("/risks/<ref>/sign", methods=["GET", "POST"])
@may("sign a risk agreement", on=the_risk)
def sign(ref: str) -> ResponseReturnValue:
    """See exposure and scenarios, then sign for the organisation."""
    return signing(action=url_for("partner.sign", ref=ref), desk={"text": "Partner desk", "href": url_for("partner.desk")})


@blueprint.route("/risks/<ref>/reserve", methods=["GET", "POST"])
@may("set money aside for a shared risk", on=the_risk)
def reserve(ref: str) -> ResponseReturnValue:
    """Set more aside while the agreement lasts; take back what is left when it is over."""
    view, person = found(RiskView), actor()
    own = next((share for share in view.agreement.shares if share.signatory == person.person), None)
    over = view.stage is RiskStage.OVER
    form = BackForm() if over else AsideForm(view.currency)
    if own is not None and form.validate_on_submit():
        party, key = own.party, str(form.idempotency_key.data)
        amount = int(form.amount.data or 0) if isinstance(form, AsideForm) else 0
        try:
            entry = record(
                lambda unit: (
                    take_back(unit, agreement=ref, party=party, actor=person, idempotency_key=key)
                    if over
                    else set_aside(unit, agreement=ref, party=party, amount=amount, actor=person, idempotency_key=key)
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("amount", fault.sentence)
        else:
            return recorded_then(entry, url_for("shared_risks.risk", ref=ref))
    seen = {exposure.party: exposure for exposure in view.exposures()}
    page = render_template(
        "partner/reserve.html", view=view, own=own, over=over, form=form, exposure=seen[own.party] if own else None
    )
    return page, 422 if form.errors else 200
