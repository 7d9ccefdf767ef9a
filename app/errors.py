"""What a person reads when something cannot be done: one clear sentence, never a trace."""

from http import HTTPStatus

from flask import Flask, Response, current_app, make_response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from ledger.errors import Invalid, LedgerError, NotFound
from ledger.faults import DatabaseFault, DiskFull, in_words
from ledger.records import NoSuchEntry

SENTENCES = {
    HTTPStatus.BAD_REQUEST: (
        "This could not be read",
        "What your browser sent made no sense here. Go back and try again; nothing was recorded.",
    ),
    HTTPStatus.FORBIDDEN: (
        "You cannot do this",
        "Your role does not allow this. If it should, ask the registrar; nothing was recorded.",
    ),
    HTTPStatus.NOT_FOUND: ("Page not found", "There is no page at this address. Check it, or begin at the home page."),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "This could not be done",
        "This address takes no such request. Go back and try again; nothing was recorded.",
    ),
    HTTPStatus.CONFLICT: (
        "This was refused",
        "Something else was recorded first. Go back, load the page again and look; nothing of yours was recorded.",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "This is too large",
        "What you sent is larger than the site takes. Send less; nothing was recorded.",
    ),
    HTTPStatus.TOO_MANY_REQUESTS: (
        "Too many requests",
        "You asked more often than the site can answer. Wait a minute and try again; nothing was recorded.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Something went wrong",
        "The fault is ours. What you had recorded before is kept; try again in a minute.",
    ),
}
_TOO_OLD = ("This page was open for too long", "Go back, load it again and send it once more; nothing was recorded.")
_UNAVAILABLE = "The ledger is not available"
_KEPT_HEADERS = ("Allow", "Retry-After")


def register(app: Flask) -> None:
    """Answer every refusal and fault of the application with its page."""
    app.register_error_handler(CSRFError, _page_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(LedgerError, _refused)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _fault)


def _page(title: str, sentence: str, status: int) -> Response:
    try:
        page = render_template("error.html", title=title, sentence=sentence)
    except Exception:  # noqa: BLE001 - whatever broke the page, such as a database that is down, must not break its excuse
        plain = current_app.jinja_env.get_template("error_plain.html")  # without what every page asks of the database
        page = plain.render(title=title, sentence=sentence, site_name=current_app.config["SITE_NAME"])
    return make_response(page, status)


def _page_too_old(_fault: CSRFError) -> Response:
    return _page(*_TOO_OLD, HTTPStatus.BAD_REQUEST)


def _http(fault: HTTPException) -> AnyResponse:
    code = fault.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if fault.response is not None or code < HTTPStatus.BAD_REQUEST:  # redirections are answers, not errors
        return fault.get_response()
    ours = code >= HTTPStatus.INTERNAL_SERVER_ERROR
    known = SENTENCES.get(HTTPStatus(code)) if code in set(HTTPStatus) else None
    otherwise = SENTENCES[HTTPStatus.INTERNAL_SERVER_ERROR if ours else HTTPStatus.BAD_REQUEST]
    page = _page(*(known or otherwise), code)
    page.headers.extend([(name, value) for name, value in fault.get_headers() if name in _KEPT_HEADERS])
    return page


def _refused(fault: LedgerError) -> Response:
    if isinstance(fault, NotFound | NoSuchEntry):
        return _page(SENTENCES[HTTPStatus.NOT_FOUND][0], fault.sentence, HTTPStatus.NOT_FOUND)
    if isinstance(fault, DatabaseFault):
        return _unavailable(fault)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(fault, Invalid) else HTTPStatus.CONFLICT
    return _page(SENTENCES[HTTPStatus.CONFLICT][0], fault.sentence, status)


def _database(fault: DBAPIError) -> Response:
    known = in_words(fault)
    if known is None:
        return _fault(fault)
    # The driver's own line is for whoever runs the site; parameters are hidden in it.
    current_app.logger.error("%s: %s", type(known).__name__, fault.orig)
    return _unavailable(known)


def _unavailable(fault: DatabaseFault) -> Response:
    full = isinstance(fault, DiskFull)
    return _page(_UNAVAILABLE, fault.sentence, HTTPStatus.INSUFFICIENT_STORAGE if full else HTTPStatus.SERVICE_UNAVAILABLE)


def _fault(fault: Exception) -> Response:
    current_app.logger.error("fault %s", type(fault).__name__, exc_info=fault)
    return _page(*SENTENCES[HTTPStatus.INTERNAL_SERVER_ERROR], HTTPStatus.INTERNAL_SERVER_ERROR)
