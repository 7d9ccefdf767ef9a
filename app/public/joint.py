"""A joint round as everybody reads it: the rounds of several partnerships that are voted on together, each with its pot."""

from flask import Blueprint, render_template

from app.access import anyone
from app.acting import today
from app.store import reading
from ledger.errors import NotFound
from ledger.places import authority as authority_called
from ledger.rounds.proposals import joint_rounds
from ledger.rounds.reading import round_view

blueprint = Blueprint("joint", __name__)


@blueprint.get("/joint-rounds/<authority>/<name>")
@anyone
def together(authority: str, name: str) -> str:
    """Each partnership's round, its pot, where it stands and what was chosen. Raises NotFound."""
    views = [round_view(reading(), row.ref, today=today()) for row in joint_rounds(reading(), authority, name)]
    if not views:
        raise NotFound(what="joint round", name=name)
    return render_template("public/joint.html", authority=authority_called(reading(), authority), views=views)
