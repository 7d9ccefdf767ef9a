"""Links by email. Half of what signs somebody in is in the letter, the other half is a cookie of the browser that asked.

So the secret in the link's address is of no use to whoever finds it in a log, a history or a letter that was passed on. Opening
the link changes nothing, because programs open the links of letters; its page has one button, and pressing it uses the link up.
"""

from dataclasses import dataclass

from app.mail import Letter, PostOffice
from ledger.credentials.mailboxes import ask_for_link
from ledger.database import Database

_TEXT = """\
Somebody asked to sign in to {site} with this address.

If it was you, open this link in the same browser and press the button:

{base}/sign-in/link/{token}

The link works once, for 10 minutes, and only in the browser in which you asked for it.
If it was not you, do nothing: nobody can sign in without this letter and that browser.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asked for a link: for which address, in which browser, at which site."""

    address: str
    browser: str
    base: str
    site: str


def send_link(database: Database, office: PostOffice, asked: Asked) -> None:
    """Send a link if somebody here has the address. Done after the page was answered, so nothing shows whether it was."""
    with database.unit_of_work(appends=False) as unit:
        token = ask_for_link(unit, address=asked.address, browser=asked.browser)
        unit.commit()
    if token is not None:
        text = _TEXT.format(site=asked.site, base=asked.base, token=token)
        office.send(Letter(asked.address, f"Your link to sign in to {asked.site}", text))
