"""The site under gunicorn with two workers: real forms at once, and workers that are killed while they answer."""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from ledger.database import open_database
from ledger.entries import Entry
from ledger.people import Person
from ledger.verify import verify
from tests.browser.serving import served
from tests.databases import Databases
from tests.faults.clerks import TODAY, Clerk, all_at_work
from tests.ledger.conftest import HOLDERS, LEADER, World, found_marlmoor

FOUNDED = 1 + len(HOLDERS)  # entries: the books, and each role
SECONDS = 3.0
SENT_AGAIN = 12  # of each clerk's forms, the last ones
CLERKS = 6
TWO = "--workers 2"


@pytest.fixture
def marlmoor(databases: Databases) -> Iterator[str]:
    """Marlmoor, founded today, with a leader who may sign in. The test runs on SQLite and on PostgreSQL."""
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    found_marlmoor(World(database, TODAY))
    with database.unit_of_work(appends=False) as unit:
        leader = unit.session.get(Person, LEADER)
        assert leader is not None
        leader.invented = True
        unit.session.add(leader)
        unit.commit()
    database.dispose()
    yield url
    databases.drop(url)


def children(process: int) -> list[int]:
    """The processes that this one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(words[1]) == process and words[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def master_of(address: str) -> int:
    """The gunicorn that we started on this address's port."""
    bound = f"127.0.0.1:{address.rpartition(':')[2]}\0".encode()
    (master,) = [child for child in children(os.getpid()) if bound in Path(f"/proc/{child}/cmdline").read_bytes()]
    return master


def workers_of(address: str) -> list[int]:
    """Its workers."""
    return children(master_of(address))


def seated(address: str) -> list[Clerk]:
    clerks = [Clerk(address) for _ in range(CLERKS)]
    for clerk in clerks:
        clerk.sit_down()
    return clerks


def recorded(url: str) -> dict[str, int]:
    """The index of each instrument by its key, once everything the log covers was found right and gap-free."""
    database = open_database(url)
    with database.reading() as session:
        verified = verify(session)
        rows = session.exec(select(Entry.index, Entry.idempotency_key).order_by(col(Entry.index))).all()
    database.dispose()
    assert [index for index, _ in rows] == list(range(verified.entries))
    return {key: index for index, key in rows[FOUNDED:]}


def pot_of(url: str) -> int:
    database = open_database(url)
    pot = World(database).balance("pot/glodbrook")
    database.dispose()
    return pot


def test_two_workers_record_every_form_once_and_without_a_gap(marlmoor: str, tmp_path: Path) -> None:
    with served(marlmoor, tmp_path / "words", GUNICORN_CMD_ARGS=TWO) as address:
        assert len(workers_of(address)) == 2
        clerks = seated(address)
        for thread in all_at_work(clerks, time.monotonic() + SECONDS):
            thread.join()
    answered = {key: index for clerk in clerks for key, index in clerk.answers.items()}
    assert all(clerk.answers for clerk in clerks)
    assert [clerk.faults for clerk in clerks] == [0] * CLERKS
    assert recorded(marlmoor) == answered
    assert pot_of(marlmoor) == 100 * len(answered)


def test_killing_workers_loses_no_entry_that_was_answered_and_the_site_goes_on(marlmoor: str, tmp_path: Path) -> None:
    dice = random.Random(20260302)  # noqa: S311 - a seed, so that a failure can be told again
    killed = 0
    with served(marlmoor, tmp_path / "words", GUNICORN_CMD_ARGS=TWO) as address:
        clerks = seated(address)
        until = time.monotonic() + SECONDS
        threads = all_at_work(clerks, until)
        while time.monotonic() < until:
            time.sleep(dice.uniform(0.2, 0.6))
            workers = workers_of(address)
            if workers:
                os.kill(dice.choice(workers), signal.SIGKILL)
                killed += 1
        for thread in threads:
            thread.join()
        answered = {key: index for clerk in clerks for key, index in clerk.answers.items()}
        assert recorded(marlmoor) == answered  # each key was sent until it was answered, so nothing else is there
        for clerk in clerks:
            for key in list(clerk.answers)[-SENT_AGAIN:]:
                assert clerk.devolve_until_answered(key).index == answered[key]
    assert killed > 2
    assert sum(clerk.faults for clerk in clerks) > 0
    assert recorded(marlmoor) == answered
    assert pot_of(marlmoor) == 100 * len(answered)
