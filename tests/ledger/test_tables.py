"""The migrations make exactly the tables that the code describes, and accounts say what they are."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, inspect, text
from sqlmodel import SQLModel

from ledger.accounts import AccountKind, BadAccount, account, has_floor, parse
from ledger.database import Database, instant_text, open_database
from ledger.tables import TABLES
from ledger.verify import verify
from tests.databases import Databases
from tests.ledger.conftest import MONDAY, World
from tests.ledger.steps import committed, done, paying, reversing


def test_migrations_and_tables_agree(world: World) -> None:
    with world.database.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        there = set(inspect(connection).get_table_names())
    assert there == {str(table.__tablename__) for table in TABLES} | {"alembic_version"}


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    database = open_database(database_url)
    for _ in range(2):
        database.upgrade()
    database.dispose()


def test_a_path_says_what_an_account_is() -> None:
    assert parse("reserve/flood-2026/spade") == (AccountKind.RESERVE, "flood-2026")
    assert account(AccountKind.POT, "glodbrook") == "pot/glodbrook"
    assert [has_floor(path) for path in ("pot/a", "source/a", "staff/a", "payee/a")] == [True, False, False, True]


@pytest.mark.parametrize("path", ["pot", "pot/", "pot/A", "purse/a", "pot/a/b", "reserve/a", "pot/../x", "pot/a\n"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(BadAccount, match="is not the path of an account"):
        parse(path)


def test_a_moment_without_its_zone_is_refused() -> None:
    from datetime import datetime  # noqa: PLC0415 - the one naive moment in the project

    with pytest.raises(ValueError, match="time zone"):
        instant_text(datetime(MONDAY.year, 1, 1))  # noqa: DTZ001 - without a zone on purpose


def test_an_upgrade_derives_what_an_older_release_did_not_keep(decided: World, databases: Databases) -> None:
    """A ledger of the first release, with payments and reversals in it, brought to this one."""
    order = committed(decided, amount=399_000)
    done(decided, paying(order, 100_000, key="first"))
    wrong = done(decided, paying(order, 5_000, key="wrong"))
    done(decided, reversing(wrong.index, key="undo-payment"))
    other = committed(decided, payee="depot", amount=1)
    done(decided, reversing(other.index, key="undo-order"))
    old = open_database(databases.empty())
    old.upgrade("0001")
    copy_rows(decided.database, old)
    old.upgrade()
    for table in ("entry", "promise", "head"):
        assert rows(old, table) == rows(decided.database, table)
    assert {left for _, _, left in rows(old, "promise")} == {0, 299_000}
    with old.reading() as session:
        assert verify(session).entries == decided.size()
    old.dispose()


def rows(database: Database, table: str) -> list[tuple[object, ...]]:
    with database.reading() as session:
        return [tuple(row) for row in session.connection().execute(text(f'SELECT * FROM "{table}" ORDER BY 1, 2'))]


def copy_rows(source: Database, target: Database) -> None:
    """All rows of the tables that both know; each entry with its transfers, as the first release wanted them."""
    there = MetaData()
    there.reflect(target.writer)
    tables = {name: table for name, table in there.tables.items() if name not in {"alembic_version", "transfer", "head"}}
    with target.writer.connect() as connection:
        for name in ["account", *(table.name for table in there.sorted_tables if table.name in tables.keys() - {"account"})]:
            for row in named_rows(source, there.tables[name]):
                connection.execute(there.tables[name].insert().values(row))
                if name == "entry":
                    for transfer in named_rows(source, there.tables["transfer"]):
                        if transfer["entry"] == row["index"]:
                            connection.execute(there.tables["transfer"].insert().values(transfer))
        connection.execute(there.tables["head"].update().values(named_rows(source, there.tables["head"])[0]))
        connection.commit()


def named_rows(database: Database, table: Table) -> list[dict[str, object]]:
    with database.reading() as session:
        return [dict(row) for row in session.connection().execute(table.select().order_by(text("1, 2"))).mappings()]
