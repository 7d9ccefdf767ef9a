"""The log's head is signed only when it continues the last one signed, and every signed head is kept."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from app.commands import main
from ledger.checkpoints import Checkpoint, public_key, published_size
from ledger.database import Database, open_database
from ledger.entries import Head
from ledger.errors import LedgerError
from ledger.history import Forked, NotKept, kept
from ledger.note import ED25519, Note, SigningKey, open_checkpoint
from ledger.publishing import AnotherKey, NameTooLong, RootWrong, publish
from ledger.tree import EMPTY_ROOT
from tests.ledger.conftest import World, devolve_to_glodbrook
from tests.log.conftest import NOON, grow
from tests.proving import LOG, OTHER


def signed(database: Database) -> list[Checkpoint]:
    with database.reading() as session:
        return sorted(session.exec(select(Checkpoint)).all(), key=lambda row: row.size)


def test_an_empty_log_is_signed_too(log: Database) -> None:
    done = publish(log, LOG, clock=lambda: NOON)
    assert (done.fresh, done.checkpoint.size, done.checkpoint.root) == (True, 0, EMPTY_ROOT)
    assert done.checkpoint.signed_at == NOON
    assert open_checkpoint(Note.parse(done.checkpoint.note), LOG.verifier).size == 0
    with log.reading() as session:
        assert public_key(session) == LOG.verifier


def test_each_new_length_is_signed_once_and_every_signed_head_is_kept(log: Database) -> None:
    for size in (0, 1, 2, 3, 7, 8, 255, 256, 257, 600):
        grow(log, size)
        assert publish(log, LOG).fresh
        assert not publish(log, LOG).fresh
    rows = signed(log)
    assert [row.size for row in rows] == [0, 1, 2, 3, 7, 8, 255, 256, 257, 600]
    for row in rows:
        opened = open_checkpoint(Note.parse(row.note), LOG.verifier)
        assert (opened.size, opened.root) == (row.size, row.root)
    with log.reading() as session:
        assert rows[-1].root == session.get_one(Head, 1).root
        assert published_size(session) == 600


def test_what_is_recorded_in_earnest_is_signed(world: World) -> None:
    before = publish(world.database, LOG).checkpoint.size
    devolve_to_glodbrook(world)
    assert publish(world.database, LOG).checkpoint.size == before + 1


def test_two_publishers_at_once_sign_one_note_for_each_size(log: Database) -> None:
    url = log.url.render_as_string(hide_password=False)
    faults: list[BaseException] = []
    ready = threading.Barrier(4)

    def sign_all() -> None:
        database = open_database(url)
        try:
            for _ in range(30):
                ready.wait(timeout=60)
                publish(database, LOG)
        except BaseException as fault:  # noqa: BLE001 - the test's own thread must report whatever it was
            faults.append(fault)
            ready.abort()
        finally:
            database.dispose()

    publishers = [threading.Thread(target=sign_all) for _ in range(3)]
    for publisher in publishers:
        publisher.start()
    for size in range(1, 31):
        grow(log, size)
        try:
            ready.wait(timeout=60)
        except threading.BrokenBarrierError:
            break
    for publisher in publishers:
        publisher.join(timeout=60)
    assert faults == []
    rows = signed(log)
    assert len({row.size for row in rows}) == len(rows)
    assert {row.origin for row in rows} == {LOG.name}
    assert publish(log, LOG).checkpoint.size == 30


TAMPERED = {
    "the root of the head": ('UPDATE head SET root = (SELECT leaf_hash FROM entry WHERE "index" = 1)', RootWrong),
    "an entry under a signed head": (
        'UPDATE entry SET leaf_hash = (SELECT leaf_hash FROM entry WHERE "index" = 0), nodes = nodes WHERE "index" = 2',
        Forked,
    ),
    "the root that was signed": ('UPDATE checkpoint SET root = (SELECT leaf_hash FROM entry WHERE "index" = 1)', RootWrong),
}


@pytest.mark.parametrize("lie", TAMPERED)
def test_a_head_that_does_not_continue_the_last_one_is_not_signed(log: Database, lie: str) -> None:
    statement, refusal = TAMPERED[lie]
    grow(log, 3)
    publish(log, LOG)
    grow(log, 5)
    without_guards(log, statement)
    with pytest.raises(LedgerError) as raised:
        publish(log, LOG)
    assert isinstance(raised.value, refusal | RootWrong)
    assert "nothing was signed" in raised.value.sentence or "Nothing was recorded" in raised.value.sentence
    assert len(signed(log)) == 1


def without_guards(database: Database, statement: str) -> None:
    with Session(database.writer) as session:
        connection = session.connection()
        if database.url.get_backend_name() == "sqlite":
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in ("entry", "head", "checkpoint"):
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement))
        session.commit()


@pytest.mark.parametrize("key", [OTHER, SigningKey("elsewhere.example/log", ED25519, LOG.seed)], ids=["key", "name"])
def test_a_log_keeps_its_name_and_its_key(log: Database, key: SigningKey) -> None:
    publish(log, LOG)
    grow(log, 4)
    with pytest.raises(AnotherKey, match="A log keeps its name and its key"):
        publish(log, key)
    assert [row.size for row in signed(log)] == [0]


def test_a_name_that_is_too_long_is_refused(log: Database) -> None:
    with pytest.raises(NameTooLong):
        publish(log, SigningKey("x" * 201, ED25519, LOG.seed))


def test_the_newest_signed_head_stands_outside_before_it_can_be_read(log: Database, tmp_path: Path) -> None:
    file = tmp_path / "var" / "published_checkpoint"
    for size in (0, 3, 9):
        grow(log, size)
        publish(log, LOG, file=file)
        note = kept(file)
        assert note is not None
        assert open_checkpoint(note, LOG.verifier).size == size
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    file.unlink()
    publish(log, LOG, file=file)
    assert kept(file) == note


def test_when_the_file_cannot_be_written_nothing_is_published(log: Database, tmp_path: Path) -> None:
    with pytest.raises(NotKept, match="File name too long"):
        publish(log, LOG, file=tmp_path / ("p" * 250))  # its draft, with a longer name, has no room
    assert signed(log) == []


def test_a_clock_set_back_does_not_date_a_head_before_its_entries(world: World) -> None:
    devolve_to_glodbrook(world)
    done = publish(world.database, LOG, clock=lambda: world.clock() - timedelta(days=3))
    assert done.checkpoint.signed_at == world.clock()


CHANGES = {
    "a signed head changed": "UPDATE checkpoint SET size = 7",
    "a signed head removed": "DELETE FROM checkpoint",
    "a signed head replaced": (
        "INSERT OR REPLACE INTO checkpoint SELECT origin, size, root, 'x', verifier, signed_at FROM checkpoint"
    ),
    "an ending removed": "DELETE FROM ending",
    "a cosignature changed": "UPDATE cosignature SET line = 'x'",
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_refuses_to_forget(log: Database, change: str) -> None:
    from tests.log.test_cosigning import cosign_and_end  # noqa: PLC0415 - one step of the other story

    cosign_and_end(log)
    statement = CHANGES[change]
    if log.url.get_backend_name() == "postgresql":
        statement = statement.replace("INSERT OR REPLACE", "INSERT")
    with pytest.raises(DBAPIError), Session(log.writer) as session:
        session.connection().execute(text(statement))
        session.commit()


@pytest.fixture
def roles(postgres_url: str) -> Iterator[Database]:
    """A log on PostgreSQL with a role that serves and a role that signs; the roles go with it."""
    database = open_database(postgres_url)
    database.upgrade()
    grow(database, 300)
    run(database, *(f"CREATE ROLE {role}" for role in ROLES), *(f"GRANT {role} TO CURRENT_USER" for role in ROLES))
    done = upgrade(postgres_url, "--app-role", ROLES[0], "--publisher-role", ROLES[1])
    assert (done.exit_code, done.output) == (0, "The database is ready.\n")
    yield database
    run(database, *(f"{verb} {role}" for role in ROLES for verb in ("DROP OWNED BY", "DROP ROLE")))
    database.dispose()


ROLES = ("site_that_serves", "publisher_that_signs")


def upgrade(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["db", "upgrade", *words], env={"DATABASE_URL": url, "SECRET_KEY": "-" * 40})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--publisher-role", "signs"), "With --publisher-role, give another role with --app-role."),
        (("--app-role", "serves", "--publisher-role", "serves"), "With --publisher-role, give another role with --app-role."),
        (("--app-role", "serves", "--publisher-role", "x; DROP ROLE y"), "A role's name has letters, numbers and underscores"),
    ],
)
def test_roles_that_cannot_be_are_refused_before_anything_is_changed(
    postgres_url: str, words: tuple[str, ...], sentence: str
) -> None:
    done = upgrade(postgres_url, *words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(sentence)
    database = open_database(postgres_url)
    with Session(database.reader) as session:
        assert session.connection().execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
    database.dispose()


def test_only_postgresql_has_roles(sqlite_url: str) -> None:
    done = upgrade(sqlite_url, "--app-role", "serves")
    assert (done.exit_code, "Only PostgreSQL has roles; leave out --app-role" in done.stderr) == (2, True)


def run(database: Database, *statements: str) -> None:
    with Session(database.writer) as session:
        for statement in statements:
            session.connection().execute(text(statement))
        session.commit()


def as_role(url: str, role: str) -> Database:
    """The database as somebody sees it who has this role only."""
    database = open_database(url)

    def become(connection: DBAPIConnection, _record: object) -> None:
        connection.cursor().execute(f"SET ROLE {role}")
        connection.commit()

    event.listen(database.writer, "connect", become)
    event.listen(database.reader, "connect", become)
    return database


def test_where_a_publisher_has_a_role_of_its_own_the_site_cannot_sign(roles: Database) -> None:
    url = roles.url.render_as_string(hide_password=False)
    site, publisher = (as_role(url, role) for role in ROLES)
    with pytest.raises(DBAPIError, match="permission denied for table checkpoint"):
        publish(site, LOG)
    assert publish(publisher, LOG).checkpoint.size == 300
    grow(roles, 301)
    assert publish(publisher, LOG).checkpoint.size == 301
    for verb in ("UPDATE head SET size = size + 1", "DELETE FROM checkpoint", "INSERT INTO ending SELECT * FROM ending"):
        with pytest.raises(DBAPIError, match="permission denied"):
            run(publisher, verb)
    publisher.dispose()
    site.dispose()
