"""The email addresses of whoever is signed in: they add one, which a link in a letter to it confirms, and remove one."""

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import store
from app.access import signed_in
from app.acting import somebody
from app.addressing import site_address
from app.limits import LETTERS_FROM_ONE, LETTERS_TO_ONE, hold
from app.mail import Letter, PostOffice, post_office
from app.me.forms import AddressForm
from app.store import reading, unit_of_work
from app.visits import browser_token
from ledger.credentials.identities import identities_of
from ledger.credentials.mailboxes import add_by_link, ask_to_add, mailboxes_of, remove_mailbox
from ledger.credentials.passkeys import passkeys_of
from ledger.database import Database

SAID = "security"  # what was done is said on the page of how one signs in

blueprint = Blueprint("addresses", __name__, url_prefix="/me/security/email")

_ASKED = """\
Somebody who is signed in to {site} wants to add this address to theirs.

If it was you, open this link in the same browser and press the button:

{base}/me/security/email/{token}

The link works once, for 10 minutes. If it was not you, do nothing.
"""
_ADDED = """\
The address {address} can now be used to sign in to {site} as you.

If it was not you who added it, sign in at {base}/me/security, remove it, and end your other sessions.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose address it is to be, in which browser they asked, and at which site."""

    person: str
    address: str
    browser: str
    base: str
    site: str


@blueprint.route("", methods=["GET", "POST"])
@signed_in
def add() -> ResponseReturnValue:
    """Ask to add an address. Nothing shows whether somebody else has it."""
    person, form, office = somebody().ref, AddressForm(), post_office()
    if not office.open:
        abort(404)
    if not form.validate_on_submit():
        return render_template("me/address.html", form=form), 422 if form.errors else 200
    hold(LETTERS_FROM_ONE)
    hold(LETTERS_TO_ONE, str(form.email.data))
    browser = browser_token()
    wanted = Wanted(person, str(form.email.data), browser, site_address(), str(current_app.config["SITE_NAME"]))
    database = store.database()
    office.later(lambda: _send(database, office, wanted))
    flash("If the address can be added, a letter is on its way to it. Open its link in this browser.", SAID)
    return redirect(url_for("security.mine"))


@blueprint.get("/<token>")
@signed_in
def link(token: str) -> Response:
    """What the link opens: one button. Nothing has happened yet."""
    answer = make_response(render_template("me/confirm_address.html", token=token))
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.post("/confirm")
@signed_in
def confirm() -> Response:
    """Use the link up: the address is theirs, and their other addresses are told. Raises LinkSpent, AddressTaken."""
    person, office = somebody().ref, post_office()
    others = [row.address for row in mailboxes_of(reading(), person)]
    with unit_of_work(appends=False) as unit:
        added = add_by_link(unit, token=request.form.get("token", ""), person=person, browser=browser_token()).address
        unit.commit()
    site, base = str(current_app.config["SITE_NAME"]), site_address()
    for other in others:
        letter = Letter(other, f"An address was added at {site}", _ADDED.format(address=added, site=site, base=base))
        office.later(lambda letter=letter: office.send(letter))  # type: ignore[misc]  # it binds this one
    flash(f"You can now sign in with {added}.", SAID)
    return redirect(url_for("security.mine"))


@blueprint.post("/remove")
@signed_in
def remove() -> Response:
    """Remove an address; the last one only where there is another way in. Raises LastAddress."""
    person, address = somebody().ref, request.form.get("address", "")
    another_way = bool(passkeys_of(reading(), person) or identities_of(reading(), person))
    with unit_of_work(appends=False) as unit:
        remove_mailbox(unit, person=person, address=address, last_is_needed=not another_way)
        unit.commit()
    flash("That address can no longer be used to sign in.", SAID)
    return redirect(url_for("security.mine"))


def _send(database: Database, office: PostOffice, wanted: Wanted) -> None:
    with database.unit_of_work(appends=False) as unit:
        token = ask_to_add(unit, person=wanted.person, address=wanted.address, browser=wanted.browser)
        unit.commit()
    if token is not None:
        text = _ASKED.format(site=wanted.site, base=wanted.base, token=token)
        office.send(Letter(wanted.address, f"Add this address at {wanted.site}", text))
