"""Answers to programs: files that anybody may read from anywhere, and that say how long they may be kept."""

import hashlib

from flask import Response, request

PLAIN = "text/plain; charset=utf-8"


def kept_for(answer: Response, how_long: str, *, name: str | None = None) -> Response:
    """The answer as others may keep it: `how_long` is its Cache-Control, `name` what a browser calls the file it saves."""
    answer.headers["Cache-Control"] = how_long
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if name is not None:
        answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer
