"""What the site says about itself: who can use it, and what it keeps about its readers."""

from flask import Blueprint, render_template

from app.access import anyone

blueprint = Blueprint("statements", __name__)


@blueprint.get("/accessibility")
@anyone
def accessibility() -> str:
    """Who can use these pages, how that was checked, and what is still missing."""
    return render_template("statements/accessibility.html")


@blueprint.get("/privacy")
@anyone
def privacy() -> str:
    """What the site knows of its readers, and the one cookie it sets."""
    return render_template("statements/privacy.html")
