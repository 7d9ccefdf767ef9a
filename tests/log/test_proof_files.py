"""The two files of an entry, as anybody keeps them: they hold offline, and the site says plainly when it is too early."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from sqlmodel import select

from app import store
from app.commands import main
from app.settings import Settings
from app.site import create_app
from ledger.cosigning import take
from ledger.database import Database
from ledger.entries import Entry
from ledger.note import Checkpoint, Note, SigningKey, cosign
from ledger.proofs import Proof
from ledger.publishing import begin_again, publish
from tests.ledger.conftest import World
from tests.log.conftest import NOON, grow, synthetic
from tests.proving import LOG, OTHER, WITNESS


@pytest.fixture
def client(log: Database) -> Iterator[FlaskClient]:
    """The site over the log, asked by a program."""
    with a_client_of(log) as asking:
        yield asking


@contextmanager
def a_client_of(database: Database) -> Iterator[FlaskClient]:
    site = create_app(Settings(database_url=database.url.render_as_string(hide_password=False), secret_key="-" * 40))
    yield site.test_client()
    with site.app_context():
        store.database().dispose()


def publish_first(log: Database, size: int) -> Note:
    grow(log, size)
    return Note.parse(publish(log, LOG, clock=lambda: NOON).checkpoint.note)


def witness(log: Database, note: Note) -> None:
    with log.unit_of_work(lambda: NOON, appends=False) as unit:
        take(unit, str(note.plus(cosign(note, WITNESS, NOON))).encode(), (WITNESS.verifier,), now=NOON)
        unit.commit()


def kept(client: FlaskClient, index: int, folder: Path) -> tuple[Path, Path]:
    """The two files of an entry, saved under the names that the site gives them."""
    saved = []
    for kind in ("tlog-proof", "json"):
        answer = client.get(f"/ledger/{index}.{kind}")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        name = answer.headers["Content-Disposition"].removeprefix("attachment; filename=")
        assert name == f"entry-{index}.{kind}"
        saved.append(folder / name)
        saved[-1].write_bytes(answer.get_data())
    return saved[0], saved[1]


def check(proof: Path, entry: Path, *words: str, key: SigningKey = LOG) -> Result:
    return CliRunner().invoke(main, ["verify-proof", str(proof), "--entry", str(entry), "--key", str(key.verifier), *words])


def test_the_files_of_every_entry_hold_offline(log: Database, client: FlaskClient, tmp_path: Path) -> None:
    for size in (1, 2, 7, 300):
        publish_first(log, size)
        for index in {0, size // 2, size - 1}:
            proof, entry = kept(client, index, tmp_path)
            assert entry.read_bytes() == synthetic(index)
            answer = check(proof, entry)
            assert (answer.exit_code, answer.stderr) == (0, "")
            assert f"this is entry {index} of the log {LOG.name}, as it was signed with {size} " in answer.stdout
            assert check(proof, entry, key=OTHER).exit_code == 1


def test_what_was_recorded_in_earnest_is_given_to_the_byte(decided: World, tmp_path: Path) -> None:
    publish(decided.database, LOG)
    with decided.database.reading() as session:
        rows = session.exec(select(Entry.index, Entry.written)).all()
    assert len(rows) == 21
    with a_client_of(decided.database) as client:
        for index, written in rows:
            proof, entry = kept(client, index, tmp_path)
            assert entry.read_bytes() == written
            assert check(proof, entry).exit_code == 0


def test_a_proof_stands_under_the_newest_checkpoint_that_a_witness_signed(
    log: Database, client: FlaskClient, tmp_path: Path
) -> None:
    witness(log, publish_first(log, 5))
    publish_first(log, 9)
    sizes = [
        Checkpoint.parse(Proof.parse(client.get(f"/ledger/{index}.tlog-proof").data).checkpoint.text).size for index in (4, 5)
    ]
    assert sizes == [5, 9]
    said = check(*kept(client, 4, tmp_path), "--witness", str(WITNESS.verifier)).stdout
    assert said.endswith(f"Witnessed by {WITNESS.name} on 4 March 2026 at 12:00 (UTC).\n")


def test_before_it_is_signed_there_is_no_proof_and_the_answer_says_when(log: Database, client: FlaskClient) -> None:
    grow(log, 3)
    early = client.get("/ledger/2.tlog-proof")
    assert (early.status_code, early.mimetype) == (404, "text/plain")
    assert early.get_data(as_text=True) == (
        "Entry 2 is recorded, and no signed checkpoint holds it yet. Try again in a few seconds; nothing was lost.\n"
    )
    assert early.headers["Cache-Control"] == "no-store"
    assert client.get("/ledger/2.json").data == synthetic(2)
    publish_first(log, 3)
    assert client.get("/ledger/2.tlog-proof").status_code == 200
    grow(log, 4)
    assert client.get("/ledger/3.tlog-proof").status_code == 404


@pytest.mark.parametrize("kind", ["tlog-proof", "json"])
def test_an_entry_that_is_not_there_is_one_sentence(log: Database, client: FlaskClient, kind: str) -> None:
    publish_first(log, 3)
    for index in (3, 2**31 - 1):
        answer = client.get(f"/ledger/{index}.{kind}")
        assert (answer.status_code, answer.mimetype) == (404, "text/plain")
        assert answer.get_data(as_text=True).startswith(f"There is no entry {index} in the ledger.")
    assert client.get(f"/ledger/{2**31}").status_code == 404
    for word in ("-1", "1.5", str(2**31), "9" * 40):
        assert client.get(f"/ledger/{word}.{kind}").status_code == 404


@pytest.mark.parametrize("kind", ["tlog-proof", "json"])
def test_a_file_may_be_kept_for_a_minute_and_then_asked_for_by_its_fingerprint(
    log: Database, client: FlaskClient, kind: str
) -> None:
    note = publish_first(log, 3)
    first = client.get(f"/ledger/1.{kind}")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in first.headers
    again = client.get(f"/ledger/1.{kind}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    witness(log, note)
    later = client.get(f"/ledger/1.{kind}", headers={"If-None-Match": first.headers["ETag"]})
    assert later.status_code == (200 if kind == "tlog-proof" else 304)  # the proof has another signature, the entry is the same


def test_after_a_log_ended_proofs_are_of_the_one_that_goes_on(log: Database, client: FlaskClient, tmp_path: Path) -> None:
    publish_first(log, 5)
    old = kept(client, 2, tmp_path)
    begin_again(
        log, origin="after.example/log", reason="The key was stolen.", lost=None, clock=lambda: NOON + timedelta(days=1)
    )
    assert client.get("/ledger/2.tlog-proof").status_code == 404
    after = SigningKey("after.example/log", LOG.algorithm, bytes(32))
    publish(log, after)
    assert check(*old).exit_code == 0
    assert check(*kept(client, 2, tmp_path), key=after).exit_code == 0
