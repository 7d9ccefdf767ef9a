"""The authority leader's desk: what is devolved and where, and a new instrument of devolution."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, may, own_authorities, own_authority, own_query, the_authority
from app.acting import today
from app.authority.forms import DevolutionForm
from app.promises import recorded_then
from app.signatories import signatories
from app.store import reading, record
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.flows import positions
from ledger.money import TIME
from ledger.places import Authority, partnerships
from ledger.powers import devolve, terms_at
from ledger.records import Actor, Recorded
from ledger.renewing import reminder
from ledger.unit_of_work import UnitOfWork

blueprint = Blueprint("authority", __name__, url_prefix="/authority")


@blueprint.get("")
@may("open the authority desk", on=the_authority)
def desk() -> str:
    """How much is devolved, place by place, in money and in staff time."""
    row = own_authority()
    places = partnerships(reading(), row.slug)
    slugs = [place.slug for place in places]
    return render_template(
        "authority/desk.html",
        authority=row,
        which=own_query(),
        others=[other for other in own_authorities() if other.slug != row.slug],
        places=places,
        live={slug: terms_at(reading(), slug, on=today()) for slug in slugs},
        reminders=[(place, said) for place in places if (said := reminder(reading(), place.slug, on=today()))],
        money=positions(reading(), resource=row.currency, places=slugs),
        time=positions(reading(), resource=TIME, places=slugs),
    )


@blueprint.route("/devolve", methods=["GET", "POST"])
@may("devolve", on=the_authority)
def new_devolution() -> ResponseReturnValue:
    """Hand money and staff time to a partnership, with a limit for each award and an expiry."""
    row, leader = own_authority(), actor()
    form = DevolutionForm(partnerships(reading(), row.slug), row.currency, signatories(row.slug, leader.person))
    if form.validate_on_submit():
        try:
            recorded = record(lambda unit: _devolve(unit, form, row, leader))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("partnership", fault.sentence)
        else:
            return recorded_then(recorded, url_for("public.entry", index=recorded.index))
    page = render_template("authority/devolve.html", form=form, authority=row, which=own_query())
    return page, 422 if form.errors else 200


def _devolve(unit: UnitOfWork, form: DevolutionForm, row: Authority, leader: Actor) -> Recorded:
    limits = {row.currency: form.award_money.data, TIME: form.award_hours.data}
    given = {row.currency: form.money.data or 0, TIME: form.hours.data or 0}
    begins, ends = form.begins.data, form.ends.data
    if begins is None or ends is None:
        raise AssertionError("a validated form has both of its days")
    return devolve(
        unit,
        authority=row.slug,
        partnership=str(form.partnership.data),
        title=str(form.title.data),
        power=str(form.power.data),
        money=given[row.currency],
        minutes=given[TIME],
        limits={resource: limit for resource, limit in limits.items() if limit and given[resource]},
        begins=begins,
        ends=ends,
        leader=leader.person,
        scope=form.scope.data or None,
        conditions=form.conditions.data or None,
        signatories=form.signatories.data or (),
        idempotency_key=str(form.idempotency_key.data),
    )
