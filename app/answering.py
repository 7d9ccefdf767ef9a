"""Requests that a script of ours sends and reads: JSON both ways, refusals as the sentence that a person reads."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, jsonify, request

from ledger.errors import Invalid, LedgerError


def asked_in_json() -> dict[str, Any]:
    """What the script sent. Raises Invalid."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Invalid(problem="What your browser sent made no sense here.")
    return given


def answered_in_json(work: Callable[[], dict[str, str] | str]) -> Response:
    """The work's own answer, as an object or as JSON that is written already; or why it was refused."""
    try:
        done = work()
    except LedgerError as fault:
        refused = jsonify(sentence=fault.sentence)
        refused.status_code = HTTPStatus.CONFLICT
        return refused
    return current_app.response_class(done, mimetype="application/json") if isinstance(done, str) else jsonify(done)
