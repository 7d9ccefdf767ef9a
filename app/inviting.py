"""The letter with an invitation; the registrar's page and the command line send the same one."""

from app.mail import Letter

_TEXT = """\
Dear {name},

the registrar of {authority} invites you to {site}.

To accept, open this link and press the button:

{base}/invitation/{token}

The link works once, for 7 days. Accepting it sends a link to sign in to this address.
If you did not expect this letter, do nothing.
"""


def invitation_letter(*, to: str, name: str, authority: str, site: str, base: str, token: str) -> Letter:
    """What somebody reads who is asked in."""
    text = _TEXT.format(name=name, authority=authority, site=site, base=base, token=token)
    return Letter(to, f"Your invitation to {site}", text)
