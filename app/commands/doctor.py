"""`commonpurse doctor`: what is configured, what is missing, what is unsafe."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.commands.log_examined import examine_log
from app.settings import VAR, from_environment
from ledger.database import open_database

_SHORTEST_KEY = 32


@click.command()
def doctor() -> None:
    """Say what is configured, what is missing and what is unsafe; exit 1 when something has to be mended."""
    bad = False
    for good, sentence in examine():
        click.echo(f"{'ok   ' if good else 'MEND '} {sentence}")
        bad = bad or not good
    if bad:
        sys.exit(1)


def examine() -> Iterator[tuple[bool, str]]:
    """Each finding: whether it is in order, and a sentence that names its setting."""
    settings = from_environment()
    database = open_database(settings.database_url)
    shown = database.url.render_as_string(hide_password=True)
    try:
        with database.reading() as session:
            size = session.connection().execute(text("SELECT size FROM head")).scalar_one()
        yield True, f"DATABASE_URL: {shown} holds {size:,} entries."
    except SQLAlchemyError:
        yield False, f"DATABASE_URL: {shown} cannot be read. Run “commonpurse db upgrade”."
    yield len(settings.secret_key) >= _SHORTEST_KEY, "SECRET_KEY: at least 32 characters sign the session."
    kept = Path(os.environ.get("SECRET_KEY_FILE") or VAR / "secret_key")
    if not os.environ.get("SECRET_KEY") and kept.exists():
        private = not kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        yield private, f"SECRET_KEY_FILE: {kept.name} is readable by its owner only."
    how = "cookies are sent over https only." if settings.secure else "served over plain http: right on your own machine only."
    yield True, f"SECURE: {how}"
    yield from examine_log(settings, database)
