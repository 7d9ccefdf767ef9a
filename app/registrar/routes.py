"""Invitations of an authority: its registrar lists them, sends new ones and withdraws those that are open."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import may, own_authority, own_query, the_authority
from app.acting import Acting, somebody
from app.addressing import site_address
from app.inviting import invitation_letter
from app.mail import post_office
from app.registrar.forms import InvitationForm
from app.store import reading, unit_of_work
from app.things import the_invitation
from ledger.credentials.invitations import InvitedAlready, invitations_of, invite, withdraw_invitation
from ledger.credentials.mailboxes import AddressTaken, BadAddress
from ledger.credentials.visits import NotLetIn
from ledger.database import system_clock
from ledger.errors import LedgerError, NotFound
from ledger.people import NoName
from ledger.places import Authority

SAID = "invitations"
_FIELDS: dict[type[LedgerError], str] = {NoName: "name", NotFound: "person", NotLetIn: "person"}

blueprint = Blueprint("registrar", __name__, url_prefix="/registrar/invitations")


@blueprint.get("")
@may("invite people", on=the_authority)
def invitations() -> str:
    """Whom the authority has asked in, and how each invitation stands."""
    row = own_authority()
    found = invitations_of(reading(), row.slug)
    return render_template(
        "registrar/invitations.html", authority=row, rows=found, now=system_clock(), said=SAID, which=own_query()
    )


@blueprint.route("/new", methods=["GET", "POST"])
@may("invite people", on=the_authority)
def new() -> ResponseReturnValue:
    """Ask somebody in."""
    person, form = somebody(), InvitationForm()
    row = own_authority()
    if not post_office().open:
        abort(404)
    if form.validate_on_submit():
        try:
            _invite(form, row, person)
        except (NoName, BadAddress, AddressTaken, InvitedAlready, NotFound, NotLetIn) as fault:
            form.refuse(_FIELDS.get(type(fault), "email"), fault.sentence)
        else:
            flash(f"An invitation is on its way to {form.email.data}.", SAID)
            return redirect(url_for("registrar.invitations", **own_query()))
    return render_template("registrar/invite.html", form=form, authority=row, which=own_query()), 422 if form.errors else 200


@blueprint.post("/<ref>/withdraw")
@may("invite people", on=the_invitation)
def withdraw(ref: str) -> Response:
    """Take an open invitation back."""
    person = somebody()
    slug = own_authority().slug
    with unit_of_work(appends=False) as unit:
        withdraw_invitation(unit, ref=ref, authority=slug, registrar=person.ref)
        unit.commit()
    flash("That invitation no longer works.", SAID)
    return redirect(url_for("registrar.invitations", **own_query()))


def _invite(form: InvitationForm, row: Authority, person: Acting) -> None:
    base, site, named, slug = site_address(), current_app.config["SITE_NAME"], row.name, row.slug
    with unit_of_work(appends=False) as unit:
        made, token = invite(
            unit,
            ref=str(form.idempotency_key.data),
            authority=slug,
            address=str(form.email.data),
            name=str(form.name.data),
            inviter=person.ref,
            person=(form.person.data or "").strip() or None,
        )
        to, name = made.address, made.name
        unit.commit()
    if token is not None:
        office = post_office()
        letter = invitation_letter(to=to, name=name, authority=named, site=site, base=base, token=token)
        office.later(lambda: office.send(letter))
