"""The tests' own PostgreSQL: real, fresh for each test, and gone afterwards."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.databases import Databases
from tests.postgres import OWNER, SUPERUSER, PostgresServer, running_postgres

ROOT = Path(__file__).parents[2]


def ask(url: str, question: str) -> object:
    engine = create_engine(url)
    with engine.begin() as connection:
        result = connection.execute(text(question))
        answer = result.scalar() if result.returns_rows else None
    engine.dispose()
    return answer


def test_the_server_is_a_real_postgresql_in_utf8(postgres_url: str) -> None:
    assert str(ask(postgres_url, "SELECT version()")).startswith("PostgreSQL")
    assert ask(postgres_url, "SHOW server_encoding") == "UTF8"


def test_the_tests_have_the_rights_of_a_real_installation_and_no_more(postgres_url: str) -> None:
    assert ask(postgres_url, "SELECT current_user") == OWNER
    assert ask(postgres_url, "SHOW is_superuser") == "off"


def test_the_server_can_be_reached_through_its_own_socket_only(postgres_server: PostgresServer, postgres_url: str) -> None:
    assert ask(postgres_server.url(str(make_url(postgres_url).database), SUPERUSER), "SHOW listen_addresses") == ""
    assert postgres_server.directory.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("time_of_the_day", ["morning", "evening"])
def test_each_test_has_a_database_of_its_own(database_url: str, time_of_the_day: str) -> None:
    ask(database_url, "CREATE TABLE diary (entry TEXT)")  # would fail in the evening if the morning's were still there
    assert ask(database_url, "SELECT count(*) FROM diary") == 0, time_of_the_day


def test_a_copy_has_what_the_first_has_and_goes_its_own_way(databases: Databases) -> None:
    first = databases.empty()
    ask(first, "CREATE TABLE diary (entry TEXT)")
    copy = databases.copy_of(first)
    ask(copy, "INSERT INTO diary VALUES ('only here')")
    assert (ask(first, "SELECT count(*) FROM diary"), ask(copy, "SELECT count(*) FROM diary")) == (0, 1)
    databases.drop(copy)
    databases.drop(first)


def test_a_dropped_sqlite_database_leaves_no_file(sqlite_url: str) -> None:
    file = Path(str(make_url(sqlite_url).database))
    assert not file.exists()
    ask(sqlite_url, "CREATE TABLE diary (entry TEXT)")
    assert file.exists()


def test_nothing_is_left_when_the_server_has_stopped() -> None:
    with running_postgres() as server:
        directory = server.directory
        process = int((directory / "data/postmaster.pid").read_text().split()[0])
        assert Path(f"/proc/{process}").exists()
    assert not directory.exists()
    assert not Path(f"/proc/{process}").exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(directory), user=SUPERUSER)


def test_nothing_is_left_when_the_session_is_killed() -> None:
    story = (
        "import time; from tests.postgres import running_postgres\n"
        "with running_postgres() as server: print(server.directory, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", story], cwd=ROOT, stdout=subprocess.PIPE, text=True) as session:
        assert session.stdout is not None
        directory = Path(session.stdout.readline().strip())
        assert (directory / "data/postmaster.pid").exists()
        os.kill(session.pid, signal.SIGKILL)
    patience = time.monotonic() + 20
    while directory.exists() and time.monotonic() < patience:
        time.sleep(0.05)
    assert not directory.exists()
