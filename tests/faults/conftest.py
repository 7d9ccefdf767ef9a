"""A street where much is recorded at once: Glodbrook after its first round, with a purse and two promises to Green Spade."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlmodel import col, select

from ledger.awards import fill_purse
from ledger.database import open_database
from ledger.entries import Entry
from ledger.narratives import Narrative
from ledger.people import Role
from ledger.records import Actor
from ledger.verify import verify
from tests.databases import Databases
from tests.ledger.conftest import (
    PAYER,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    found_marlmoor,
    open_a_round,
    ratify_result,
    vote,
)


@dataclass(frozen=True)
class Street:
    """A filled database that belongs to one test."""

    url: str
    world: World
    terms: int

    def purse_of(self, pence: int) -> int:
        """Fill the connector's purse; returns the virement on which help rests."""
        with self.world.unit() as unit:
            entry = fill_purse(
                unit,
                terms=self.terms,
                resource="GBP",
                amount=pence,
                purpose="Small sums",
                actor=Actor(PAYER, Role.FINANCE_OFFICER),
                idempotency_key=self.world.key(),
            )
            unit.commit()
        return entry.index

    def recorded(self, beginning: str) -> dict[str, int]:
        """The index of each entry whose key begins so, once everything the log covers was found right and gap-free."""
        with self.world.database.reading() as session:
            verified = verify(session)
            rows = session.exec(select(Entry.index, Entry.idempotency_key).order_by(col(Entry.index))).all()
            texts = set(
                session.exec(select(Narrative.idempotency_key).where(col(Narrative.idempotency_key).startswith(beginning)))
            )
        assert [index for index, _ in rows] == list(range(verified.entries))
        found = {key: index for index, key in rows if key.startswith(beginning)}
        assert texts <= found.keys(), "a story was kept whose help was not recorded"
        return found


@pytest.fixture(scope="session")
def street_url(databases: Databases) -> str:
    """A database with Glodbrook's first round ratified; each test gets a copy of it."""
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    world = World(database)
    found_marlmoor(world)
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
    close(world, ref)
    ratify_result(world, ref)
    database.dispose()
    return url


@pytest.fixture
def street(databases: Databases, street_url: str) -> Iterator[Street]:
    """Glodbrook on its first Monday. The test runs on SQLite and on PostgreSQL."""
    url = databases.copy_of(street_url)
    database = open_database(url)
    world = World(database)
    world._keys = 1_000
    with database.reading() as session:
        terms = session.exec(select(Entry.index).where(col(Entry.kind) == "terms")).one()
    yield Street(url, world, terms)
    database.dispose()
    databases.drop(url)
