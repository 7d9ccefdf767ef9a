"""The authority leader's desk for shared risk: put an agreement to partners, sign it, decide on its risk."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, own_authorities, own_authority, own_query, the_authority
from app.acting import somebody, today
from app.authority.risk_forms import OWN, PLACE, AgreementForm, RiskDecisionForm, ref_of
from app.promises import recorded_then
from app.sharing_risks import score, signing
from app.store import reading, record
from app.things import the_risk
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.kinds.risking import First, PartySort, RiskAgreement, Share
from ledger.places import Authority, partnerships
from ledger.records import Actor, Recorded
from ledger.risk_register import RiskView, chair_of, risks, who_may_sign
from ledger.roles import Role
from ledger.shared_risk import decide as decide_on
from ledger.shared_risk import propose
from ledger.unit_of_work import UnitOfWork

blueprint = Blueprint("authority_risks", __name__, url_prefix="/authority/risks")


@blueprint.get("")
@may("open the authority desk", on=the_authority)
def desk() -> str:
    """The risks that the authority shares, and what waits for its leader."""
    row, me = own_authority(), somebody()
    views = risks(reading(), today=today(), authority=row.slug)
    return render_template(
        "authority/risks.html",
        authority=row,
        which=own_query(),
        others=[other for other in own_authorities() if other.slug != row.slug],
        views=views,
        waiting={view.agreement.agreement for view in views if view.waits_for(me.ref)},
    )


@blueprint.route("/new", methods=["GET", "POST"])
@may("put a shared risk to partners", on=the_authority)
def new() -> ResponseReturnValue:
    """Say what may go wrong, how it is shared, and put it to the partners. It binds nobody until all have signed."""
    row, leader = own_authority(), actor()
    form = _form(row)
    if form.validate_on_submit():
        try:
            recorded = record(lambda unit: _propose(unit, form, row, leader))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("residual", fault.sentence)
        else:
            return recorded_then(recorded, url_for("authority_risks.sign", ref=str(recorded.payload.subject())))
    page = render_template("authority/new_risk.html", form=form, authority=row, which=own_query())
    return page, 422 if form.errors else 200


@blueprint.route("/<ref>/sign", methods=["GET", "POST"])
@may("sign a risk agreement", on=the_risk)
def sign(ref: str) -> ResponseReturnValue:
    """See exposure and scenarios, then sign for the authority."""
    desk = {"text": "Shared risks", "href": url_for("authority_risks.desk")}
    return signing(action=url_for("authority_risks.sign", ref=ref), desk=desk)


@blueprint.route("/<ref>/decide", methods=["GET", "POST"])
@may("decide on a shared risk", on=the_risk)
def decide(ref: str) -> ResponseReturnValue:
    """Weigh the harm of acting against the harm of not acting, and accept or refuse the risk."""
    view, person = found(RiskView), actor()
    form = RiskDecisionForm()
    if form.validate_on_submit():
        try:
            recorded = record(lambda unit: _decide(unit, form, ref, person))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            form.refuse("outcome", fault.sentence)
        else:
            return recorded_then(recorded, url_for("shared_risks.risk", ref=ref))
    return render_template("authority/decide_risk.html", form=form, view=view), 422 if form.errors else 200


def _form(row: Authority) -> AgreementForm:
    session = reading()
    return AgreementForm(
        places=[(place.slug, place.name) for place in partnerships(session, row.slug)],
        people=who_may_sign(session, authority=row.slug, on=today()),
        currency=row.currency,
    )


def _propose(unit: UnitOfWork, form: AgreementForm, row: Authority, leader: Actor) -> Recorded:
    own = Share(
        party=row.slug,
        sort=PartySort.AUTHORITY,
        signatory=leader.person,
        loss=form.own_loss.data,
        gain=form.own_gain.data,
        cap=form.own_cap.data,
        reserve=form.own_reserve.data or 0,
    )
    parties = {OWN: own} | {number: _partner(form, number) for number in form.partners()}
    if form.place_takes_part:
        chair = chair_of(unit.session, authority=row.slug, place=str(form.place.data), on=unit.today())
        parties[PLACE] = _partnership(form, chair)
    key, title = str(form.idempotency_key.data), str(form.title.data)
    agreement = RiskAgreement(
        agreement=ref_of(title, key),
        title=title,
        cause=str(form.cause.data),
        event=str(form.event.data),
        effect=str(form.effect.data),
        inherent=score(form, "inherent"),
        residual=score(form, "residual"),
        target=score(form, "target"),
        shares=tuple(parties.values()),
        first=_first(form, parties),
        residual_bearer=parties[int(form.residual.data)].party,
        most=form.most.data,
        begins=form.begins.data,
        ends=form.ends.data,
        deciders=tuple(Role(role) for role in form.deciders.data or ()),
    )
    place = form.place.data or None
    return propose(unit, authority=row.slug, place=place, agreement=agreement, actor=leader, idempotency_key=key)


def _partner(form: AgreementForm, number: int) -> Share:
    return Share(
        party=form[f"organisation_{number}"].slug,
        sort=PartySort.ORGANISATION,
        signatory=form[f"signatory_{number}"].data,
        loss=form[f"loss_{number}"].data,
        gain=form[f"gain_{number}"].data,
        cap=form[f"cap_{number}"].data,
        reserve=form[f"reserve_{number}"].data or 0,
    )


def _partnership(form: AgreementForm, chair: str) -> Share:
    return Share(
        party=str(form.place.data),
        sort=PartySort.PARTNERSHIP,
        signatory=chair,
        loss=form.place_loss.data,
        gain=form.place_gain.data,
        cap=form.place_cap.data,
        reserve=form.place_reserve.data or 0,
    )


def _first(form: AgreementForm, parties: dict[int, Share]) -> tuple[First, ...]:
    if not form.first_name.data or not form.first_most.data:
        return ()
    borne_by = parties.get(int(form.first_party.data or 0))
    party = borne_by.party if borne_by is not None else "nobody"  # refused by the ledger, in words
    return (First(name=form.first_name.data, party=party, at_most=form.first_most.data),)


def _decide(unit: UnitOfWork, form: RiskDecisionForm, ref: str, person: Actor) -> Recorded:
    return decide_on(
        unit,
        agreement=ref,
        outcome=str(form.outcome.data),
        harm_of_acting=str(form.harm_of_acting.data),
        harm_of_not_acting=str(form.harm_of_not_acting.data),
        acting=score(form, "acting"),
        not_acting=score(form, "not_acting"),
        reasons=str(form.reasons.data),
        actor=person,
        idempotency_key=str(form.idempotency_key.data),
    )
