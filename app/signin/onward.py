"""To where somebody was going before they signed in, or to their first desk."""

from flask import url_for

from app.acting import acting
from app.desks import desks_of
from app.signin.addresses import on_this_site


def onward_to(address: str | None) -> str:
    """An address on this site."""
    asked, desks = on_this_site(address), desks_of(acting())
    return desks[0]["href"] if asked == url_for("public.home") and desks else asked
