"""What somebody keeps of an entry to check it by themselves: its exact bytes, and the proof that they are in the log.

The readers of these files are programs and people with a program: refusals are one plain sentence.
"""

from http import HTTPStatus

from flask import Blueprint, Response, make_response

from app.access import anyone
from app.answers import PLAIN, kept_for
from app.store import reading
from ledger.errors import LedgerError, NotFound
from ledger.log_files import proof_of, written_at
from ledger.records import NoSuchEntry

blueprint = Blueprint("proofs", __name__)

ENTRY = "/ledger/<int(max=2147483647):index>"  # the column holds no larger number, and PostgreSQL takes none
_A_MINUTE = "public, max-age=60"  # a witness may sign a newer checkpoint, and an older proof holds all the same


@blueprint.get(f"{ENTRY}.tlog-proof")
@anyone
def proof(index: int) -> Response:
    """The proof that an entry is in the log, under the newest checkpoint that a witness signed, or else the newest."""
    written = str(proof_of(reading(), index)).encode()
    return kept_for(Response(written, content_type=PLAIN), _A_MINUTE, name=f"entry-{index}.tlog-proof")


@blueprint.get(f"{ENTRY}.json")
@anyone
def entry(index: int) -> Response:
    """The exact bytes of an entry: what was hashed."""
    written = written_at(reading(), index)
    return kept_for(Response(written, content_type="application/json"), _A_MINUTE, name=f"entry-{index}.json")


@blueprint.errorhandler(LedgerError)
def refused(fault: LedgerError) -> Response:
    """One sentence, which says when to ask again."""
    missing = isinstance(fault, NotFound | NoSuchEntry)
    status = HTTPStatus.NOT_FOUND if missing else HTTPStatus.SERVICE_UNAVAILABLE
    return make_response(f"{fault.sentence}\n", status, {"Content-Type": PLAIN})
