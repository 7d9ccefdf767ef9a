"""`commonpurse person invite|bar|admit`: who may sign in, for whoever runs the machine.

The first registrar of a site is invited here: there is nobody yet who could do it on a page.
"""

from uuid import uuid4

import click

from app.commands.opening import configured_database
from app.inviting import invitation_letter
from app.mail import PostOffice
from app.settings import from_environment
from ledger.credentials.invitations import invite as invite_
from ledger.credentials.visits import bar as bar_
from ledger.credentials.visits import unbar
from ledger.erasing import authority_of, registrar_at
from ledger.errors import LedgerError
from ledger.people import person as person_behind
from ledger.places import authority as authority_called

_HERE = "http://127.0.0.1:8000"


class NoMailServer(LedgerError):
    """SMTP_URL is not set, so no letter can be sent. Say which server takes the site's mail; nobody was invited."""


@click.command()
@click.argument("ref")
@click.argument("address")
@click.option("--authority", help="The authority that invites; needed when the person acted for several or none.")
@click.option("--as", "registrar", help="The registrar who acts; without it, one who holds the role.")
def invite(ref: str, address: str, authority: str | None, registrar: str | None) -> None:
    """Send person REF, who is here already, an invitation to sign in with the email ADDRESS."""
    settings, database = from_environment(), configured_database()
    office = PostOffice(settings)
    if not office.open:
        raise NoMailServer
    with database.unit_of_work(appends=False) as unit:
        where = authority or authority_of(unit.session, ref)
        found = person_behind(unit.session, ref)
        made, token = invite_(
            unit,
            ref=str(uuid4()),
            authority=where,
            address=address,
            name=found.name or "",
            inviter=registrar or registrar_at(unit, where),
            person=ref,
        )
        letter = invitation_letter(
            to=made.address,
            name=made.name,
            authority=authority_called(unit.session, where).name,
            site=settings.site_name,
            base=settings.site_address or _HERE,
            token=token or "",
        )
        office.send(letter)
        unit.commit()
    click.echo(f"An invitation is on its way to {letter.to}. It works once, for 7 days.")


@click.command()
@click.argument("ref")
def bar(ref: str) -> None:
    """Let person REF sign in no more, and end their sessions at once. Their roles stay until a registrar ends them."""
    with configured_database().unit_of_work(appends=False) as unit:
        bar_(unit, person=ref)
        unit.commit()
    click.echo(f"{ref} is signed out everywhere and cannot sign in. “commonpurse person admit {ref}” lets them in again.")


@click.command()
@click.argument("ref")
def admit(ref: str) -> None:
    """Let person REF, who was barred, sign in again."""
    with configured_database().unit_of_work(appends=False) as unit:
        unbar(unit, person=ref)
        unit.commit()
    click.echo(f"{ref} can sign in again.")
