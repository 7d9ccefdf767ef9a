"""Where authorities stepped in: overrides, money taken back, pots stopped, entries reversed; each with its reasons."""

from flask import Blueprint, render_template

from app.access import anyone
from app.public.choices import site_authorities
from app.store import reading
from ledger.accountability import accounted
from ledger.names import names_of
from ledger.words import sentence

blueprint = Blueprint("accountability", __name__)


@blueprint.get("/accountability")
@anyone
def stepped_in() -> str:
    """Every intervention of every authority of this site, the newest first."""
    found = []
    for row in site_authorities(reading()):
        answer = accounted(reading(), row.slug)
        names = names_of(reading(), [each.entry for each in answer.interventions])
        lines = [(each, sentence(each.entry, names)) for each in answer.interventions]
        found.append((row, answer, names, lines))
    return render_template("public/accountability.html", found=found)
