"""The log as C2SP tlog-tiles serves it. Its readers are programs: refusals are one plain sentence, and nothing sets a cookie.

A tile never changes, so whoever has it may keep it for a year; the checkpoint is new every second.
"""

import gzip
from http import HTTPStatus

from flask import Blueprint, Response, current_app, make_response, request

from app.access import anyone
from app.answers import PLAIN, kept_for
from app.security import takes_bytes
from app.store import reading, unit_of_work
from ledger.cosigning import LONGEST_NOTE, take
from ledger.database import system_clock
from ledger.errors import LedgerError, NotFound
from ledger.faults import DatabaseFault
from ledger.log_files import balances as every_balance
from ledger.log_files import file_at, newest_checkpoint
from ledger.tiles import NotATile

blueprint = Blueprint("log", __name__, url_prefix="/log")

WITNESSES = "WITNESSES"  # the setting of the application that holds the public keys of known witnesses
_A_YEAR = 31_536_000  # seconds
A_MOMENT = 2  # seconds


@blueprint.get("/checkpoint")
@anyone
def checkpoint() -> Response:
    """The newest signed checkpoint, with the lines of witnesses under it."""
    answer = Response(str(newest_checkpoint(reading()).note).encode(), content_type=PLAIN)
    return kept_for(answer, f"public, max-age={A_MOMENT}")


@blueprint.get("/tile/<path:rest>", merge_slashes=False)
@anyone
def tile(rest: str) -> Response:
    """A tile of hashes or a bundle of entries, full or partial, whichever the newest checkpoint covers."""
    data = file_at(reading(), f"tile/{rest}")
    answer = Response(data, content_type="application/octet-stream")
    if rest.startswith("entries/"):
        answer.vary.add("Accept-Encoding")
        if request.accept_encodings["gzip"] > 0:
            answer.set_data(gzip.compress(data, mtime=0))
            answer.headers["Content-Encoding"] = "gzip"
    return kept_for(answer, f"public, max-age={_A_YEAR}, immutable")


@blueprint.get("/balances")
@anyone
def balances() -> Response:
    """What every account holds now, and after how many entries: an auditor compares it with their own replay."""
    answer = Response(every_balance(reading()), content_type="application/json")
    return kept_for(answer, f"public, max-age={A_MOMENT}")


@blueprint.post("/cosignatures")
@anyone
@takes_bytes
def cosignatures() -> Response:
    """Take in a checkpoint with a witness's line under it. Who may is decided by the signature: a known witness's, or none."""
    request.max_content_length = LONGEST_NOTE
    with unit_of_work(appends=False) as unit:
        taken = take(unit, request.get_data(), current_app.config[WITNESSES], now=system_clock())
        unit.commit()
    lines = [f"{word.name} {word.size} {word.at:%Y-%m-%dT%H:%M:%SZ}\n" for word in taken]
    return Response("".join(lines), content_type=PLAIN, headers={"Cache-Control": "no-store"})


@blueprint.errorhandler(LedgerError)
def refused(fault: LedgerError) -> Response:
    """One sentence for a program's operator."""
    status = HTTPStatus.NOT_FOUND if isinstance(fault, NotFound | NotATile) else HTTPStatus.BAD_REQUEST
    if isinstance(fault, DatabaseFault):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return make_response(f"{fault.sentence}\n", status, {"Content-Type": PLAIN})
