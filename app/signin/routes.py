"""Sign-in. In the demonstration, a picker of its invented people; nobody else can be picked."""

from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import anyone
from app.acting import acting, sign_in, sign_out
from app.desks import desks_of
from app.store import reading
from ledger.cast_list import people_by_place
from ledger.people import Person

blueprint = Blueprint("signin", __name__)


def on_this_site(address: str | None) -> str:
    r"""Where to go next: a path of this site, or home for anything else (`//evil`, `/\\evil`, another host)."""
    parts = urlsplit(address or "")
    plain = address and address.startswith("/") and not address.startswith(("//", "/\\"))
    safe = plain and not parts.scheme and not parts.netloc and address and address.isprintable() and "\\" not in address
    return address if safe and address else url_for("public.home")


@blueprint.get("/sign-in")
@anyone
def choose() -> str:
    """Who would you like to be?"""
    return render_template("signin/choose.html", groups=people_by_place(reading()), next=on_this_site(request.args.get("next")))


@blueprint.post("/sign-in")
@anyone
def enter() -> Response:
    """Become one of the demonstration's people."""
    person = reading().get(Person, request.form.get("person", ""))
    if person is None or not person.invented:
        abort(400)
    sign_in(person.ref)
    asked, desks = on_this_site(request.form.get("next")), desks_of(acting())
    return redirect(desks[0]["href"] if asked == url_for("public.home") and desks else asked)


@blueprint.post("/sign-out")
@anyone
def leave() -> Response:
    """End the session."""
    sign_out()
    return redirect(url_for("public.home"))
