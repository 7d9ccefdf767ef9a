"""`commonpurse serve` and `commonpurse seed`."""

import importlib
import os
import sys
from typing import Protocol, cast

import click
from sqlmodel import Session, select

from app.commands.opening import configured_database
from app.commands.progress import Report, progress
from ledger.database import Database
from ledger.durability import server_faults
from ledger.people import invented_people
from ledger.places import Authority


class Story(Protocol):
    """What the `seeds` package offers. It is loaded by name: `app` does not import it, as it imports only the ledger."""

    def tell(self, database: Database, report: Report) -> int:
        """Tell the whole story; returns the number of entries it recorded."""


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port on this machine.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 32), help="How many processes serve.")
def serve(port: int, workers: int) -> None:
    """Serve the site under gunicorn on this machine; refused where the database would lose what it has answered for."""
    database = configured_database()
    database.writer.connect().close()  # whoever writes is asked for more than whoever reads
    with database.reading() as session:
        _require_durable(session)
        _say_where(session, port)
    arguments = ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", "4", "wsgi:app"]
    quiet = ["--log-level", "warning", "--no-control-socket"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *quiet, *arguments])  # noqa: S606 - our own interpreter


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
    database = configured_database()
    with database.reading() as session:
        if session.exec(select(Authority.slug).where(Authority.demonstration)).first() is not None:
            click.echo("The demonstration is there already; nothing was changed.")
            return
    story = cast("Story", importlib.import_module("seeds"))
    with progress("Telling the story") as report:
        entries = story.tell(database, report)
    click.echo(f"The demonstration is loaded: {entries:,} entries.")
