"""Who may keep an answer. A public page is a function of the ledger, so an unchanged one is answered with 304.

What a signed-in person sees, a page with a form (its token belongs to one visitor), an error and the answer to anything but
a GET are kept by nobody.
"""

import hashlib

from flask import Flask, Response, g, request, session

from app import static_files, store
from app.acting import acting
from app.log.routes import blueprint as log
from app.public.ideas import blueprint as ideas
from app.public.pictures import blueprint as pictures
from app.public.proofs import blueprint as proofs
from ledger.entries import tree_size

_OK = 200
_BY_THEMSELVES = {
    static_files.blueprint.name,
    log.name,
    proofs.name,
    pictures.name,
    ideas.name,
}  # their routes say how long each answer may be kept
_TOKEN = "csrf_token"  # noqa: S105 - the name under which Flask-WTF notes that the page holds one


def register(app: Flask, release: str) -> None:
    """Say of every answer of the application who may keep it."""

    def say(response: Response) -> Response:
        if request.blueprint in _BY_THEMSELVES and response.status_code < 400:  # noqa: PLR2004 - HTTP
            return response
        if not _is_public(response):
            response.headers["Cache-Control"] = "no-store"
            return response
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        response.vary.add("Cookie")
        content = hashlib.sha256(response.get_data()).hexdigest()[:16]
        response.set_etag(f"{release}-{tree_size(store.reading())}-{content}")
        response.make_conditional(request)
        return response

    app.after_request(say)


def _is_public(response: Response) -> bool:
    return (
        request.method in {"GET", "HEAD"}
        and response.status_code == _OK
        and not response.is_streamed
        and _TOKEN not in g
        and not session.modified
        and acting() is None
    )
