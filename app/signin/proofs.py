"""The second proof: a passkey, or a code after the link. And where officers are led who have not given one."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app.access import anyone, signed_in, who_may
from app.acting import acting, has_second_proof, sign_in, somebody
from app.answering import answered_in_json, asked_in_json
from app.limits import CHALLENGES_FROM_ONE, hold
from app.passkeys import ask_to_sign, person_who_signed
from app.signin.addresses import NEXT, on_this_site
from app.signin.forms import CodeForm
from app.signin.onward import onward_to
from app.store import reading, unit_of_work
from ledger.credentials.codes import Guess, authenticator_of, guess, use_recovery_code
from ledger.credentials.visits import Way

blueprint = Blueprint("proofs_of_person", __name__)

_OPEN_TO_LIMITED = {"security", "sessions", "signin", "invitation", "work", blueprint.name}
_WRONG = "That code is not right, or it was used already. Wait for the next one and type that. You are not fully signed in."
_WAIT = "There were too many wrong codes. Wait: a minute at first, at most an hour. You are not fully signed in."
_NO_RECOVERY = "That is none of your recovery codes, or it was used already. You are not fully signed in."


@blueprint.before_app_request
def lead_on() -> AnyResponse | None:
    """Whoever has to give a second proof is led to where they give it, or set it up, from every page of their own."""
    if request.endpoint is None or request.blueprint in _OPEN_TO_LIMITED:
        return None
    if "anyone" in who_may(current_app.view_functions[request.endpoint]):
        return None
    person = acting()
    if person is None or not person.limited:
        return None
    if request.method == "GET":
        session[NEXT] = on_this_site(request.full_path.rstrip("?"))
    return redirect(where_to_prove(person.ref))


def where_to_prove(ref: str) -> str:
    """Where this person gives their second proof, or sets one up."""
    return url_for("proofs_of_person.code") if has_second_proof(ref) else url_for("security.mine")


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@signed_in
def code() -> ResponseReturnValue:
    """After the link: a code from the app, a recovery code, or a passkey."""
    person, form = somebody(), CodeForm()
    if not person.limited or not has_second_proof(person.ref):
        return redirect(url_for("security.mine"))
    app = authenticator_of(reading(), person.ref) is not None
    if app and form.validate_on_submit():
        way = _proven(person.ref, form)
        if way is not None:
            onward = session.get(NEXT)
            sign_in(person.ref, way)
            return redirect(onward_to(onward))
    return render_template("signin/code.html", form=form, app=app), 422 if form.errors else 200


@blueprint.post("/sign-in/passkey/options")
@anyone
def options() -> Response:
    """What a browser needs to sign in with a passkey."""
    hold(CHALLENGES_FROM_ONE)
    return answered_in_json(ask_to_sign)


@blueprint.post("/sign-in/passkey")
@anyone
def passkey() -> Response:
    """Sign in with a passkey."""

    def enter() -> dict[str, str]:
        given, onward = asked_in_json(), session.get(NEXT)
        sign_in(person_who_signed(given), Way.PASSKEY)
        return {"onward": onward_to(onward)}

    return answered_in_json(enter)


def _proven(person: str, form: CodeForm) -> Way | None:
    typed = str(form.code.data)
    digits = "".join(typed.split())
    recovery = not digits.isdecimal()
    with unit_of_work(appends=False) as unit:
        if recovery:
            found = Guess.RIGHT if use_recovery_code(unit, person=person, code=digits) else Guess.WRONG
        else:
            found = guess(unit, person=person, code=digits)
        unit.commit()  # a wrong guess counts
    if found is Guess.RIGHT:
        return Way.LINK_AND_RECOVERY if recovery else Way.LINK_AND_CODE
    form.code.errors = [_WAIT if found is Guess.WAIT else _NO_RECOVERY if recovery else _WRONG]
    return None
