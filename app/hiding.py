"""Half of a secret may stand in an address: that of a link in a letter. No server of ours writes it into a log.

A server notes the address of a request when it has been answered, and reads it from what it gave to the application. So the
application works on a copy, and in the original the secret is replaced. What stands in front of the site has logs of its own:
there, the other half, the cookie of the browser that asked, is what keeps a link of no use.
"""

import re
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_SECRET = re.compile(r"(/(?:sign-in/link|invitation|me/security/email)/|/sign-in/work/back\?)[^/#\s]+")
_NOTED = ("PATH_INFO", "RAW_URI", "REQUEST_URI", "HTTP_REFERER")
_BACK = "/sign-in/work/back"  # with what another site sent along


class Hiding:
    """Calls the application, and leaves no secret of an address in what the server will log."""

    def __init__(self, application: WSGIApplication) -> None:
        """`application` is what answers."""
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as the application does."""
        given: dict[str, Any] = dict(environ)
        for name in _NOTED:
            if name in environ:
                environ[name] = hidden(environ[name])
        if given.get("PATH_INFO") == _BACK:
            environ.update(QUERY_STRING="...")
        return self._application(given, start_response)


def hidden(address: str) -> str:
    """The address without its secret: /sign-in/link/…"""
    return _SECRET.sub(r"\1...", address)
