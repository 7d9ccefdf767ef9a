"""A PostgreSQL that would lose what it answered: overruled where we can, refused where we cannot, named by the doctor."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ledger.database import open_database
from ledger.durability import UnsafeDatabase, server_faults
from tests.faults.shell import commonpurse, one_sentence
from tests.faults.wire import wire_to
from tests.ledger.conftest import World, devolve_to_glodbrook, found_marlmoor
from tests.postgres import SUPERUSER, PostgresServer, running_postgres

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


@pytest.fixture(scope="module")
def durable_server() -> Iterator[PostgresServer]:
    """A server that keeps its word."""
    with running_postgres(settings=DURABLE) as server:
        yield server


@pytest.fixture
def durable_url(durable_server: PostgresServer) -> str:
    """Marlmoor on the server that keeps its word."""
    return founded(durable_server)


@pytest.fixture
def forgetful_url(postgres_server: PostgresServer) -> str:
    """Marlmoor on the tests' own server, on which everything that makes a commit last is off."""
    return founded(postgres_server)


def founded(server: PostgresServer) -> str:
    url = server.empty()
    database = open_database(url)
    database.upgrade()
    found_marlmoor(World(database))
    database.dispose()
    return url


def order(url: str, words: str) -> None:
    """The server's superuser gives it an order; {database} is the one of this address."""
    place = make_url(url)
    with psycopg.connect(
        host=str(place.query["host"]), port=5432, user=SUPERUSER, dbname=place.database, autocommit=True
    ) as server:
        server.execute(words.format(database=place.database))


@pytest.mark.parametrize("whose", ["ROLE commonpurse", "DATABASE {database}", "ROLE commonpurse IN DATABASE {database}"])
def test_a_role_or_a_database_that_answers_before_it_flushes_is_overruled(durable_url: str, whose: str) -> None:
    order(durable_url, f"ALTER {whose} SET synchronous_commit = off")
    try:
        levels = recording_at(durable_url)
    finally:
        order(durable_url, f"ALTER {whose} RESET synchronous_commit")
    assert levels == ("on", "off")  # who reads may be as it was set


@pytest.mark.parametrize("where", ["address", "environment"])
def test_an_address_or_an_environment_that_answers_before_it_flushes_is_overruled(
    durable_url: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "-c synchronous_commit=off"
    if where == "environment":
        monkeypatch.setenv("PGOPTIONS", asked)
        assert recording_at(durable_url)[0] == "on"
    else:
        url = make_url(durable_url).update_query_dict({"options": asked}).render_as_string()
        assert recording_at(url)[0] == "on"


def recording_at(url: str) -> tuple[str, str]:
    """The level at which a unit of work records something there, and that of a reading."""
    database = open_database(url)
    world = World(database)
    world._keys = 1_000
    devolve_to_glodbrook(world)
    with database.unit_of_work() as unit:
        ours = unit.session.execute(text("SHOW synchronous_commit")).scalar_one()
    with database.reading() as session:
        theirs = session.execute(text("SHOW synchronous_commit")).scalar_one()
    database.dispose()
    return ours, theirs


def test_behind_a_pooler_that_drops_our_options_nothing_is_recorded_unless_the_server_flushes_anyway(
    durable_url: str, forgetful_url: str
) -> None:
    with wire_to(forgetful_url) as wire:
        wire.drops_options = True
        world = World(open_database(wire.url))
        world._keys = 1_000
        with pytest.raises(UnsafeDatabase, match=r"synchronous_commit is off"):
            devolve_to_glodbrook(world)
        size = world.size()
        world.database.dispose()
        served = commonpurse(wire.url, "serve")
        assert served.returncode == 2
        assert "PostgreSQL answers before it flushes" in one_sentence(served)
        doctor = commonpurse(wire.url, "doctor")
        assert (doctor.returncode, doctor.stderr) == (1, "")
        assert "MEND  DATABASE_URL: The database would not keep what it says it has kept: PostgreSQL answers" in doctor.stdout
    with wire_to(durable_url) as wire:
        wire.drops_options = True
        world = World(open_database(wire.url))
        world._keys = 1_000
        assert devolve_to_glodbrook(world).index == size
        world.database.dispose()


def test_a_server_that_never_flushes_is_called_unsafe_and_serves_nobodys_own_books(forgetful_url: str) -> None:
    doctor = commonpurse(forgetful_url, "doctor")
    assert (doctor.returncode, doctor.stderr) == (1, "")
    for setting in ("fsync", "full_page_writes"):
        assert f"PostgreSQL's {setting} is off, so a power cut can lose or break what was recorded." in doctor.stdout
        assert f"Set {setting} = on in postgresql.conf and reload the server; nothing was recorded." in doctor.stdout
    served = commonpurse(forgetful_url, "serve")
    assert served.returncode == 2
    assert "PostgreSQL's fsync is off" in one_sentence(served)


@pytest.mark.parametrize("table", ["promise", "balance", "ballot", "cosignature"])
def test_a_table_that_a_crash_would_empty_is_named(durable_url: str, table: str) -> None:
    assert faults_of(durable_url) == []
    order(durable_url, f"ALTER TABLE {table} SET UNLOGGED")
    (fault,) = faults_of(durable_url)
    assert f"the table {table} is unlogged, so a crash of PostgreSQL empties it" in fault


def test_a_site_with_such_a_table_is_not_served_and_its_doctor_says_why(durable_url: str) -> None:
    well = commonpurse(durable_url, "doctor").stdout
    assert "ok    DATABASE_URL: an entry is on the disk before it is answered for." in well
    order(durable_url, "ALTER TABLE flow SET UNLOGGED")
    (fault,) = faults_of(durable_url)
    assert f"MEND  DATABASE_URL: {fault}" in commonpurse(durable_url, "doctor").stdout
    served = commonpurse(durable_url, "serve")
    assert (served.returncode, one_sentence(served)) == (2, fault)


def faults_of(url: str) -> list[str]:
    database = open_database(url)
    with database.reading() as session:
        found = [fault.sentence for fault in server_faults(session.connection())]
    database.dispose()
    return found
