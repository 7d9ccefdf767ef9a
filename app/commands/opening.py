"""The database that a command works on: the one of the environment, brought up to date by nobody but `db upgrade`."""

from app.settings import from_environment
from ledger.database import Database, open_database


def configured_database() -> Database:
    """The database that DATABASE_URL names."""
    return open_database(from_environment().database_url)
