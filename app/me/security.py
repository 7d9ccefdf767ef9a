"""How somebody signs in: their passkeys, their authenticator app, their recovery codes. They add and remove them themselves.

Whoever has such a proof and came in without it changes nothing here: reading somebody's mail must not be enough to add one's
own key. Whoever has none yet adds the first one here, and is fully signed in with that.
"""

import pyotp
import segno
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.access import signed_in
from app.acting import Acting, has_second_proof, sign_in, somebody
from app.answering import answered_in_json, asked_in_json
from app.devices import device_of
from app.mail import post_office
from app.me.forms import CodeForm
from app.passkeys import ask_for_new, take_new
from app.store import reading, unit_of_work
from ledger.credentials.codes import (
    authenticator_of,
    confirm_authenticator,
    new_recovery_codes,
    recovery_codes_left,
    remove_authenticator,
    start_authenticator,
)
from ledger.credentials.identities import identities_of
from ledger.credentials.mailboxes import mailboxes_of
from ledger.credentials.passkeys import passkeys_of, remove_passkey
from ledger.credentials.visits import Way
from ledger.errors import LedgerError

SAID = "security"
_WRONG = "That code is not right, or it was used already. Wait for the next one and type that. Nothing was changed."

blueprint = Blueprint("security", __name__, url_prefix="/me/security")


class ProveFirst(LedgerError):
    """You have a passkey or an authenticator app, and came in without it. Sign in with it first; nothing was changed."""


class KeepOne(LedgerError):
    """Your role needs a passkey or an authenticator app, and this is the last one. Add another first; nothing was changed."""


@blueprint.get("")
@signed_in
def mine() -> str:
    """Every way in which one signs in."""
    ref, session = somebody().ref, reading()
    return render_template(
        "me/security.html",
        passkeys=passkeys_of(session, ref),
        app=authenticator_of(session, ref),
        codes=recovery_codes_left(session, ref),
        mailboxes=mailboxes_of(session, ref),
        accounts=identities_of(session, ref),
        proven=_may_change(somebody()),
        by_mail=post_office().open,
        said=SAID,
    )


@blueprint.post("/app/start")
@signed_in
def start_app() -> Response:
    """Make the secret of a new app."""
    with unit_of_work(appends=False) as unit:
        start_authenticator(unit, person=_who_may_change().ref)
        unit.commit()
    return redirect(url_for("security.set_up_app"))


@blueprint.route("/app", methods=["GET", "POST"])
@signed_in
def set_up_app() -> ResponseReturnValue:
    """Scan the secret, and type the first code; the recovery codes are shown this once."""
    person, form = _who_may_change(), CodeForm()
    kept = authenticator_of(reading(), person.ref, confirmed=False)
    if kept is None:
        return redirect(url_for("security.mine"))
    secret = kept.secret
    if form.validate_on_submit():
        with unit_of_work(appends=False) as unit:
            codes = confirm_authenticator(unit, person=person.ref, code=str(form.code.data))
            unit.commit()  # a wrong guess counts
        if codes is not None:
            _prove(person, Way.LINK_AND_CODE)
            return render_template("me/recovery.html", codes=codes)
        form.code.errors = [_WRONG]
    uri = pyotp.TOTP(secret).provisioning_uri(name=person.name, issuer_name=str(current_app.config["SITE_NAME"]))
    picture = Markup(segno.make(uri, micro=False).svg_inline(scale=5, svgclass="cp-qr", omitsize=False))  # noqa: S704 - drawn here
    page = render_template("me/app.html", form=form, picture=picture, secret=secret)
    return page, 422 if form.errors else 200


@blueprint.post("/app/remove")
@signed_in
def remove_app() -> Response:
    """The app and its recovery codes work no more."""
    person = _who_may_change()
    _keep_one(person, bool(passkeys_of(reading(), person.ref)))
    with unit_of_work(appends=False) as unit:
        remove_authenticator(unit, person=person.ref)
        unit.commit()
    flash("The authenticator app and its recovery codes no longer work.", SAID)
    return redirect(url_for("security.mine"))


@blueprint.post("/recovery")
@signed_in
def new_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown this once; the old ones work no more."""
    person = _who_may_change()
    if authenticator_of(reading(), person.ref) is None:
        return redirect(url_for("security.mine"))
    with unit_of_work(appends=False) as unit:
        codes = new_recovery_codes(unit, person=person.ref)
        unit.commit()
    return render_template("me/recovery.html", codes=codes)


@blueprint.post("/passkeys/options")
@signed_in
def passkey_options() -> Response:
    """What a browser needs to make a passkey."""
    return answered_in_json(lambda: ask_for_new(_who_may_change()))


@blueprint.post("/passkeys")
@signed_in
def add() -> Response:
    """Keep the passkey that the browser made."""

    def keep() -> dict[str, str]:
        person = _who_may_change()
        take_new(person.ref, asked_in_json(), device_of(request.user_agent.string))
        _prove(person, Way.PASSKEY)
        flash("The passkey is kept. Next time, sign in with it.", SAID)
        return {"onward": url_for("security.mine")}

    return answered_in_json(keep)


@blueprint.post("/passkeys/remove")
@signed_in
def remove() -> Response:
    """Remove one passkey."""
    person = _who_may_change()
    others = len(passkeys_of(reading(), person.ref)) > 1 or authenticator_of(reading(), person.ref) is not None
    _keep_one(person, others)
    with unit_of_work(appends=False) as unit:
        remove_passkey(unit, person=person.ref, key_id=request.form.get("passkey", ""))
        unit.commit()
    flash("That passkey no longer works here. Delete it from your device as well.", SAID)
    return redirect(url_for("security.mine"))


def _may_change(person: Acting) -> bool:
    return not person.limited or not has_second_proof(person.ref)


def _who_may_change() -> Acting:
    """Raises ProveFirst."""
    person = somebody()
    if not _may_change(person):
        raise ProveFirst
    return person


def _keep_one(person: Acting, others: bool) -> None:  # noqa: FBT001 - whether there are any
    """Raises KeepOne."""
    if not others and person.is_officer:
        raise KeepOne


def _prove(person: Acting, way: Way) -> None:
    """Whoever came in by a link alone has now given a second proof: their session begins anew."""
    if person.limited:
        sign_in(person.ref, way)
