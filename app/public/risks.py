"""The risks that partners share, for everybody to read: what was agreed, who signed, what was decided, what it cost whom."""

from flask import Blueprint, render_template, request

from app.access import allowed, anyone
from app.acting import today
from app.public.risk_charts import exposure_chart, scenario_chart, shares_chart
from app.store import reading
from app.things import of_risk
from ledger.money import format_money, in_units, parse_money
from ledger.risk_register import RiskView, risk_view, risks

blueprint = Blueprint("shared_risks", __name__, url_prefix="/risk")

_LONGEST = 40  # characters of an amount in an address
_GAIN = "gain"


@blueprint.get("")
@anyone
def register() -> str:
    """Every agreement to share a risk, the newest first."""
    return render_template("public/risks.html", views=risks(reading(), today=today()))


@blueprint.get("/<ref>")
@anyone
def risk(ref: str) -> str:
    """One agreement: shares, exposure, signatures, decisions and calls; and a scenario that the reader moves."""
    view = risk_view(reading(), ref, today=today())
    amount, problem = _asked(view)
    gain = request.args.get("what") == _GAIN
    sharing = view.agreement.sharing()
    parts = sharing.split_gain(amount) if gain else sharing.split(amount)
    return render_template(
        "public/risk.html",
        view=view,
        amount=amount,
        typed=f"{in_units(amount, view.currency):,}",
        gain=gain,
        problem=problem,
        parts=parts,
        charts=(shares_chart(view), exposure_chart(view), scenario_chart(view, amount, parts, gain=gain)),
        may={name: allowed(name, of_risk(view)) for name in ("decide on a shared risk", "call a loss")},
    )


def _asked(view: RiskView) -> tuple[int, str]:
    """The amount of the scenario, and what is wrong with what was typed; half of the largest loss where nothing was."""
    typed, usual = request.args.get("amount", "").strip(), view.agreement.most // 2
    if not typed:
        return usual, ""
    try:
        amount = parse_money(typed[:_LONGEST], view.currency)
    except ValueError as fault:
        return usual, str(fault)
    if amount > view.agreement.most:
        most = format_money(view.agreement.most, view.currency)
        return view.agreement.most, f"The agreement covers losses of up to {most}. Enter no more than that."
    return amount, ""
