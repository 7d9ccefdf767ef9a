"""What waits for one's own signature: instruments that devolve, and terms of reference. Nobody signs for anybody else."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import actor, found, may, signed_in
from app.acting import somebody
from app.forms import RecordedForm
from app.promises import recorded_then
from app.signatories import to_be_signed
from app.store import reading, record
from app.things import the_instrument
from ledger.errors import LedgerError
from ledger.faults import DatabaseFault
from ledger.names import names_of
from ledger.records import Recorded
from ledger.signatures import sign_it, signatories_of
from ledger.words import sentence

blueprint = Blueprint("my_signatures", __name__, url_prefix="/me/signatures")


class SignForm(RecordedForm):
    """Signing asks for nothing but the decision to do it."""


@blueprint.get("")
@signed_in
def mine() -> str:
    """What waits for this person's signature."""
    entries = to_be_signed(somebody())
    names = names_of(reading(), entries)
    return render_template("me/signatures.html", lines=[(entry, sentence(entry, names)) for entry in entries])


@blueprint.route("/<int:index>", methods=["GET", "POST"])
@may("sign what names you", on=the_instrument)
def sign(index: int) -> ResponseReturnValue:
    """Read what it says and who has signed, then sign."""
    entry, person, form = found(Recorded), actor(), SignForm()
    refusal = ""
    if form.validate_on_submit():
        key = str(form.idempotency_key.data)
        try:
            signed = record(lambda unit: sign_it(unit, index=index, actor=person, idempotency_key=key))
        except DatabaseFault:  # not about what was typed
            raise
        except LedgerError as fault:
            refusal = fault.sentence
        else:
            return recorded_then(signed, url_for("public.entry", index=index))
    signatories = signatories_of(reading(), entry)
    names = names_of(reading(), [entry])
    waits = any(each.person == person.person and each.signature is None for each in signatories)
    page = render_template(
        "me/sign.html", entry=entry, said=sentence(entry, names), names=names, signatories=signatories, waits=waits,
        form=form, refusal=refusal,
    )  # fmt: skip
    return page, 422 if refusal or form.errors else 200
