"""Signing somebody in without the pages of sign-in, for tests of everything else."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app import store
from ledger.credentials.visits import Way, begin_visit
from ledger.database import Database

COOKIE = "session"  # the one there is


def new_session(database: Database, person: str, way: Way = Way.PASSKEY) -> str:
    """The token of a new session, as a browser would carry it."""
    with database.unit_of_work(appends=False) as unit:
        token = begin_visit(unit, person=person, way=way, device="Firefox on Linux", lasts=timedelta(hours=12))
        unit.commit()
    return token


def let_in(site: Flask, client: FlaskClient, person: str, way: Way = Way.PASSKEY) -> str:
    """Give this browser a session of this person, and return its token."""
    with site.app_context():
        token = new_session(store.database(), person, way)
    carry(client, token)
    return token


def carry(client: FlaskClient, token: str) -> None:
    """The browser carries this token from now on, whether it opens a session or not."""
    with client.session_transaction() as kept:
        kept["visit"] = token


def carried(client: FlaskClient) -> str:
    """The token that the browser carries; none is an empty text."""
    with client.session_transaction() as kept:
        return str(kept.get("visit", ""))
