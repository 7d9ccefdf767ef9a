"""The database that a command works on: the one of the environment, brought up to date by nobody but `db upgrade`."""

from app.settings import from_environment
from app.store import open_for
from ledger.database import Database


def configured_database() -> Database:
    """The database that DATABASE_URL names. Whoever writes to it is first held to what was published."""
    return open_for(from_environment())
