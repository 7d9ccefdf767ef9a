"""The page `/verify`: what the record's proof means, and how anybody can check it without asking us."""

from flask import Blueprint, render_template

from app.access import anyone
from app.log_key import log_verifier
from app.store import reading
from app.witnessing import log_address, standing

blueprint = Blueprint("verify", __name__)


@blueprint.get("/verify")
@anyone
def verify() -> str:
    """The log and its key, who witnesses it, a check that runs in the browser, and the command that does the same."""
    return render_template("public/verify.html", key=log_verifier(), standing=standing(reading()), address=log_address())
