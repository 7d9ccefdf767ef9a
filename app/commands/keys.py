"""`commonpurse keys`: the key that signs the site's forms, changed without a stop."""

import os
import secrets

import click

from app.settings import from_environment, new_secret, secret_key_file
from ledger.errors import LedgerError


class KeyInTheEnvironment(LedgerError):
    """SECRET_KEY holds the key itself, so nothing here can change it. Put a new key before it, with a space between the two;
    nothing was changed.
    """


class NotOurs(LedgerError):
    """{path} cannot be written ({problem}). Run this as whoever runs the site; nothing was changed."""


@click.group()
def keys() -> None:
    """The keys of the site: the one that signs forms."""


@keys.command()
def rotate() -> None:
    """Sign with a new key from now on; what the last one signed is still accepted, and no earlier one's.

    Nobody is signed out. Run it again when the sessions of now are over (SESSION_HOURS), and the key before is gone too.
    """
    path = secret_key_file()
    if path is None:
        raise KeyInTheEnvironment
    settings = from_environment()
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{new_secret()}\n{settings.secret_key}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise NotOurs(path=path, problem=fault.strerror) from fault
    click.echo(f"{path} has a new key; the one before is still accepted.")
    click.echo("Send the signal HUP to “commonpurse serve”, or to gunicorn, so that it is read: nobody notices.")
