"""Where the authority leader starts a prototype at a place, and decides on sharing data."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, own_authority, own_query, the_authority
from app.acting import today
from app.authority.prototype_forms import PrototypeForm
from app.authority.sharing_forms import SharingForm
from app.promises import recorded_then
from app.store import reading, record
from app.things import the_place
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.holdings import people_of
from ledger.kinds.prototyping import Standing
from ledger.places import Partnership, authorities, organisations, partnerships
from ledger.powers import terms_at
from ledger.prototypes import prototype_view, prototypes, start
from ledger.sharing import decide_sharing, sharings

blueprint = Blueprint("authority_prototypes", __name__, url_prefix="/authority")
_CLOSED = {Standing.STOPPED, Standing.LAPSED}


@blueprint.route("/prototypes/<slug>", methods=["GET", "POST"])
@may("start a prototype", on=the_place)
def new_prototype(slug: str) -> ResponseReturnValue:
    """Share power, money, hours and risk with named leaders at the place; `?adopt=` fills in another's agreement."""
    place, row, leader = found(Partnership), own_authority(), actor()
    people = [pair for pair in people_of(reading(), row.slug) if pair[0] != leader.person]
    form = PrototypeForm(people, row.currency)
    live = terms_at(reading(), slug, on=today())
    if form.validate_on_submit() and live is not None:
        adopted = int(form.adopted_from.data) if form.adopted_from.data else None
        try:
            recorded = record(
                lambda unit: start(
                    unit, terms=live.entry.index, agreement=form.agreement, leader=leader.person, adopted_from=adopted,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )  # fmt: skip
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("power", fault.sentence)
        else:
            return recorded_then(recorded, url_for("prototypes.one", index=recorded.index))
    elif not form.is_submitted():
        _start_from(form, request.args.get("adopt", ""))
    page = render_template("authority/prototype.html", form=form, place=place, live=live)
    return page, 422 if form.errors else 200


def _start_from(form: PrototypeForm, asked: str) -> None:
    """Fill the form in with the agreement of the prototype that the address names, if there is one that may be adopted."""
    for line in prototypes(reading(), on=today()):
        if str(line.entry.index) == asked and line.standing not in _CLOSED:
            form.start_from(line, prototype_view(reading(), line.entry.index, on=today()).hypothesis.text)


@blueprint.route("/data-sharing", methods=["GET", "POST"])
@may("decide on data sharing", on=the_authority)
def new_sharing() -> ResponseReturnValue:
    """Decide whether data is shared, with the risk of sharing beside the risk of not sharing."""
    row, leader = own_authority(), actor()
    places = [(place.slug, place.name) for place in partnerships(reading(), row.slug)]
    parties = {body.name: body.slug for body in organisations(reading())}
    parties |= {each.name: each.slug for each in authorities(reading())}
    earlier = [(str(each.entry.index), each.sharing.title) for each in sharings(reading(), on=today(), authority=row.slug)]
    form = SharingForm(places, parties, earlier)
    if form.validate_on_submit():
        try:
            recorded = record(
                lambda unit: decide_sharing(
                    unit, authority=row.slug, place=str(form.place.data) or None, deliberation=form.deliberation,
                    leader=leader.person, renews=int(form.renews.data) if form.renews.data else None,
                    idempotency_key=str(form.idempotency_key.data),
                )
            )  # fmt: skip
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("title", fault.sentence)
        else:
            return recorded_then(recorded, url_for("sharing.one", index=recorded.index))
    page = render_template("authority/sharing.html", form=form, which=own_query())
    return page, 422 if form.errors else 200
