"""What was erased is gone from the disk too, as far as the database reaches; and nobody can put it back or hide the marker."""

import random
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from ledger.database import Database, open_database
from ledger.people import add_person, forget_name
from ledger.tables import grants
from ledger.traces import wipe
from ledger.verify import verify
from tests.ledger.conftest import World, agree_on_terms, devolve_to_glodbrook, found_marlmoor
from tests.ledger.forgetting import BEA, STORY, end_role, erasing, forget, tell_a_story, withdrawing
from tests.postgres import SUPERUSER, PostgresServer


def bytes_on_disk(database: Database) -> bytes:
    """Everything in SQLite's files: the database and its write-ahead log."""
    name = database.url.database or ""
    return b"".join(Path(name + suffix).read_bytes() for suffix in ("", "-wal", "-journal") if Path(name + suffix).exists())


@pytest.fixture
def marlmoor(sqlite_url: str) -> Iterator[World]:
    """Marlmoor in a SQLite file, with a story told."""
    database = open_database(sqlite_url)
    database.upgrade()
    world = World(database)
    found_marlmoor(world)
    agree_on_terms(world, devolve_to_glodbrook(world))
    yield world
    database.dispose()


def test_erased_words_and_names_cannot_be_found_in_the_file_or_its_write_ahead_log(marlmoor: World) -> None:
    with marlmoor.unit() as unit:
        add_person(unit.session, name="Philippa Oyelaran-Smythe", ref="p-philippa", story="Mends kettles on Thursdays.")
        unit.commit()
    helped = tell_a_story(marlmoor)
    words = [STORY.encode(), b"Philippa Oyelaran-Smythe", b"Mends kettles on Thursdays."]
    assert all(word in bytes_on_disk(marlmoor.database) for word in words)
    forget(marlmoor, withdrawing(helped))
    forget(marlmoor, erasing("p-philippa"))
    assert wipe(marlmoor.database)
    assert [word for word in words if word in bytes_on_disk(marlmoor.database)] == []


def test_not_even_the_copies_that_rearranged_pages_leave_behind_stay(marlmoor: World) -> None:
    """Rows that grow and shrink move between pages, and SQLite leaves copies of some in the unused part of a page."""
    dice, many = random.Random(10), 200  # noqa: S311 - a story that is the same each time
    refs = [f"p-{number:04d}" for number in range(many)]
    for at in range(0, many, 10):
        with marlmoor.unit() as unit:
            for number in range(at, at + 10):
                add_person(unit.session, name=f"Neighbour {number:04d}", ref=refs[number])
            for _ in range(8):
                line = {"story": "s" * dice.randint(0, 300), "ref": refs[dice.randrange(at + 10)]}
                unit.session.connection().execute(text("UPDATE person SET story = :story WHERE ref = :ref"), line)
            unit.commit()
    dice.shuffle(refs)
    for at in range(0, many, 10):
        with marlmoor.unit() as unit:
            for ref in refs[at : at + 10]:
                forget_name(unit.session, ref, erasure=0)
            unit.commit()
    assert wipe(marlmoor.database)
    stored = bytes_on_disk(marlmoor.database)
    assert [number for number in range(many) if f"Neighbour {number:04d}".encode() in stored] == []


def test_while_somebody_reads_the_old_state_it_is_said_that_bytes_may_be_left(
    marlmoor: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.engines._BUSY_MILLISECONDS", 50)
    patient = open_database(marlmoor.database.url.render_as_string())
    helped = tell_a_story(marlmoor)
    with marlmoor.database.reading() as session:
        session.connection().execute(text("SELECT count(*) FROM narrative")).scalar_one()
        forget(marlmoor, withdrawing(helped))
        assert not wipe(patient)
    assert wipe(patient)
    assert STORY.encode() not in bytes_on_disk(patient)
    patient.dispose()


def test_the_file_written_anew_is_the_same_ledger_with_its_guards(marlmoor: World) -> None:
    def guards() -> list[str]:
        with marlmoor.database.reading() as session:
            found = session.connection().execute(text("SELECT name FROM sqlite_master ORDER BY type, name")).all()
        return [str(name) for (name,) in found]

    before = guards()
    forget(marlmoor, withdrawing(tell_a_story(marlmoor)))
    assert wipe(marlmoor.database)
    assert wipe(marlmoor.database)
    assert guards() == before
    with marlmoor.database.reading() as session:
        assert "The ledger is whole" in verify(session).sentence


def test_writers_on_sqlite_overwrite_what_they_delete(marlmoor: World) -> None:
    with Session(marlmoor.database.writer) as session:
        assert session.connection().execute(text("PRAGMA secure_delete")).scalar_one() == 1


def table_on_disk(server: PostgresServer, url: str, table: str) -> bytes:
    """The file of a PostgreSQL table, after everything in memory was written out."""
    name = make_url(url).database
    with psycopg.connect(host=str(server.directory), dbname=name, user=SUPERUSER, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute("SELECT pg_relation_filepath(%s)", [table]).fetchone()
    assert found is not None
    return (server.directory / "data" / str(found[0])).read_bytes()


def test_on_postgresql_words_leave_the_tables_file_when_it_is_rewritten(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    """Until then they are in it, though no query finds them: the README says so, and this shows it."""
    database = open_database(postgres_url)
    database.upgrade()
    world = World(database)
    found_marlmoor(world)
    agree_on_terms(world, devolve_to_glodbrook(world))
    forget(world, withdrawing(tell_a_story(world)))
    assert STORY.encode() in table_on_disk(postgres_server, postgres_url, "narrative")
    assert wipe(database)
    assert STORY.encode() not in table_on_disk(postgres_server, postgres_url, "narrative")
    with database.reading() as session:
        assert "The ledger is whole" in verify(session).sentence
    database.dispose()


def test_on_postgresql_the_sites_own_role_erases_and_does_nothing_else_to_what_was_said(
    postgres_url: str, postgres_server: PostgresServer
) -> None:
    database = open_database(postgres_url)
    database.upgrade()
    world = World(database)
    found_marlmoor(world)
    agree_on_terms(world, devolve_to_glodbrook(world))
    helped = tell_a_story(world)
    end_role(world, BEA)
    role = "site_that_forgets"
    with database.writer.begin() as connection:
        for statement in (f"CREATE ROLE {role} LOGIN", f"GRANT {role} TO CURRENT_USER", *grants(role)):
            connection.execute(text(statement))
    site = World(open_database(postgres_server.url(make_url(postgres_url).database or "", user=role)))
    try:
        for change in (
            "UPDATE narrative SET digest = 'x'",
            "UPDATE narrative SET idempotency_key = 'x'",
            "DELETE FROM narrative",
            "DELETE FROM person",
            "DELETE FROM entry",
            "UPDATE entry SET place = 'x'",
            "TRUNCATE narrative",
        ):
            with pytest.raises(DBAPIError, match="permission denied"), Session(site.database.writer) as session:
                session.connection().execute(text(change))
        assert forget(site, withdrawing(helped)).fresh
        assert forget(site, erasing(BEA)).fresh
        assert not wipe(site.database)  # the tables are not its own, and it says so
        with site.database.reading() as session:
            assert "The ledger is whole" in verify(session).sentence
    finally:
        site.database.dispose()
        with database.writer.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        database.dispose()


CHANGES = {
    "words of an entry changed": "UPDATE narrative SET text = 'Because.' WHERE erasure IS NULL",
    "a salt changed": "UPDATE narrative SET salt = '00' WHERE erasure IS NULL",
    "a digest changed": "UPDATE narrative SET digest = '00' WHERE erasure IS NULL",
    "words emptied without their entry": "UPDATE narrative SET text = NULL, salt = NULL WHERE erasure IS NULL",
    "only the text emptied": "UPDATE narrative SET text = NULL, erasure = 3 WHERE erasure IS NULL",
    "a text put back": "UPDATE narrative SET text = 'Back.', salt = '00', erasure = NULL WHERE erasure IS NOT NULL",
    "another reason given": "UPDATE narrative SET erasure = 3 WHERE erasure IS NOT NULL",
    "an erasure by an entry that is not there": (
        "UPDATE narrative SET text = NULL, salt = NULL, erasure = 9999 WHERE erasure IS NULL"
    ),
    "words removed with their marker": "DELETE FROM narrative",
    "a name put back": "UPDATE person SET name = 'Bea', erasure = NULL WHERE erasure IS NOT NULL",
    "a name emptied without its entry": "UPDATE person SET name = NULL WHERE erasure IS NULL",
    "a name that is empty": "UPDATE person SET name = '' WHERE erasure IS NULL",
    "a line kept about an erased person": "UPDATE person SET name = NULL, story = 'Sits.', erasure = 3 WHERE erasure IS NULL",
    "a reference changed": "UPDATE person SET ref = 'p-else' WHERE ref = 'p-owen'",
    "a name removed": "DELETE FROM person WHERE ref = 'p-owen'",
    "a marker removed": "DELETE FROM person WHERE ref = 'p-bea'",
    "a marker of words removed": "DELETE FROM narrative WHERE erasure IS NOT NULL",
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_keeps_what_is_said_and_what_is_erased_as_it_is(decided: World, change: str) -> None:
    forget(decided, withdrawing(tell_a_story(decided)))
    end_role(decided, BEA)
    forget(decided, erasing(BEA))
    with pytest.raises(DBAPIError), Session(decided.database.writer) as session:
        session.connection().execute(text(CHANGES[change]))
        session.commit()


def test_a_name_may_be_corrected_and_one_that_the_log_does_not_know_deleted(decided: World) -> None:
    with decided.unit() as unit:
        add_person(unit.session, name="Added by mistake", ref="p-mistake")
        unit.commit()
    with Session(decided.database.writer) as session:
        session.connection().execute(text("UPDATE person SET name = 'Owen Marsh' WHERE ref = 'p-owen'"))
        session.connection().execute(text("DELETE FROM person WHERE ref = 'p-mistake'"))
        session.commit()
    with decided.database.reading() as session:
        assert session.connection().execute(text("SELECT name FROM person WHERE ref = 'p-owen'")).scalar_one() == "Owen Marsh"
        assert not session.connection().execute(text("SELECT 1 FROM person WHERE ref = 'p-mistake'")).all()


def test_on_postgresql_the_tables_about_people_are_not_truncated(postgres_url: str) -> None:
    database = open_database(postgres_url)
    database.upgrade()
    for table in ("person", "narrative"):
        with pytest.raises(DBAPIError, match="leaves its marker"), Session(database.writer) as session:
            session.connection().execute(text(f"TRUNCATE {table} CASCADE"))
    database.dispose()


def test_every_rule_of_the_first_tables_outlives_the_migration(decided: World) -> None:
    with decided.database.writer.connect() as connection:
        found = {
            str(rule["name"]) for table in ("person", "narrative") for rule in inspect(connection).get_check_constraints(table)
        }
    assert found == {"person_has_a_name", "person_is_named_or_erased", "narrative_is_kept_or_erased"}
