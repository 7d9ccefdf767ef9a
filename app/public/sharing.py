"""Data sharing as everybody reads it: what is shared, what is off, what was refused, and how each was weighed."""

from flask import Blueprint, render_template, request

from app.access import anyone
from app.acting import today
from app.store import reading
from ledger.names import names_of
from ledger.sharing import sharing_view, sharings

blueprint = Blueprint("sharing", __name__)


@blueprint.get("/data-sharing")
@anyone
def every() -> str:
    """Every decision on sharing data (or those about one place) and where it stands today."""
    place = request.args.get("place") or None
    found = sharings(reading(), on=today(), place=place)
    names = names_of(reading(), [each.entry for each in found])
    return render_template("public/sharings.html", sharings=found, names=names, place=place if found else None)


@blueprint.get("/data-sharing/<int(max=2147483647):index>")
@anyone
def one(index: int) -> str:
    """One decision: who shares what with whom, on what basis, both risks, the safeguards, the reasons and the end."""
    view = sharing_view(reading(), index, on=today())
    return render_template("public/sharing.html", view=view, shared=view.shared, sharing=view.shared.sharing)
