"""A database with a life behind it is brought to this release's form: nothing in it changes, and erasing works."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from ledger.database import _MIGRATIONS, Database, open_database
from ledger.markers import told
from ledger.people import person

_DIGEST = "6b6a5f9f6c3d0b6b1e7c25f2fdc4bcd4ba2c1c41f6f4f3a8f2a65c3c5b8ea6b1"


def migrated(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.writer.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def before(revision: str) -> str:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    earlier = ScriptDirectory.from_config(config).get_revision(revision).down_revision
    assert isinstance(earlier, str)
    return earlier


def test_names_and_texts_from_before_erasures_are_kept_as_they_were(database_url: str) -> None:
    database = open_database(database_url)
    migrated(database, before("0004"))
    with database.writer.begin() as connection:
        connection.execute(
            text("INSERT INTO person (ref, name, story, invented) VALUES ('p-bea', 'Bea Lindqvist', 'Sits.', true)")
        )
        connection.execute(
            text("INSERT INTO narrative (digest, idempotency_key, salt, text) VALUES (:digest, 'one', '00ff', 'A ramp.')"),
            {"digest": _DIGEST},
        )
    database.upgrade()
    with database.reading() as session:
        bea = person(session, "p-bea")
        assert (bea.name, bea.story, bea.invented, bea.erasure) == ("Bea Lindqvist", "Sits.", True, None)
        assert told(session, _DIGEST).text == "A ramp."
    database.dispose()
