"""Where the site is, for what leaves it: links in letters, passkeys, another site that sends somebody back.

It is never taken from what a browser says, for whoever asks could name another host; only on somebody's own machine it is.
"""

from urllib.parse import urlsplit

from flask import current_app, request

from app.settings import LOOPBACK
from ledger.errors import LedgerError

SETTING = "SITE_ADDRESS"


class NoSiteAddress(LedgerError):
    """This site does not know its own address, so nobody can sign in this way. Whoever runs it sets SITE_ADDRESS;
    nothing was sent.
    """


def site_address() -> str:
    """The site's address without a slash at its end, such as https://partnership.example. Raises NoSiteAddress."""
    configured = str(current_app.config[SETTING])
    if configured:
        return configured
    if urlsplit(request.host_url).hostname in LOOPBACK:
        return request.host_url.rstrip("/")
    raise NoSiteAddress
