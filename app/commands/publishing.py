"""`commonpurse ledger init-key`, `publish` and `begin-again`: the log's name and key, its signed heads, its honest end."""

import os
import sys
import time
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from app.commands.opening import configured_database
from app.fetching import Remote
from app.log_key import DEMONSTRATION, KeyThere, make_key, needed_key, put_away, signing_key
from app.settings import Settings, from_environment
from ledger.checkpoints import Ending, public_key
from ledger.database import Database, open_database
from ledger.history import GuardedDatabase, compare, kept
from ledger.note import LONGEST, Checkpoint, Note, SigningKey, open_checkpoint
from ledger.publishing import begin_again as end_and_begin
from ledger.publishing import publish as sign_head

_LONGEST_WAIT = 60.0  # seconds between two tries while the database is away


@click.command("init-key")
@click.option(
    "--origin",
    default=DEMONSTRATION,
    show_default=True,
    help="The log's name: the address where it is served, without https://. It stays for good.",
)
@click.option("--print", "printed", is_flag=True, help="Print the secret key, for LOG_KEY, instead of writing LOG_KEY_FILE.")
def init_key(origin: str, printed: bool) -> None:  # noqa: FBT001 - click's flag
    """Make the key that signs the log, in a file that only its owner can read. Never replaces one."""
    settings = from_environment()
    found = signing_key(settings)
    if found is not None:
        raise KeyThere(path="LOG_KEY" if settings.log_key else settings.log_key_file, name=found.name)
    if printed:
        key = SigningKey.generate(origin)
        click.echo(f"LOG_KEY={key.text()}")
        click.echo("Keep it secret, and keep a copy: who has it can sign as this log.", err=True)
    else:
        key = make_key(settings.log_key_file, origin)
        click.echo(f"The key is in {settings.log_key_file}. Keep a copy: who has it can sign as this log.")
    click.echo(f"Its public key, for everybody: {key.verifier}", err=printed)


@click.command()
@click.option("--every", type=click.FloatRange(min=0.1), help="Go on, and look for new entries every so many seconds.")
@click.option("--once", is_flag=True, help="Sign what there is, and end; this is the default.")
@click.option("--against", help="A checkpoint that a witness kept, a file or an address: the log must begin with it.")
def publish(every: float | None, once: bool, against: str | None) -> None:  # noqa: FBT001 - click's flag
    """Sign the head of the log, after showing that it begins with the last one signed."""
    if once and every is not None:
        raise click.UsageError("Give either --every or --once")
    settings = from_environment()
    key, database = needed_key(settings), configured_database()
    hold_to(database, settings, against)
    if every is not None:
        _go_on(database, settings, key, every)
        return
    done = sign_head(database, key, file=settings.published_checkpoint)
    verb = "Signed" if done.fresh else "Nothing is new since this was signed"
    click.echo(f"{verb}: the log {key.name} with {done.checkpoint.size:,} entries, root {done.checkpoint.root.hex()}.")


def hold_to(database: Database, settings: Settings, against: str | None) -> None:
    """Compare the log with what was published and, where it is given, with what a witness kept.

    Raises Behind, Forked, Unusable, NotSigned and what fetching raises.
    """
    if isinstance(database, GuardedDatabase):
        database.compare()
    if against is None:
        return
    note = _note_from(against)
    key = signing_key(settings)
    with database.reading() as session:
        verifier = key.verifier if key is not None else public_key(session)
        compare(session, open_checkpoint(note, verifier) if verifier is not None else Checkpoint.parse(note.text))


def _note_from(place: str) -> Note:
    """The checkpoint in a file, or at an address."""
    if place.startswith(("http://", "https://")):
        prefix, _, name = place.rpartition("/")
        return Note.parse(Remote(prefix).get(name, longest=LONGEST, fresh=True))
    note = kept(Path(place))
    if note is None:
        raise click.UsageError(f"There is no file {place}")
    return note


def _go_on(database: Database, settings: Settings, key: SigningKey, every: float) -> None:
    """Sign whatever is new until the process that started this one is gone. A database that is away is waited for."""
    parent, wait = os.getppid(), every
    while os.getppid() == parent:
        try:
            sign_head(database, key, file=settings.published_checkpoint)
        except OperationalError:
            wait = min(2 * wait, _LONGEST_WAIT)
            click.echo(f"The database cannot be reached, so nothing is signed; trying again in {wait:g} seconds.", err=True)
        else:
            wait = every
        sys.stderr.flush()
        time.sleep(wait)


@click.command("begin-again")
@click.option("--origin", required=True, help="The new name of the log: where it is served, without https://.")
@click.option("--reason", required=True, help="What happened, in words that everybody will read on the page /verify.")
@click.option("--against", help="The newest checkpoint that a witness kept, a file or an address, if it knows more than we do.")
def begin_again(origin: str, reason: str, against: str | None) -> None:
    """End the log in public when published entries, or its key, are lost for good; it goes on under a new name and key.

    Never to hide anything: the old checkpoints stay shown, proofs from them stay valid, and every witness has to agree anew.
    """
    settings = from_environment()
    if settings.log_key:
        raise click.UsageError("The key is given by LOG_KEY: take it out, and keep it; the new one is written to LOG_KEY_FILE")
    SigningKey.generate(origin)  # a name that cannot be one is refused before anything is said
    database, key = open_database(settings.database_url), signing_key(settings)
    with database.reading() as session:
        ending = session.get(Ending, key.name) if key is not None else None
    if ending is None:  # else a run before this one ended after its first half
        ending = end_and_begin(database, origin=origin, reason=reason, lost=_lost(settings, against))
    away = put_away(settings.log_key_file)
    fresh = make_key(settings.log_key_file, origin)
    long, held = f"{ending.size:,}", f"{ending.kept:,}"
    click.echo(f"The log {ending.origin} has ended: of {long} published entries {held} are kept, and /verify says so.")
    if away is not None:
        click.echo(f"Its key is kept in {away}, and signs nothing more.")
    click.echo(f"It goes on as {origin}. Give everybody, and every witness, the new public key: {fresh.verifier}")


def _lost(settings: Settings, against: str | None) -> Note | None:
    """The newest checkpoint that is known from outside the database."""
    if against is not None:
        return _note_from(against)
    return kept(settings.published_checkpoint) if settings.published_checkpoint is not None else None
