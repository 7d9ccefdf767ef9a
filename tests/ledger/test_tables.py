"""The migrations make exactly the tables that the code describes, and accounts say what they are."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from ledger.accounts import AccountKind, BadAccount, account, has_floor, parse
from ledger.database import instant_text, open_database
from ledger.tables import TABLES
from tests.ledger.conftest import MONDAY, World


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
