"""A partner organisation's desk: agreements to share a risk that wait for its signature, and those it has signed."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import may
from app.acting import somebody, today
from app.sharing_risks import signing
from app.store import reading
from app.things import the_risk
from ledger.risk_register import risks

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
