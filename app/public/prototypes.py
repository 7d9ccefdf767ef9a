"""Prototypes as everybody reads them: where each stands, what it shares, what was learned, and who adopted whose."""

from flask import Blueprint, render_template, request

from app.access import allowed, anyone
from app.acting import today
from app.store import reading
from app.things import of_prototype
from ledger.names import names_of
from ledger.prototypes import learning, prototype_view, prototypes

blueprint = Blueprint("prototypes", __name__)


@blueprint.get("/prototypes")
@anyone
def every() -> str:
    """Every prototype (or those of one place) and where it stands today."""
    place = request.args.get("place") or None
    lines = prototypes(reading(), on=today(), place=place)
    names = names_of(reading(), [line.entry for line in lines])
    return render_template("public/prototypes.html", lines=lines, names=names, place=place if lines else None)


@blueprint.get("/prototypes/<int(max=2147483647):index>")
@anyone
def one(index: int) -> str:
    """One prototype: what it shares and with whom, its decision, what was learned, and its lineage."""
    view = prototype_view(reading(), index, on=today())
    may_decide = allowed("decide on a prototype", of_prototype(view.line))
    return render_template("public/prototype.html", view=view, line=view.line, may_decide=may_decide)


@blueprint.get("/learning")
@anyone
def learned() -> str:
    """What was learned, theme by theme, each with the prototype that it comes from and whose agreement that one adopted."""
    themes = learning(reading(), on=today())
    entries = [each.prototype.entry for found in themes.values() for each in found]
    return render_template("public/learning.html", themes=themes, names=names_of(reading(), entries))
