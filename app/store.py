"""The database as a request sees it: a reading for what is shown, a unit of work for what is recorded."""

from collections.abc import Callable
from typing import TypeVar, cast

from flask import Flask, current_app, g
from sqlmodel import Session

from app.settings import Settings
from ledger.database import Database, open_database
from ledger.history import GuardedDatabase
from ledger.unit_of_work import UnitOfWork

Done = TypeVar("Done")

_EXTENSION = "commonpurse.database"


def open_for(settings: Settings) -> Database:
    """The database of these settings; where a published checkpoint is kept outside it, no writer goes on behind that."""
    if settings.published_checkpoint is None:
        return open_database(settings.database_url)
    return GuardedDatabase(settings.database_url, settings.published_checkpoint)


def keep(app: Flask, database: Database) -> None:
    """Give the application its database."""
    app.extensions[_EXTENSION] = database
    app.teardown_appcontext(_close)


def database() -> Database:
    """The application's database."""
    return cast("Database", current_app.extensions[_EXTENSION])


def reading() -> Session:
    """This request's read-only session: one picture of the ledger for the whole page."""
    if "reading" not in g:
        g.reading_context = database().reading()
        g.reading = g.reading_context.__enter__()
    return cast("Session", g.reading)


def record(work: Callable[[UnitOfWork], Done]) -> Done:
    """Do the work and return its result once it is durable; see `Database.record`.

    What was read before is let go, so that the page after it sees what it recorded.
    """
    _close(None)
    return database().record(work)


def unit_of_work(*, appends: bool = True) -> UnitOfWork:
    """A unit of work for this request, for the log or beside it.

    What was read before is let go, so that the page after it sees what it recorded.
    """
    _close(None)
    return database().unit_of_work(appends=appends)


def record_beside(work: Callable[[UnitOfWork], object]) -> None:
    """Do the work, which stands beside the log, in a unit of work of its own."""
    with unit_of_work(appends=False) as unit:
        work(unit)
        unit.commit()


def _close(_fault: BaseException | None) -> None:
    context = g.pop("reading_context", None)
    g.pop("reading", None)
    if context is not None:
        context.__exit__(None, None, None)
