"""The page `/verify`: what the record's proof means, and how anybody can check it without asking us."""

from flask import Blueprint, render_template

from app.access import anyone
from app.log_key import log_verifier

blueprint = Blueprint("verify", __name__)


@blueprint.get("/verify")
@anyone
def verify() -> str:
    """The log's public key, a check that runs in the browser, and the command that does the same."""
    return render_template("public/verify.html", key=log_verifier())
