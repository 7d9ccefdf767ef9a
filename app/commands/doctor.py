"""`commonpurse doctor`: what is configured, what is missing, what is unsafe."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, select

from app.commands.log_examined import examine_log
from app.safety import examine_books, examine_file, examine_settings
from app.settings import Settings, from_environment
from ledger.database import Database, instant_text, open_database, system_clock
from ledger.durability import server_faults
from ledger.entries import Head
from ledger.errors import LedgerError

_CLOCK_MAY_DIFFER = timedelta(minutes=5)  # between the machines of one site


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
    yield from _database(database)
    yield from examine_settings(settings)
    yield from _sign_in(settings)
    yield from _issuer(settings)
    yield from examine_log(settings, database)
    database.dispose()


def _sign_in(settings: Settings) -> Iterator[tuple[bool, str]]:
    """Can anybody sign in, and only as themselves?"""
    if settings.smtp_url:
        yield True, f"SMTP_URL: letters go through {urlsplit(settings.smtp_url).hostname}."
    elif settings.secure:
        yield False, "SMTP_URL: not set, so nobody can sign in by email. Say which server takes the site's mail."
    else:
        yield True, f"SMTP_URL: not set; letters are files in {settings.outbox}, right on your own machine only."
    if settings.site_address or settings.secure:
        said = settings.site_address or "not set, so no link can be sent and no passkey made. Say where the site is."
        yield bool(settings.site_address), f"SITE_ADDRESS: {said}"


def _issuer(settings: Settings) -> Iterator[tuple[bool, str]]:
    if settings.issuer is not None:
        yield True, f"OIDC_ISSUER: staff sign in with accounts of {settings.issuer.address}."


def _database(database: Database) -> Iterator[tuple[bool, str]]:
    """Can it be read, does it keep its word, and is its last moment one that this machine's clock has reached?"""
    shown = database.url.render_as_string(hide_password=True)
    try:
        with database.reading() as session:
            head = session.exec(select(Head)).one()
            yield True, f"DATABASE_URL: {shown} holds {head.size:,} entries."
            yield from _promises(session)
            yield from examine_books(session)
            yield from examine_file(database.url)
        database.writer.connect().close()  # whoever writes is asked for more than whoever reads
    except LedgerError as fault:
        yield False, f"DATABASE_URL: {fault.sentence}"
    except SQLAlchemyError:
        yield False, f"DATABASE_URL: {shown} cannot be read. Run “commonpurse db upgrade”."
    else:
        yield from _clock(head)


def _promises(session: Session) -> Iterator[tuple[bool, str]]:
    faults = list(server_faults(session.connection()))
    for fault in faults:
        yield False, f"DATABASE_URL: {fault.sentence}"
    if not faults:
        yield True, "DATABASE_URL: an entry is on the disk before it is answered for."


def _clock(head: Head) -> Iterator[tuple[bool, str]]:
    if head.recorded_at is not None and head.recorded_at > system_clock() + _CLOCK_MAY_DIFFER:
        last = instant_text(head.recorded_at)
        yield (
            False,
            f"This machine's clock is behind the newest entry ({last}); until then every entry gets that moment. Set it.",
        )
