"""What a person reads when something cannot be done: one clear sentence, never a trace."""

from flask import Flask, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ledger.errors import LedgerError, NotFound
from ledger.records import NoSuchEntry

SENTENCES = {
    400: (
        "This could not be read",
        "What your browser sent made no sense here. Go back and try again; nothing was recorded.",
    ),
    403: (
        "You cannot do this",
        "Your role does not allow this. If it should, ask the registrar; nothing was recorded.",
    ),
    404: ("Page not found", "There is no page at this address. Check it, or begin at the home page."),
    405: (
        "This could not be done",
        "This address takes no such request. Go back and try again; nothing was recorded.",
    ),
    413: ("This is too large", "What you sent is larger than the site takes. Send less; nothing was recorded."),
    500: ("Something went wrong", "The fault is ours. What you had recorded before is kept; try again in a minute."),
}
_CONFLICT = 409
_NOT_FOUND = 404


def register(app: Flask) -> None:
    """Answer every refusal and fault of the application with its page."""
    app.register_error_handler(CSRFError, _page_too_old)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(LedgerError, _refused)
    app.register_error_handler(Exception, _fault)


def _page(title: str, sentence: str, status: int) -> ResponseReturnValue:
    return render_template("error.html", title=title, sentence=sentence), status


def _page_too_old(_fault: CSRFError) -> ResponseReturnValue:
    return _page("This page was open for too long", "Go back, load it again and send it once more; nothing was recorded.", 400)


def _http(fault: HTTPException) -> ResponseReturnValue:
    code = fault.code or 500
    if 300 <= code < 400:  # noqa: PLR2004 - HTTP's redirections are answers, not errors
        return fault.get_response()
    title, sentence = SENTENCES.get(code, SENTENCES[500] if code >= 500 else SENTENCES[400])  # noqa: PLR2004 - HTTP
    return _page(title, sentence, code)


def _refused(fault: LedgerError) -> ResponseReturnValue:
    if isinstance(fault, NotFound | NoSuchEntry):
        return _page(SENTENCES[404][0], fault.sentence, _NOT_FOUND)
    return _page("This was refused", fault.sentence, _CONFLICT)


def _fault(fault: Exception) -> ResponseReturnValue:
    current_app.logger.error("fault %s", type(fault).__name__, exc_info=fault)
    return _page(*SENTENCES[500], 500)
