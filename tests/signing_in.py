"""Signing somebody in without the pages of sign-in, for tests of everything else."""

from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from app import store
from ledger.credentials.visits import Way, begin_visit
from ledger.database import Database

COOKIE = "signed-in"


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
    client.set_cookie(COOKIE, token)
    return token
