"""Headers on every response, errors included: nothing from another host, nothing inline, nothing framed.

And what nobody can type is refused before anything reads it.
"""

from flask import Flask, Response, abort, request

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
    if request.mimetype == "application/x-www-form-urlencoded":
        request.get_data(cache=True)  # so that a route which wants the bytes, however they were sent, still finds them
    came = [request.path, *(word for pair in request.args.items(multi=True) for word in pair)]
    came += [word for pair in request.form.items(multi=True) for word in pair]
    if any("\0" in word for word in came):
        abort(400)
