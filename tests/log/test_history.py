"""A restored backup never goes on as if nothing had been lost: nothing is recorded, signed or served until it is put right."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import Session

from app.settings import Settings
from app.site import create_app
from ledger.checkpoints import endings, newest
from ledger.database import Database, open_database
from ledger.history import Behind, Forked, GuardedDatabase, Unusable, kept
from ledger.note import Checkpoint, Note, SigningKey, sign
from ledger.powers import devolve
from ledger.publishing import LogEnded, NameUsed, NothingPublished, begin_again, publish
from tests.databases import SqliteFiles
from tests.house.tree import ROOT
from tests.ledger.conftest import World, devolve_to_glodbrook
from tests.log.conftest import NOON, grow
from tests.proving import LOG
from tests.signing_in import carry, new_session
from tests.web.inspecting import InspectingClient

Copy = Callable[[Database], Database]
AFTER = SigningKey("after.example/log", LOG.algorithm, bytes(range(5, 37)))


def guarded(database: Database, file: Path) -> GuardedDatabase:
    return GuardedDatabase(database.url.render_as_string(hide_password=False), file)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "published_checkpoint"


def test_a_database_that_is_behind_records_nothing_and_signs_nothing(world: World, a_copy: Copy, file: Path) -> None:
    devolve_to_glodbrook(world)
    publish(world.database, LOG, file=file)
    backup = a_copy(world.database)
    devolve_to_glodbrook(world)
    published = publish(world.database, LOG, file=file).checkpoint.size
    restored = guarded(backup, file)
    for _ in range(2):
        with pytest.raises(Behind, match=f"has published {published} entries, and this database holds {published - 1}"):
            devolve_to_glodbrook(World(restored))
        with pytest.raises(Behind):
            publish(backup, LOG, file=file)
    assert World(backup).size() == published - 1
    with restored.reading() as session:
        last = newest(session)
        assert last is not None
        assert last.size == published - 1
    restored.dispose()
    again = guarded(world.database, file)
    world.database = again
    assert devolve_to_glodbrook(world).index == published
    again.dispose()


def test_a_database_that_went_on_behind_our_back_is_a_fork(log: Database, a_copy: Copy, file: Path) -> None:
    grow(log, 10)
    backup = a_copy(log)
    grow(log, 20)
    publish(log, LOG, file=file)
    grow(backup, 30, "forged")
    restored = guarded(backup, file)
    with pytest.raises(Forked, match="does not begin with the 20 entries"), restored.unit_of_work() as unit:
        unit.now()
    with pytest.raises(Forked):
        publish(backup, LOG, file=file)
    restored.dispose()


def test_every_new_connection_is_held_to_what_was_published(log: Database, file: Path) -> None:
    """A server that came back from a backup cuts the connections of a process that lives on."""
    grow(log, 5)
    living = guarded(log, file)
    with living.unit_of_work() as unit:
        assert unit.now()
    ahead = sign(Checkpoint(LOG.name, 9, bytes(32)), LOG)
    file.write_text(str(ahead))
    living.writer.dispose()
    with pytest.raises(Behind), living.unit_of_work() as unit:
        unit.now()
    living.dispose()


def test_tables_may_be_brought_up_to_date_before_the_comparison_can_be_made(database_url: str, file: Path) -> None:
    file.write_text(str(sign(Checkpoint(LOG.name, 9, bytes(32)), LOG)))
    empty = GuardedDatabase(database_url, file)
    empty.upgrade()
    with pytest.raises(Behind, match="holds 0"), empty.unit_of_work() as unit:
        unit.now()
    empty.dispose()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff", b"text\n\n\xe2\x80\x94 a AAAAAAAA\n"])
def test_a_file_that_cannot_be_read_lets_nothing_through(log: Database, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    unsure = guarded(log, file)
    with pytest.raises(Unusable), unsure.unit_of_work() as unit:
        unit.now()
    with pytest.raises(Unusable):
        publish(log, LOG, file=file)
    unsure.dispose()


def test_the_site_refuses_to_record_and_goes_on_showing(told_story: str, sqlite_files: SqliteFiles, file: Path) -> None:
    url = sqlite_files.copy_of(told_story)
    earlier = open_database(url)
    signed_in = new_session(earlier, "p-demo-leader")
    earlier.dispose()
    file.write_text(str(sign(Checkpoint(LOG.name, 90_000, bytes(32)), LOG)))
    site = create_app(Settings(database_url=url, secret_key="-" * 40, published_checkpoint=file))
    site.test_client_class = InspectingClient
    client = site.test_client()
    assert isinstance(client, InspectingClient)
    carry(client, signed_in)
    page = client.page("/authority/devolve")
    answer = client.submit(
        page.form(), partnership="glodbrook", title="More", power="Minute 9", money="10", hours="", award_money="5",
        award_hours="", begins=["1", "4", "2026"], ends=["31", "3", "2030"],
    )  # fmt: skip
    assert "has published 90,000 entries" in answer.get_data(as_text=True)
    assert client.get("/ledger").status_code == 200
    token = next(field for field in client.page("/sign-in").root.iter("input") if field.get("name") == "csrf_token")
    refused = client.post("/sign-in", data={"csrf_token": token.get("value", ""), "person": "p-demo-leader"})
    assert (refused.status_code, "has published 90,000 entries" in refused.text) == (409, True)  # a session is written too


# The same by the command line: a file copied, entries recorded and published, the old file put back.


def command(*words: str, environment: dict[str, str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def restored(sqlite_log: Database, tmp_path: Path) -> dict[str, str]:
    """An installation whose database file was put back to 40 entries, after 60 were published."""
    environment = os.environ | {
        "DATABASE_URL": sqlite_log.url.render_as_string(hide_password=False),
        "SECRET_KEY": "-" * 40,
        "LOG_KEY_FILE": str(tmp_path / "log_key"),
        "PUBLISHED_CHECKPOINT": str(tmp_path / "published_checkpoint"),
    }
    assert command("ledger", "init-key", "--origin", LOG.name, environment=environment)[0] == 0
    grow(sqlite_log, 40)
    assert command("ledger", "publish", environment=environment)[0] == 0
    sqlite_log.dispose()
    database = Path(str(sqlite_log.url.database))
    backup = database.read_bytes()
    grow(sqlite_log, 60)
    code, said, _ = command("ledger", "publish", environment=environment)
    assert (code, "60 entries" in said) == (0, True)
    sqlite_log.dispose()
    database.write_bytes(backup)
    for left in ("-wal", "-shm"):
        database.with_name(database.name + left).unlink(missing_ok=True)
    return environment


def test_after_a_restore_serve_publish_and_every_recording_command_refuse_in_one_sentence(
    restored: dict[str, str], sqlite_log: Database
) -> None:
    election = "tests/data/pabulib/Poland_Warszawa_2019_Sielce.pb"
    for words in (
        ("serve", "--port", "1"), ("ledger", "publish"), ("ledger", "publish", "--every", "1"), ("seed",),
        ("round", "import", election, "--partnership", "sielce"),
    ):  # fmt: skip
        code, said, refused = command(*words, environment=restored)
        assert (code, said) == (1, ""), words
        assert refused.startswith("The log commonpurse.example/log has published 60 entries, and this database holds 40:")
        assert "begin-again" in refused
        assert refused.count("\n") == 1
    assert World(sqlite_log).size() == 40
    code, said, _ = command("doctor", environment=restored)
    assert code == 1
    assert "MEND  PUBLISHED_CHECKPOINT: The log commonpurse.example/log has published 60 entries" in said


def test_what_only_a_witness_kept_holds_too(restored: dict[str, str], tmp_path: Path) -> None:
    """The machine burned, the small file with it: the witness's copy is given with --against."""
    file = Path(restored["PUBLISHED_CHECKPOINT"])
    kept_by_the_witness = tmp_path / "from-the-witness"
    file.rename(kept_by_the_witness)
    for words in (("serve", "--port", "1"), ("ledger", "publish")):
        code, _, refused = command(*words, "--against", str(kept_by_the_witness), environment=restored)
        assert (code, "has published 60 entries" in refused) == (1, True)
    forged = tmp_path / "forged"
    forged.write_text(str(sign(Checkpoint(LOG.name, 90, bytes(32)), LOG)))
    code, _, refused = command("ledger", "publish", "--against", str(forged), environment=restored)
    assert (code, "is not signed by" in refused or "not by the key" in refused) == (1, True)
    assert command("ledger", "publish", "--against", "nowhere", environment=restored)[0] == 2


def test_a_loss_is_said_in_public_and_the_log_goes_on_under_another_name(
    restored: dict[str, str], sqlite_log: Database, tmp_path: Path
) -> None:
    old_key = Path(restored["LOG_KEY_FILE"]).read_text()
    again = ("ledger", "begin-again", "--reason", "A disk broke, and the newest backup was of 2 March.")
    assert command(*again, "--origin", LOG.name, environment=restored)[0] == 2
    code, said, _ = command(*again, "--origin", AFTER.name, environment=restored)
    assert code == 0
    assert f"The log {LOG.name} has ended: of 60 published entries 40 are kept" in said
    (away,) = tmp_path.glob("log_key.ended-*")
    assert away.read_text() == old_key
    code, said, _ = command("ledger", "publish", environment=restored)
    assert (code, f"Signed: the log {AFTER.name} with 40 entries" in said) == (0, True)
    grow(sqlite_log, 45)
    assert command("ledger", "publish", environment=restored)[0] == 0
    note = kept(Path(restored["PUBLISHED_CHECKPOINT"]))
    assert note is not None
    assert Checkpoint.parse(note.text).origin == AFTER.name
    with sqlite_log.reading() as session:
        (ending,) = endings(session)
        assert (ending.origin, ending.size, ending.kept) == (LOG.name, 60, 40)
        assert Checkpoint.parse(Note.parse(ending.note).text).size == 60
    with pytest.raises(LogEnded):
        publish(sqlite_log, SigningKey.parse(old_key.strip()))


def test_a_run_that_fell_after_its_first_half_can_be_run_again(restored: dict[str, str], sqlite_log: Database) -> None:
    lost = kept(Path(restored["PUBLISHED_CHECKPOINT"]))
    begin_again(sqlite_log, origin=AFTER.name, reason="A disk broke.", lost=lost)
    code, said, _ = command("ledger", "begin-again", "--origin", AFTER.name, "--reason", "A disk broke.", environment=restored)
    assert (code, "It goes on as after.example/log" in said) == (0, True)
    assert command("ledger", "publish", environment=restored)[0] == 0


def test_a_log_that_ends_keeps_what_was_signed_before_it_forked(log: Database, a_copy: Copy, file: Path) -> None:
    grow(log, 10)
    publish(log, LOG, file=file)
    backup = a_copy(log)
    grow(log, 20)
    publish(log, LOG, file=file)
    grow(backup, 30, "forged")
    ending = begin_again(backup, origin=AFTER.name, reason="Entries were recorded on an old backup.", lost=kept(file))
    assert (ending.size, ending.kept) == (20, 10)


def test_a_lost_key_ends_a_log_without_losing_an_entry(log: Database) -> None:
    grow(log, 10)
    with pytest.raises(NothingPublished):
        begin_again(log, origin=AFTER.name, reason="The key was stolen.", lost=None)
    publish(log, LOG, clock=lambda: NOON)
    with pytest.raises(NameUsed):
        begin_again(log, origin=LOG.name, reason="The key was stolen.", lost=None)
    ending = begin_again(log, origin=AFTER.name, reason="The key was stolen.", lost=None, clock=lambda: NOON)
    assert (ending.size, ending.kept, ending.ended_at) == (10, 10, NOON)
    with Session(log.reader) as session:
        assert newest(session) is None
    assert publish(log, AFTER).checkpoint.size == 10
    with pytest.raises(NameUsed):
        begin_again(log, origin=LOG.name, reason="Once more.", lost=None)


def test_a_unit_of_work_that_only_looks_ahead_is_held_too(world: World, file: Path) -> None:
    """`devolve` asks questions before it posts: not even they are answered on a database that is behind."""
    file.write_text(str(sign(Checkpoint(LOG.name, 9_000, bytes(32)), LOG)))
    held = guarded(world.database, file)
    with pytest.raises(Behind), held.unit_of_work() as unit:
        devolve(
            unit, authority="marlmoor", partnership="glodbrook", title="x", power="x", money=1, minutes=0, limits={"GBP": 1},
            begins=world.today, ends=world.today, leader="p-leader", idempotency_key="k",
        )  # fmt: skip
    held.dispose()
