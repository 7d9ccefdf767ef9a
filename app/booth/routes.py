"""The booth at `/vote/<round>`: no account, nothing from elsewhere, no address kept; works without JavaScript.

What is typed travels in the page until it is cast: first a review, then the cast. The nonce is drawn at the review and comes
back with the cast, so a cast whose answer was lost is sent again and gives the same receipt.
"""

from pathlib import Path
from typing import cast

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.access import anyone
from app.acting import today
from app.ballot_key import needed_ballot_key
from app.booth.forms import SecretBallotForm
from app.limits import BALLOTS_FROM_ONE, hold
from app.store import reading, unit_of_work
from ledger.ballot.marking import BallotRefused
from ledger.ballot.receipts import Receipt
from ledger.rounds.casting import CodeRefused, cast_with_code, mark, where_logged
from ledger.rounds.proposals import Round, joint_rounds
from ledger.rounds.reading import RoundView, round_view
from ledger.rounds.revealing import published_file
from ledger.rounds.roll import keyring_of, needed_keyring
from ledger.rounds.stages import Stage

blueprint = Blueprint("booth", __name__, url_prefix="/vote")
KEY_FILE = "BALLOT_KEY_FILE"
_REFUSED, _CONFLICT = 422, 409
_LONGEST = 200  # characters of what somebody looks for


@blueprint.route("/<ref>", methods=["GET", "POST"])
@anyone
def vote(ref: str) -> ResponseReturnValue:
    """Fill in the ballot; sent, it is shown once more for a review, and nothing is kept yet. Raises NotFound."""
    view = _secret(ref)
    form = SecretBallotForm(view)
    if view.stage is not Stage.VOTING:
        return _booth(view, form, _CONFLICT if form.is_submitted() else 200)
    if form.is_submitted() and "change" not in request.form and form.validate():
        ballot = mark(reading(), round_ref=ref, chosen=_chosen(form), digits=form.digits.data or "")
        form.nonce.data = ballot.nonce
        chosen = [line for line in view.lines if line.proposal.number in _chosen(form)]
        return render_template("booth/review.html", view=view, form=form, chosen=chosen)
    return _booth(view, form, _REFUSED if form.errors else 200)


@blueprint.post("/<ref>/cast")
@anyone
def cast_it(ref: str) -> ResponseReturnValue:
    """Cast the ballot and show its receipt. Sent again, it shows the same one. Raises NotFound."""
    view = _secret(ref)
    form = SecretBallotForm(view)
    if not form.validate():
        return _booth(view, form, _REFUSED)
    hold(BALLOTS_FROM_ONE)
    try:
        receipt = _cast(ref, form)
    except CodeRefused as fault:
        form.refuse("code", fault.sentence)
    except BallotRefused as fault:
        form.refuse("choices", fault.sentence)
    else:
        return render_template("booth/receipt.html", view=view, receipt=receipt, others=_together(view))
    return _booth(_secret(ref), form, _REFUSED)


@blueprint.get("/<ref>/tracker")
@anyone
def tracker(ref: str) -> str:
    """Where a ballot is: in the log at an entry, with its proof; or not there, and what that means. Raises NotFound."""
    view = _secret(ref)
    wanted = request.args.get("tracker", "").strip().lower()[:_LONGEST]
    entry = where_logged(reading(), ref, wanted) if wanted.isascii() and "\x00" not in wanted else None
    return render_template("booth/tracker.html", view=view, wanted=wanted, entry=entry, keyring=needed_keyring(reading(), ref))


@blueprint.get("/<ref>/files/<name>")
@anyone
def file(ref: str, name: str) -> Response:
    """One of the round's published files. Raises NotFound."""
    return Response(published_file(reading(), ref, name), content_type="application/json")


def _secret(ref: str) -> RoundView:
    """The round, if it has a secret ballot. Raises NotFound."""
    needed_keyring(reading(), ref)
    return round_view(reading(), ref, today=today())


def _booth(view: RoundView, form: SecretBallotForm, status: int) -> ResponseReturnValue:
    keyring = needed_keyring(reading(), view.row.ref)
    return render_template("booth/vote.html", view=view, form=form, keyring=keyring, others=_together(view)), status


def _together(view: RoundView) -> list[Round]:
    """The other ballots of a joint round, which the same code opens."""
    if view.row.joint is None:
        return []
    rows = joint_rounds(reading(), view.place.authority, view.row.joint)
    return [row for row in rows if row.ref != view.row.ref and keyring_of(reading(), row.ref) is not None]


def _chosen(form: SecretBallotForm) -> frozenset[int]:
    return frozenset(cast("list[int]", form.choices.data or []))


def _cast(ref: str, form: SecretBallotForm) -> Receipt:
    key = needed_ballot_key(Path(current_app.config[KEY_FILE]))
    # Read before the unit begins: SQLite's one writer is held for the code alone.
    ballot = mark(reading(), round_ref=ref, chosen=_chosen(form), digits=form.digits.data or "", nonce=form.nonce.data or "")
    with unit_of_work(appends=False) as unit:
        receipt = cast_with_code(unit, code=form.code.data or "", ballot=ballot, key=key)
        unit.commit()
    return receipt
