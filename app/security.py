"""Headers on every response, errors included: nothing from another host, nothing inline, nothing framed.

And what nobody can type is refused before anything reads it.
"""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, abort, current_app, request

from app.settings import Settings

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # as the policy says, for browsers that do not know it
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_TWO_YEARS = 63_072_000
_MARK, _MOST = "_takes_bytes", "_takes_files"

View = TypeVar("View", bound=Callable[..., object])


def takes_bytes(view: View) -> View:
    """The view reads what was sent as it came, and says itself how much of it: nobody looks for a form in it before."""
    setattr(view, _MARK, True)
    return view


def takes_files(most: int) -> Callable[[View], View]:
    """The view's form comes with a file: all of it may have so many bytes, where other forms have the site's own limit."""

    def mark(view: View) -> View:
        setattr(view, _MOST, most)
        return view

    return mark


def allow_files(app: Flask) -> None:
    """Let views that take files have larger forms. Belongs before whatever reads a form, such as the look for its token."""

    def allow() -> None:
        most = getattr(app.view_functions.get(request.endpoint or ""), _MOST, None)
        if most is not None:
            request.max_content_length = most

    app.before_request(allow)


def secure(app: Flask, settings: Settings) -> None:
    """Put the headers on every response of the application, and refuse words with a NUL in them."""
    app.before_request(_refuse_nul)

    def add_headers(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.secure:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={_TWO_YEARS}; includeSubDomains")
        return response

    app.after_request(add_headers)


def _refuse_nul() -> None:
    """No form and no link of ours has the character NUL in it, PostgreSQL keeps none, and a header breaks at it."""
    came = [request.path, *(word for pair in request.args.items(multi=True) for word in pair)]
    if not hasattr(current_app.view_functions.get(request.endpoint or ""), _MARK):
        came += [word for pair in request.form.items(multi=True) for word in pair]
    if any("\0" in word for word in came):
        abort(400)
