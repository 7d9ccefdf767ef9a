"""`commonpurse serve` and `commonpurse seed`."""

import importlib
import sys
from typing import Protocol, cast

import click
from sqlmodel import Session, select

from app.commands.opening import configured_database
from app.commands.progress import Report, progress
from app.commands.publishing import hold_to
from app.log_key import demonstration_key, signing_key
from app.safety import examine_books, examine_file, require_safe
from app.settings import from_environment
from app.supervising import serve_beside
from ledger.checkpoints import newest
from ledger.database import Database
from ledger.durability import server_faults
from ledger.people import invented_people
from ledger.places import Authority
from ledger.publishing import publish


class Story(Protocol):
    """What the `seeds` package offers. It is loaded by name: `app` does not import it, as it imports only the ledger."""

    def tell(self, database: Database, report: Report) -> int:
        """Tell the whole story; returns the number of entries it recorded."""


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port on this machine.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 32), help="How many processes serve.")
@click.option(
    "--sign-every",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="Seconds between two looks at the log.",
)
@click.option("--against", help="A checkpoint that a witness kept, a file or an address: the log must begin with it.")
def serve(port: int, workers: int, sign_every: float, against: str | None) -> None:
    """Serve the site under gunicorn on this machine, and sign its log in a process beside it.

    Refused where the database would lose what it has answered for, or is behind what was published; and where others are to
    reach the site and its settings are not safe.
    """
    settings, database = from_environment(), configured_database()
    hold_to(database, settings, against)
    database.writer.connect().close()  # whoever writes is asked for more than whoever reads
    with database.reading() as session:
        require_safe(settings, examine_books(session), examine_file(database.url))
        _require_durable(session)
        key = demonstration_key(settings) if _is_demonstration(session) else signing_key(settings)
        _say_where(session, port)
        signed = newest(session) is not None
    if key is None and not signed:
        click.echo("Nothing is signed: there is no key yet. Make one with “commonpurse ledger init-key”.", err=True)
    database.dispose()
    python = [sys.executable, "-m"]
    quiet = ["--log-level", "warning", "--no-control-socket"]
    arguments = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "4", "wsgi:app"]
    publisher = [*python, "app", "ledger", "publish", "--every", str(sign_every)] if key is not None else None
    sys.exit(serve_beside([*python, "gunicorn", *quiet, *arguments], publisher, secret="LOG_KEY"))  # noqa: S106 - its name


def _is_demonstration(session: Session) -> bool:
    return session.exec(select(Authority.slug).where(Authority.demonstration)).first() is not None


def _require_durable(session: Session) -> None:
    """A server that may lose entries can show a demonstration or an imported election, but holds nobody's own books.

    Raises UnsafeDatabase.
    """
    kept = session.exec(select(Authority)).all()
    if not any(row.demonstration for row in kept) or any(not (row.demonstration or row.source) for row in kept):
        for fault in server_faults(session.connection()):
            raise fault


def _say_where(session: Session, port: int) -> None:
    click.echo(f"Commonpurse is at http://127.0.0.1:{port}")
    people = invented_people(session)
    if people:
        click.echo(f"Sign in as one of the demonstration's people at http://127.0.0.1:{port}/sign-in :")
        for person in people:
            click.echo(f"  {person.name}: {person.story}")


@click.command()
def seed() -> None:
    """Load the demonstration: an invented authority's life, and one real city's round. Keeps what is there."""
    settings, database = from_environment(), configured_database()
    with database.reading() as session:
        if _is_demonstration(session):
            click.echo("The demonstration is there already; nothing was changed.")
            return
    key = demonstration_key(settings)
    story = cast("Story", importlib.import_module("seeds"))
    with progress("Telling the story") as report:
        entries = story.tell(database, report)
        publish(database, key, file=settings.published_checkpoint)
    click.echo(f"The demonstration is loaded: {entries:,} entries.")
