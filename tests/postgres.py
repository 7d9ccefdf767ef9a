"""A real PostgreSQL for one test session: started when first asked for, gone without a trace when the session ends.

It listens on a socket in its own private directory and nowhere else, so nothing can collide with it. PostgreSQL refuses to
run as root, so under root it runs as `postgres` or, where there is no such user, as `nobody`.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.system_packages import postgres_binaries

OWNER = "commonpurse"  # owns each database and is no superuser: tests run with the rights a real installation has
SUPERUSER = "postgres"
_PORT = 5432  # names the socket's file
_LONGEST_SOCKET = 107  # bytes; the operating system's limit
_SECONDS_TO_START = 60

# Durability is switched off: a test's database dies with the test. The clock's zone is far from UTC, so that a moment
# stored without its zone shows.
_SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "timezone": "Asia/Kathmandu",
}

_NOTHING: Mapping[str, str] = MappingProxyType({})

# The pipe on its standard input is open as long as the test session lives. However that ends, killed included, the
# guard reads the end of the pipe, stops the server by its process id and removes its directory.
_GUARD = """
"$@" & server=$!
cat >/dev/null
kill -QUIT "$server"
wait "$server"
cd / && rm -rf "$DIRECTORY"
"""


class ServerDidNotStart(RuntimeError):
    """PostgreSQL did not start; the message is its own log."""


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class PostgresServer:
    """A running server. Each database it makes is a fresh one."""

    directory: Path
    _numbers: Iterator[int]

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of a database, as SQLAlchemy spells it."""
        place = {"host": str(self.directory), "port": str(_PORT)}
        return URL.create("postgresql+psycopg", username=user, database=database, query=place).render_as_string()

    def empty(self) -> str:
        """A new database with nothing in it."""
        return self._create("template0")

    def copy_of(self, url: str) -> str:
        """A new database with all that is in another, to which nobody may be connected. Takes some 50 ms."""
        return self._create(_name(url))

    def drop(self, url: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self._order("DROP DATABASE {} WITH (FORCE)", _name(url))

    def _create(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self._order("CREATE DATABASE {} TEMPLATE {} OWNER {}", name, template, OWNER)
        return self.url(name)

    def _order(self, order: str, *names: str) -> None:
        with psycopg.connect(host=str(self.directory), port=_PORT, user=SUPERUSER, autocommit=True) as connection:
            connection.execute(sql.SQL(order).format(*map(sql.Identifier, names)))


@contextmanager
def running_postgres(
    *, settings: Mapping[str, str] = _NOTHING, place: Path | None = None, environment: Mapping[str, str] = _NOTHING
) -> Iterator[PostgresServer]:
    """Start a server for the time of the `with`.

    `settings` and `environment` are put on top of its own; `place` is the folder in which its private directory is made.
    """
    programs = postgres_binaries()
    if programs is None:
        raise ServerDidNotStart("There is no PostgreSQL on this machine: `make packages` installs it or says how.")
    user = _user()
    directory = _private_directory(user, place)
    plain = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "DIRECTORY": str(directory)}
    data, log = directory / "data", directory / "log"
    try:
        _initialise(programs / "initdb", data, user, plain)
        chosen = [f"--{name}={value}" for name, value in {**_SETTINGS, **settings}.items()]
        command = [programs / "postgres", "-D", data, "-k", directory, "-p", str(_PORT), *chosen]
        guarded = partial(subprocess.Popen, cwd=directory, env={**plain, **environment}, start_new_session=True, **user)
        with (
            log.open("wb") as words,
            guarded(["/bin/sh", "-c", _GUARD, "guard", *command], stdin=subprocess.PIPE, stdout=words, stderr=words),
        ):
            _wait_until_ready(log)
            server = PostgresServer(directory, count(1))
            server._order("CREATE ROLE {} LOGIN CREATEROLE", OWNER)  # it may make the roles that a test gives fewer rights to
            yield server
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _name(url: str) -> str:
    return make_url(url).database or ""


def _user() -> _User:
    """Who runs the server: ourselves, unless we are root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = names.get("postgres") or names["nobody"]
    return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}


def _private_directory(user: _User, wanted: Path | None) -> Path:
    """A new directory that belongs to the server's user alone, where that user can reach it and a socket's name fits."""
    for place in (wanted,) if wanted else (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp makes a private directory in it
        directory = Path(tempfile.mkdtemp(prefix="commonpurse-", dir=place))
        if user:
            os.chown(directory, user["user"], user["group"])
        if _can_enter(directory, user) and len(bytes(directory / f".s.PGSQL.{_PORT}")) <= _LONGEST_SOCKET:
            return directory
        directory.rmdir()
    raise ServerDidNotStart("No temporary directory suits the server. Set TMPDIR to a short one that every user may enter.")


def _can_enter(directory: Path, user: _User) -> bool:
    enter = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
    return subprocess.run(enter, cwd="/", stderr=subprocess.DEVNULL, check=False, **user).returncode == 0


def _initialise(initdb: Path, data: Path, user: _User, environment: dict[str, str]) -> None:
    """Make the data directory. Whoever can reach the socket is trusted, and only we can."""
    who = ["-U", SUPERUSER, "-A", "trust"]
    how = ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    command = [str(initdb), "-D", str(data), *who, *how]
    made = subprocess.run(command, cwd=data.parent, env=environment, capture_output=True, text=True, check=False, **user)
    if made.returncode != 0:
        raise ServerDidNotStart(f"initdb failed:\n{made.stdout}{made.stderr}")


def _wait_until_ready(log: Path) -> None:
    patience = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < patience:
        words = log.read_text()
        if "ready to accept connections" in words:
            return
        if "FATAL" in words:
            break
        time.sleep(0.01)
    raise ServerDidNotStart(f"PostgreSQL did not start:\n{log.read_text()}")
