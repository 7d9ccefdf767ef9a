"""Whoever holds the connection: the database refuses to change what was recorded."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from ledger.tables import grants
from tests.ledger.conftest import World, devolve_to_glodbrook

CHANGES = {
    "an entry changed": "UPDATE entry SET kind = 'payment'",
    "an entry's bytes changed": "UPDATE entry SET written = leaf_hash",
    "an entry removed": "DELETE FROM entry",
    "a transfer changed": "UPDATE transfer SET amount = amount + 1",
    "a transfer removed": "DELETE FROM transfer",
    "the head set back": "UPDATE head SET size = size - 1",
    "the head removed": "DELETE FROM head",
    "a second head": "INSERT INTO head (id, size, edge, root) SELECT 2, size, edge, root FROM head",
    "a balance below its floor": "UPDATE balance SET amount = -1 WHERE account = 'pot/glodbrook'",
    "a transfer added later": (
        "INSERT INTO transfer (entry, position, from_account, to_account, resource, amount) "
        "VALUES (0, 9, 'source/marlmoor', 'pot/glodbrook', 'GBP', 1)"
    ),
    "a transfer of nothing": (
        "INSERT INTO transfer (entry, position, from_account, to_account, resource, amount) "
        "SELECT max(\"index\"), 9, 'source/marlmoor', 'pot/glodbrook', 'GBP', 0 FROM entry"
    ),
    "an entry with a gap before it": (
        'INSERT INTO entry ("index", kind, recorded_at, effective_on, authority, person, role, idempotency_key, written, '
        "leaf_hash) SELECT max(\"index\") + 2, kind, recorded_at, effective_on, authority, person, role, 'gap', written, "
        'leaf_hash FROM entry WHERE "index" = 0 GROUP BY 2, 3, 4, 5, 6, 7, 9, 10'
    ),
}


def shown(world: World, statement: str) -> list[object]:
    with world.database.reading() as session:
        return list(session.connection().execute(text(statement)))


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_refuses(world: World, change: str) -> None:
    devolve_to_glodbrook(world)
    before = [shown(world, f'SELECT * FROM "{table}" ORDER BY 1, 2') for table in ("entry", "transfer", "head", "balance")]
    with pytest.raises(DBAPIError), Session(world.database.writer) as session:
        session.connection().execute(text(CHANGES[change]))
        session.commit()
    after = [shown(world, f'SELECT * FROM "{table}" ORDER BY 1, 2') for table in ("entry", "transfer", "head", "balance")]
    assert after == before


def test_replacing_an_entry_through_its_key_is_refused(world: World) -> None:
    """SQLite's INSERT OR REPLACE deletes without asking the DELETE trigger; PostgreSQL has ON CONFLICT DO UPDATE."""
    columns = "kind, recorded_at, effective_on, authority, person, role, idempotency_key, written, leaf_hash"
    values = f'SELECT (SELECT max("index") + 1 FROM entry), {columns} FROM entry WHERE "index" = 0'
    replace = {
        "sqlite": f'INSERT OR REPLACE INTO entry ("index", {columns}) {values}',
        "postgresql": (
            f"INSERT INTO entry (\"index\", {columns}) {values} ON CONFLICT (idempotency_key) DO UPDATE SET kind = 'payment'"
        ),
    }[world.database.url.get_backend_name()]
    with pytest.raises(DBAPIError, match="append-only"), Session(world.database.writer) as session:
        session.connection().execute(text(replace))


def test_a_reading_cannot_write(world: World) -> None:
    with pytest.raises(DBAPIError), world.database.reading() as session:
        session.connection().execute(text("UPDATE person SET name = 'X'"))


def test_truncate_and_the_sites_own_role_have_no_way_in_on_postgresql(world: World) -> None:
    """On SQLite there is neither TRUNCATE nor a role: there, the file's owner is held by the triggers alone."""
    if world.database.url.get_backend_name() == "sqlite":
        assert shown(world, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'")[0][0] >= 8  # type: ignore[index]  # a row
        return
    with pytest.raises(DBAPIError, match="append-only"), Session(world.database.writer) as session:
        session.connection().execute(text("TRUNCATE entry CASCADE"))
    with Session(world.database.writer) as session:
        connection = session.connection()
        connection.execute(text("DROP ROLE IF EXISTS site_of_test"))
        connection.execute(text("CREATE ROLE site_of_test"))
        connection.execute(text("GRANT site_of_test TO CURRENT_USER"))
        for statement in grants("site_of_test"):
            connection.execute(text(statement))
        connection.execute(text("SET LOCAL ROLE site_of_test"))
        assert connection.execute(text("SELECT count(*) FROM entry")).scalar_one() > 0
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("DELETE FROM entry"))
        session.rollback()


def test_every_acknowledged_commit_is_on_the_disk(world: World) -> None:
    if world.database.url.get_backend_name() != "sqlite":
        with Session(world.database.writer) as session:
            assert session.connection().execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        return
    with Session(world.database.writer) as session:
        asked = {name: session.connection().execute(text(f"PRAGMA {name}")).scalar_one() for name in (
            "synchronous", "journal_mode", "foreign_keys",
        )}  # fmt: skip
    assert asked == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}
