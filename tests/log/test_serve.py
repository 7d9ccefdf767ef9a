"""`commonpurse serve`: the site and, beside it, the publisher of its log; and a witness who watches it from elsewhere."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

import pytest

from app.log_key import DEMONSTRATION
from ledger.database import Database, open_database
from ledger.note import Note, SigningKey
from tests.browser.serving import free_port
from tests.databases import SqliteFiles
from tests.house.tree import ROOT
from tests.log.conftest import grow
from tests.log.independent_reader import fetch, read_log
from tests.proving import LOG, WITNESS

_PATIENCE = 60.0  # seconds


@dataclass
class Site:
    """A site that `commonpurse serve` serves, and what it says."""

    address: str
    words: Path
    process: subprocess.Popen[bytes]
    stopped: list[int] = field(default_factory=list)

    def said(self) -> str:
        return self.words.read_text()

    def size(self) -> int:
        """How many entries its newest checkpoint has; -1 when there is none."""
        try:
            return int(fetch(f"{self.address}/log/checkpoint").data.split(b"\n")[1])
        except URLError:
            return -1


def until(holds: Callable[[], bool], site: Site) -> None:
    end = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < end, site.said()
        time.sleep(0.05)


def command(*words: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        timeout=_PATIENCE,
    )  # fmt: skip


@pytest.fixture
def environment(sqlite_log: Database, tmp_path: Path) -> dict[str, str]:
    """Where this site's database and its key are; the key is LOG's, the witness is known."""
    key = tmp_path / "var" / "log_key"
    key.parent.mkdir()
    key.write_text(LOG.text())
    return os.environ | {
        "DATABASE_URL": sqlite_log.url.render_as_string(hide_password=False),
        "SECRET_KEY": "-" * 40,
        "LOG_KEY_FILE": str(key),
        "PUBLISHED_CHECKPOINT": str(key.parent / "published_checkpoint"),
        "WITNESS_KEYS": str(WITNESS.verifier),
    }


@contextmanager
def serving(environment: dict[str, str], folder: Path, *options: str) -> Iterator[Site]:
    port = free_port()
    words = folder / f"serve-{port}.txt"
    with words.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", str(port), "--workers", "1", *options],
            cwd=ROOT, env=environment, stdout=out, stderr=out,
        )  # fmt: skip
        site = Site(f"http://127.0.0.1:{port}", words, process)
        try:
            yield site
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)


def publishers(site: Site) -> list[int]:
    """The processes that sign for this site, by what the system says of its children."""
    listed = subprocess.run(["ps", "-o", "pid=,ppid=,args=", "-A"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(pid) for pid, parent, words in rows if int(parent) == site.process.pid and "ledger publish" in words]


def test_what_is_recorded_is_signed_within_moments_and_read_by_anyone(
    sqlite_log: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(environment, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() == 0, site)
        for size in (1, 257):
            grow(sqlite_log, size)
            until(lambda: site.size() == size, site)  # noqa: B023 - it is asked before the next turn
            assert len(read_log(f"{site.address}/log", str(LOG.verifier)).entries) == size
        (publisher,) = publishers(site)
        site.process.terminate()
        assert site.process.wait(timeout=_PATIENCE) == 0
    assert not alive(publisher)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_publisher_that_falls_is_said_and_started_again(
    sqlite_log: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    with serving(environment, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() == 0, site)
        os.kill(publishers(site)[0], signal.SIGKILL)
        until(lambda: "The publisher of the log fell (exit -9)" in site.said(), site)
        grow(sqlite_log, 3)
        until(lambda: site.size() == 3, site)


def test_a_publisher_that_refuses_says_why_and_the_site_goes_on_showing(
    sqlite_log: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    assert command("ledger", "publish", environment=environment).returncode == 0
    other = SigningKey(LOG.name, LOG.algorithm, bytes(32))
    Path(environment["LOG_KEY_FILE"]).write_text(other.text())
    grow(sqlite_log, 3)
    with serving(environment, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: "The log is not signed while that stands" in site.said(), site)
        until(lambda: site.size() == 0, site)
        assert "A log keeps its name and its key" in site.said()
        assert "Traceback" not in site.said()
        assert publishers(site) == []


def test_when_the_server_is_killed_the_publisher_does_not_stay(environment: dict[str, str], tmp_path: Path) -> None:
    with serving(environment, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() == 0, site)
        (publisher,) = publishers(site)
        server = children(site.process.pid) - {publisher}
        site.process.kill()
        site.process.wait(timeout=_PATIENCE)
        until(lambda: not alive(publisher), site)
        for pid in server:
            os.kill(pid, signal.SIGTERM)


def children(parent: int) -> set[int]:
    listed = subprocess.run(["ps", "-o", "pid=,ppid=", "-A"], capture_output=True, text=True, check=True).stdout
    return {int(line.split()[0]) for line in listed.splitlines() if int(line.split()[1]) == parent}


def test_the_web_workers_never_see_a_key_that_is_given_by_the_environment(environment: dict[str, str], tmp_path: Path) -> None:
    secret = environment | {"LOG_KEY": LOG.text(), "LOG_KEY_FILE": str(tmp_path / "none")}
    with serving(secret, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() == 0, site)
        (publisher,) = publishers(site)
        assert LOG.text().encode() in Path(f"/proc/{publisher}/environ").read_bytes()
        workers = set[int]()
        for server in children(site.process.pid) - {publisher}:
            workers |= {server, *children(server)}
        assert len(workers) >= 2
        assert not any(b"PRIVATE+KEY" in Path(f"/proc/{pid}/environ").read_bytes() for pid in workers)


def test_without_a_key_a_real_site_is_served_and_told_that_nothing_is_signed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    Path(environment["LOG_KEY_FILE"]).unlink()
    with serving(environment, tmp_path) as site:
        until(lambda: "Nothing is signed: there is no key yet" in site.said(), site)
        until(lambda: answers(site), site)
        assert publishers(site) == []
    assert not Path(environment["LOG_KEY_FILE"]).exists()


def answers(site: Site) -> bool:
    try:
        return fetch(f"{site.address}/healthz").data == b"ok\n"
    except URLError:
        return False


def test_a_demonstration_makes_its_own_key(told_story: str, environment: dict[str, str], tmp_path: Path) -> None:
    key = Path(environment["LOG_KEY_FILE"])
    key.unlink()
    copy = SqliteFiles(tmp_path).copy_of(told_story)
    with serving(environment | {"DATABASE_URL": copy}, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() > 500, site)
    assert SigningKey.parse(key.read_text().strip()).name == DEMONSTRATION
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_witness_elsewhere_watches_signs_and_is_seen(
    sqlite_log: Database, environment: dict[str, str], tmp_path: Path
) -> None:
    """From making a key to a lie refused: the external accountability partner's own commands, over HTTP."""
    theirs = {name: value for name, value in environment.items() if name not in {"DATABASE_URL", "LOG_KEY_FILE"}}
    key, state = tmp_path / "theirs" / "key", tmp_path / "theirs" / "state"
    made = command("witness", "init-key", "--key", str(key), "--name", "fair-account.example/witness", environment=theirs)
    assert made.returncode == 0
    public = re.findall(r"\S+\+[0-9a-f]{8}\+\S+", made.stdout)[0]
    assert key.stat().st_mode & 0o777 == 0o600
    again = command("witness", "init-key", "--key", str(key), "--name", "other", environment=theirs)
    assert (again.returncode, "a witness keeps its key" in again.stderr) == (2, True)
    grow(sqlite_log, 300)
    with serving(environment | {"WITNESS_KEYS": public}, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() == 300, site)
        look = ("witness", "once", "--log", f"{site.address}/log/", "--state", str(state), "--key", str(key))
        unknown = command(*look, environment=theirs)
        assert (unknown.returncode, "Give it once with --log-key" in unknown.stderr) == (2, True)
        first = command(*look, "--log-key", str(LOG.verifier), environment=theirs)
        assert (first.returncode, first.stderr) == (0, "")
        assert "with 300 entries keeps its past" in first.stdout
        assert Note.parse((state / "checkpoint").read_bytes()) == Note.parse(fetch(f"{site.address}/log/checkpoint").data)
        grow(sqlite_log, 600)
        until(lambda: site.size() == 600, site)
        assert "with 600 entries keeps its past" in command(*look, environment=theirs).stdout
        assert "Nothing is new" in command(*look, environment=theirs).stdout
    gone = command(*look, environment=theirs)
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr.count("\n") == 1
    assert "cannot be fetched" in gone.stderr


def test_a_witness_that_keeps_running_outlives_the_network_and_ends_at_a_lie(
    sqlite_log: Database, environment: dict[str, str], tmp_path: Path, a_forked_site: Callable[[int], dict[str, str]]
) -> None:
    key, state, words = tmp_path / "key", tmp_path / "state", tmp_path / "witness.txt"
    key.write_text(WITNESS.text())
    grow(sqlite_log, 300)
    port = ""
    with serving(environment, tmp_path, "--sign-every", "0.1") as site, words.open("w") as out:
        until(lambda: site.size() == 300, site)
        port = site.address.rpartition(":")[2]
        watching = subprocess.Popen(
            [sys.executable, "-m", "app", "witness", "run", "--log", f"{site.address}/log", "--state", str(state),
             "--key", str(key), "--log-key", str(LOG.verifier), "--every", "0.2"],
            cwd=ROOT, env=environment, stdout=out, stderr=out,
        )  # fmt: skip
        until(lambda: "with 300 entries keeps its past" in words.read_text(), site)
        until(lambda: WITNESS.name.encode() in fetch(f"{site.address}/log/checkpoint").data, site)
    until(lambda: "Trying again" in words.read_text(), site)
    assert watching.poll() is None
    with serving(a_forked_site(400), tmp_path, "--sign-every", "0.1", "--port", port) as liar:
        until(lambda: watching.poll() is not None, liar)
    assert watching.returncode == 1
    last = words.read_text().splitlines()[-1]
    assert "it forked: its 400 entries do not begin with the 300 that it signed before" in last
    (folder,) = (state / "evidence").iterdir()
    assert str(folder) in last
    assert (folder / "given" / "checkpoint").exists()
    assert (folder / "seen" / "checkpoint").read_bytes() == (state / "checkpoint").read_bytes()


@pytest.fixture
def a_forked_site(environment: dict[str, str], tmp_path: Path) -> Callable[[int], dict[str, str]]:
    """The environment of a site that has the log's key, and another past."""

    def fork(size: int) -> dict[str, str]:
        url = f"sqlite:///{tmp_path / 'forked.db'}"
        database = open_database(url)
        database.upgrade()
        grow(database, size, "forged")
        database.dispose()
        return environment | {"DATABASE_URL": url, "PUBLISHED_CHECKPOINT": str(tmp_path / "of-the-liar")}

    return fork
