"""Sign-in without passwords: by a link in an email; in the demonstration, also by a picker of its invented people."""

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as AnyResponse

from app import store
from app.access import anyone
from app.acting import acting, sign_in, sign_out
from app.addressing import site_address
from app.limits import LETTERS_FROM_ONE, LETTERS_TO_ONE, hold
from app.mail import post_office
from app.signin.addresses import NEXT, on_this_site
from app.signin.forms import AskForm
from app.signin.links import Asked, send_link
from app.signin.onward import onward_to
from app.signin.proofs import where_to_prove
from app.store import reading, unit_of_work
from app.visits import browser_token
from app.work_accounts import issuer
from ledger.cast_list import people_by_place
from ledger.credentials.mailboxes import use_link
from ledger.credentials.visits import Way
from ledger.people import Person

blueprint = Blueprint("signin", __name__)


@blueprint.get("/sign-in")
@anyone
def choose() -> ResponseReturnValue:
    """Every way to sign in that this site has."""
    onward = on_this_site(request.args.get("next"))
    if "next" in request.args:
        session[NEXT] = onward  # for a passkey or a work account, which send no form of this page
    return _choose(AskForm(next=onward))


@blueprint.post("/sign-in")
@anyone
def enter() -> AnyResponse:
    """Become one of the demonstration's people."""
    person = reading().get(Person, request.form.get("person", ""))
    if person is None or not person.invented:
        abort(400)
    sign_in(person.ref, Way.DEMONSTRATION)
    return redirect(onward_to(request.form.get("next")))


@blueprint.post("/sign-in/email")
@anyone
def ask() -> ResponseReturnValue:
    """Ask for a link. Known and unknown addresses get the same answer, before anybody has looked which it is."""
    form, office = AskForm(), post_office()
    if not office.open:
        abort(404)
    if not form.validate_on_submit():
        return _choose(form)
    hold(LETTERS_FROM_ONE)
    hold(LETTERS_TO_ONE, str(form.email.data))  # known or not: nobody learns which
    browser = browser_token()
    session[NEXT] = on_this_site(form.next.data)
    asked = Asked(str(form.email.data), browser, site_address(), current_app.config["SITE_NAME"])
    database = store.database()
    office.later(lambda: send_link(database, office, asked))
    return redirect(url_for("signin.sent"))


@blueprint.get("/sign-in/sent")
@anyone
def sent() -> str:
    """A letter is on its way, if the address is known."""
    return render_template("signin/sent.html", folder=post_office().into_a_folder)


@blueprint.get("/sign-in/link/<token>")
@anyone
def link(token: str) -> Response:
    """What a link opens: one button. Nothing has happened yet."""
    answer = make_response(render_template("signin/link.html", token=token))
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.post("/sign-in/link")
@anyone
def use() -> AnyResponse:
    """Use a link up and sign in."""
    onward = session.get(NEXT)
    with unit_of_work(appends=False) as unit:
        person = use_link(unit, token=request.form.get("token", ""), browser=browser_token())
        unit.commit()
    sign_in(person, Way.LINK)
    found = acting()
    if found is not None and found.limited:
        session[NEXT] = on_this_site(onward)
        return redirect(where_to_prove(person))
    return redirect(onward_to(onward))


@blueprint.post("/sign-out")
@anyone
def leave() -> AnyResponse:
    """End the session."""
    sign_out()
    return redirect(url_for("public.home"))


def _choose(form: AskForm) -> ResponseReturnValue:
    groups = people_by_place(reading())
    page = render_template(
        "signin/choose.html", groups=groups, form=form, by_mail=post_office().open, by_work=issuer() is not None
    )
    return page, 422 if form.errors else 200
