"""Wherever the log is read from, the verdict and the balances are the same."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import json
from sqlalchemy import text

from ledger.publishing import publish
from tests.audit.conftest import Audit
from tests.audit.living import end_the_story, lay, live, said_by, written_in
from tests.browser.serving import served
from tests.ledger.conftest import World
from tests.ledger.test_verify import attack
from tests.log.independent_reader import fetch
from tests.proving import LOG, OTHER

KEY = ("--key", str(LOG.verifier))


@pytest.fixture
def published(world: World) -> World:
    """A short life, told to its end and signed. The test runs on SQLite and on PostgreSQL."""
    live(world, helps=3)
    end_the_story(world)
    publish(world.database, LOG)
    return world


@pytest.fixture
def site(published: World, tmp_path: Path) -> Iterator[str]:
    """Its site, as gunicorn serves it."""
    with served(address_of(published), tmp_path / "gunicorn.log") as address:
        yield address


def address_of(world: World) -> str:
    return world.database.url.render_as_string(hide_password=False)


def right(audit: Audit, source: object, *options: str) -> dict[str, Any]:
    answer = audit(source, *KEY, *options, "--json")
    assert answer.exit_code == 0, answer.output
    told: dict[str, Any] = json.decode(answer.output)
    return {name: told[name] for name in ("origin", "entries", "root", "balances", "compared")}


def test_address_folder_and_database_are_told_alike(audit: Audit, published: World, site: str, tmp_path: Path) -> None:
    said = json.decode(said_by(published))
    expected = {"origin": LOG.name, "entries": said["size"], "compared": True}
    expected |= {name: said[name] for name in ("root", "balances")}
    laid = lay(tmp_path / "laid", written_in(published), said=said_by(published))
    downloaded = tmp_path / "downloaded"
    assert right(audit, laid) == expected
    assert right(audit, address_of(published)) == expected
    assert right(audit, f"{site}/log", "--keep", str(downloaded)) == expected
    assert right(audit, downloaded) == expected  # again, offline
    assert right(audit, site, "--keep", str(tmp_path / "by the site's address")) == expected
    files = {file.relative_to(laid) for file in laid.rglob("*") if file.is_file()}
    kept = {file.relative_to(downloaded) for file in downloaded.rglob("*") if file.is_file()}
    assert kept == files | {Path("log.vkey")}


def test_the_summary_says_who_signed_and_what_was_compared(audit: Audit, published: World, site: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = audit(f"{site}/log", *KEY, "--keep", str(kept))
    assert "by the key that you gave" not in first.output or "Signed by" in first.output
    again = audit(kept)
    assert again.exit_code == 0
    assert f"Signed by {LOG.name}, by the key that is kept in" in again.output
    assert "balances that the site showed at" in again.output
    by_itself = audit(address_of(published))
    assert "checked only with the key that it names itself" in by_itself.output
    assert "Compared with everything that the database keeps" in by_itself.output


def test_an_address_needs_a_key_the_first_time_and_the_same_one_later(audit: Audit, site: str, tmp_path: Path) -> None:
    kept = ("--keep", str(tmp_path / "kept"))
    without = audit(f"{site}/log", *kept)
    assert (without.exit_code, "Give it once with --key" in without.output) == (2, True)
    other = audit(f"{site}/log", "--key", str(OTHER.verifier), *kept)
    assert (other.exit_code, "is not signed by" in other.output) == (1, True)
    assert audit(f"{site}/log", *KEY, *kept).exit_code == 0
    assert audit(f"{site}/log", *kept).exit_code == 0
    changed = audit(f"{site}/log", "--key", str(OTHER.verifier), *kept)
    assert (changed.exit_code, "a folder of its own" in changed.output) == (1, True)


def test_a_site_whose_stored_balance_is_a_lie_is_named(audit: Audit, published: World, site: str, tmp_path: Path) -> None:
    attack(published, "UPDATE balance SET amount = amount + 1 WHERE account = 'pot/glodbrook' AND resource = 'GBP'")
    for source, options in ((f"{site}/log", ("--keep", str(tmp_path / "kept"))), (address_of(published), ())):
        answer = audit(source, *KEY, *options)
        assert answer.exit_code == 1
        assert "pot/glodbrook" in answer.output


def test_an_address_that_signs_too_late_is_audited_and_said_not_to_be_compared(
    audit: Audit, published: World, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.downloading._PATIENCE", 0.2)
    published.today = published.today.replace(day=published.today.day + 1)
    with published.unit() as unit:
        from ledger.powers import unfreeze  # noqa: PLC0415 - one decision

        unfreeze(unit, freeze=said_size(published) - 1, reasons="Over.", officer="p-chief", idempotency_key="over")
        unit.commit()
    answer = audit(f"{site}/log", *KEY, "--keep", str(tmp_path / "kept"))
    assert (answer.exit_code, "Is its publisher running?" in answer.output) == (0, True)


def said_size(world: World) -> int:
    size: int = json.decode(said_by(world))["size"]
    return size


def test_balances_are_served_for_a_moment_to_everybody(published: World, site: str) -> None:
    answer = fetch(f"{site}/log/balances")
    assert answer.data == said_by(published)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=2"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


CHECKPOINT_LIES = {
    "its root": ('UPDATE checkpoint SET root = (SELECT leaf_hash FROM entry WHERE "index" = 0)', "do not come to its root"),
    "its note": ("UPDATE checkpoint SET note = replace(note, 'commonpurse.example', 'other.example')", "the checkpoint of"),
    "its size": ("UPDATE checkpoint SET size = size - 1", "do not come to its root"),
    "one of more entries": ("UPDATE checkpoint SET size = size + 1", "there are not as many entries"),
    "its key": (f"UPDATE checkpoint SET verifier = '{OTHER.verifier}'", "is not signed by"),
}


@pytest.mark.parametrize("lie", CHECKPOINT_LIES)
def test_a_signed_head_that_is_not_the_logs_is_named(audit: Audit, published: World, lie: str) -> None:
    statement, named = CHECKPOINT_LIES[lie]
    attack_checkpoints(published, statement)
    answer = audit(address_of(published))
    assert answer.exit_code == 1, answer.output
    assert named in answer.output


def attack_checkpoints(world: World, statement: str) -> None:
    with world.database.writer.connect() as connection:
        if world.database.url.get_backend_name() == "sqlite":
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE checkpoint DISABLE TRIGGER USER"))
        connection.execute(text(statement))
        connection.commit()


def test_a_backup_is_read_and_left_as_it_is(audit: Audit, lived_world: World, tmp_path: Path) -> None:
    publish(lived_world.database, LOG)
    file = tmp_path / "backup.db"
    back_up(lived_world, file)
    file.chmod(0o400)
    before = (hashlib.sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns)
    assert right(audit, file)["entries"] == json.decode(said_by(lived_world))["size"]
    assert (hashlib.sha256(file.read_bytes()).digest(), file.stat().st_mtime_ns) == before
    assert [found.name for found in tmp_path.iterdir()] == [file.name]


def back_up(world: World, file: Path) -> None:
    with closing(sqlite3.connect(world.database.url.database or "")) as database:
        database.execute("VACUUM INTO ?", (str(file),))


def test_a_file_with_a_write_ahead_log_is_no_backup(audit: Audit, lived_world: World) -> None:
    with lived_world.database.reading() as session:
        said_by(lived_world)
        assert session.connection().exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        end_the_story(lived_world)
        answer = audit(lived_world.database.url.database)
    assert (answer.exit_code, "write-ahead log beside it" in answer.output) == (2, True)


def test_a_backup_that_is_cut_short_or_something_else_is_one_sentence(audit: Audit, lived_world: World, tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    back_up(lived_world, whole)
    for name, data in (("cut", whole.read_bytes()[:20_000]), ("other", b"SQLite format 3\x00 and then nothing of the sort")):
        file = tmp_path / name
        file.write_bytes(data)
        answer = audit(file)
        assert (answer.exit_code, len(answer.output.strip().splitlines())) == (1, 1), answer.output
