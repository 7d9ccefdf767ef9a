"""The registrar's desk of roles: who holds what until when, somebody takes up a role, a role ends early."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, own_authorities, own_authority, own_query, the_authority
from app.acting import today
from app.promises import recorded_then
from app.registrar.appointing import AppointForm, EndForm
from app.store import reading, record
from app.things import the_holding
from ledger.errors import LedgerError, NotFound
from ledger.faults import DatabaseFault
from ledger.holdings import Holding, holdings, people_of
from ledger.kinds.authority import AppointedAfterErasure, Change, MachineApart, NoSelfAppointment, NotASeat
from ledger.people import Role, person
from ledger.places import Authority, partnerships
from ledger.powers import NotARoleThere, appoint
from ledger.records import Actor, Recorded
from ledger.unit_of_work import UnitOfWork

blueprint = Blueprint("roles", __name__, url_prefix="/registrar/roles")

_FIELDS: dict[type[LedgerError], str] = {
    NoSelfAppointment: "person",
    AppointedAfterErasure: "person",
    NotFound: "reference",
    MachineApart: "role",
    NotARoleThere: "place",
    NotASeat: "resident",
}


@blueprint.get("")
@may("see who holds which role", on=the_authority)
def desk() -> str:
    """Who holds which role in the authority, where, and until when."""
    row = own_authority()
    return render_template(
        "registrar/roles.html",
        authority=row,
        which=own_query(),
        others=[other for other in own_authorities() if other.slug != row.slug],
        held=holdings(reading(), authority=row.slug, on=today()),
        me=actor().person,
    )


@blueprint.route("/appoint", methods=["GET", "POST"])
@may("appoint", on=the_authority)
def take_up() -> ResponseReturnValue:
    """Record that somebody takes up a role today, at a place or for the whole authority, to a day or until further notice."""
    row, registrar = own_authority(), actor()
    form = AppointForm(people_of(reading(), row.slug), row, partnerships(reading(), row.slug))
    if form.validate_on_submit():
        try:
            recorded = record(lambda unit: _appoint(unit, form, row, registrar))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse(_FIELDS.get(type(fault), "role"), fault.sentence)
        else:
            return recorded_then(recorded, url_for("roles.desk", **own_query()))
    page = render_template("registrar/appoint.html", form=form, authority=row, which=own_query())
    return page, 422 if form.errors else 200


@blueprint.route("/<int(max=2147483647):index>/end", methods=["GET", "POST"])
@may("end a role", on=the_holding)
def end(index: int) -> ResponseReturnValue:
    """End a role today, before its last day."""
    held, registrar, form, refusal = found(Holding), actor(), EndForm(), None
    if form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: appoint(
                    unit,
                    authority=held.authority,
                    place=held.place,
                    person=held.person,
                    role=held.role,
                    change=Change.ENDED,
                    registrar=registrar.person,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            refusal = fault.sentence
        else:
            return recorded_then(recorded, url_for("roles.desk", **own_query()))
    page = render_template("registrar/end.html", held=held, form=form, refusal=refusal, index=index, which=own_query())
    return page, 422 if refusal or form.errors else 200


def _appoint(unit: UnitOfWork, form: AppointForm, row: Authority, registrar: Actor) -> Recorded:
    return appoint(
        unit,
        authority=row.slug,
        place=form.place.data or None,
        person=person(unit.session, form.whom).ref,
        role=Role(form.role.data),
        ends=form.until.data,
        resident=bool(form.resident.data),
        registrar=registrar.person,
        idempotency_key=str(form.idempotency_key.data),
    )
