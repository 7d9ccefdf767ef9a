"""What a round's page offers to print: its ballot paper and the guide to its proposals, also in large print."""

import io

from flask import Blueprint, Response, request

from app.access import anyone
from app.acting import today
from app.printing.papers import Printed, write_ballot, write_guide
from app.store import reading
from ledger.rounds.reading import round_view

blueprint = Blueprint("printed", __name__, url_prefix="/rounds")
_LARGE = "large"


@blueprint.get("/<ref>/ballot.pdf")
@anyone
def ballot(ref: str) -> Response:
    """The ballot paper, with the strip for the code. Raises NotFound."""
    out = io.BytesIO()
    write_ballot(out, round_view(reading(), ref, today=today()), _as_asked())
    return _pdf(out, f"{ref}-ballot")


@blueprint.get("/<ref>/guide.pdf")
@anyone
def guide(ref: str) -> Response:
    """The guide to the proposals. Raises NotFound."""
    out = io.BytesIO()
    write_guide(out, round_view(reading(), ref, today=today()), _as_asked())
    return _pdf(out, f"{ref}-guide")


def _as_asked() -> Printed:
    return Printed(large=request.args.get("print") == _LARGE)


def _pdf(out: io.BytesIO, name: str) -> Response:
    answer = Response(out.getvalue(), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer
