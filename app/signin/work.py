"""Signing in with a work account, where the site has an issuer.

What the issuer sends the browser back with is used by pressing a button, as a link is: opening an address signs nobody in.
"""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, session
from werkzeug.wrappers import Response as AnyResponse

from app.access import anyone
from app.acting import sign_in
from app.signin.addresses import NEXT
from app.signin.onward import onward_to
from app.store import reading, unit_of_work
from app.work_accounts import Account, AccountUnknown, begin, finish, issuer, require_same_address
from ledger.credentials.identities import person_with, tie
from ledger.credentials.invitations import accept
from ledger.credentials.visits import Way

INVITATION = "invitation"  # its name in Flask's signed cookie

blueprint = Blueprint("work", __name__)


@blueprint.get("/sign-in/work")
@anyone
def go() -> AnyResponse:
    """To the issuer. An invitation that this browser has looked at goes along if it is to be accepted with the account."""
    _only_with_an_issuer()
    return redirect(begin(session.get(INVITATION) if "accept" in request.args else None))


@blueprint.get("/sign-in/work/back")
@anyone
def back() -> Response:
    """From the issuer: one button."""
    _only_with_an_issuer()
    given = {name: request.args.get(name, "") for name in ("code", "state")}
    answer = make_response(render_template("signin/work.html", given=given))
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.post("/sign-in/work")
@anyone
def enter() -> AnyResponse:
    """Sign in as the person whose account it is, or accept the invitation with it."""
    _only_with_an_issuer()
    onward = session.get(NEXT)
    account, invitation = finish(code=request.form.get("code", ""), state=request.form.get("state", ""))
    person = _accepted(account, invitation) if invitation else _whose(account)
    sign_in(person, Way.WORK_ACCOUNT)
    return redirect(onward_to(onward))


def _accepted(account: Account, invitation: str) -> str:
    with unit_of_work(appends=False) as unit:
        found = accept(unit, token=invitation)
        require_same_address(account, found.address)
        person = str(found.person)
        tie(unit, issuer=account.issuer, subject=account.subject, person=person)
        unit.commit()
    return person


def _whose(account: Account) -> str:
    person = person_with(reading(), issuer=account.issuer, subject=account.subject)
    if person is None:
        raise AccountUnknown
    return person


def _only_with_an_issuer() -> None:
    if issuer() is None:
        abort(404)
