"""A disk that is full: one clear sentence, nothing half recorded, and the ledger goes on once there is space."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.exc import DBAPIError

from app.commands import main
from ledger.database import open_database
from ledger.faults import DiskFull, in_words
from ledger.verify import verify
from tests.databases import Databases, SqliteFiles
from tests.faults.disks import CountedPages, Disk, FullTable, MountedDisk, small_directory
from tests.faults.shell import commonpurse
from tests.house.tree import ROOT
from tests.ledger.conftest import HOLDERS, World, devolve_to_glodbrook, found_marlmoor
from tests.postgres import PostgresServer

FOUNDED = 1 + len(HOLDERS)  # entries: the books, and each role
MORE_THAN_FITS = 500
ELECTION = ROOT / "tests/data/pabulib/Netherlands_Assen_2024.pb"


@dataclass
class OnASmallDisk:
    """Marlmoor, where nothing was devolved yet, on a disk that can be filled."""

    url: str
    world: World
    disk: Disk

    def whole(self) -> int:
        """How many entries there are; everything the log covers is right."""
        with self.world.database.reading() as session:
            return verify(session).entries


@pytest.fixture(scope="session")
def founded_url(databases: Databases) -> str:
    """A database in which Marlmoor is founded; no table of transfers has a row yet."""
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    found_marlmoor(World(database))
    database.dispose()
    return url


@pytest.fixture
def small(databases: Databases, founded_url: str, tmp_path: Path) -> Iterator[OnASmallDisk]:
    """The test runs on SQLite and on PostgreSQL, and as whoever runs the tests."""
    with small_directory(tmp_path / "disk") as mounted:
        if isinstance(databases, SqliteFiles):
            url = f"sqlite:///{tmp_path}/disk/small.db"
            shutil.copyfile(founded_url.removeprefix("sqlite:///"), f"{tmp_path}/disk/small.db")
        else:
            url = databases.copy_of(founded_url)
        database = open_database(url)
        world = World(database)
        world._keys = 1_000
        yield OnASmallDisk(url, world, disk_of(databases, world, tmp_path / "disk", mounted=mounted))
        database.dispose()
    databases.drop(url)


def disk_of(databases: Databases, world: World, directory: Path, *, mounted: bool) -> Disk:
    if isinstance(databases, PostgresServer):
        return FullTable(databases, world.database, "transfer")
    return MountedDisk(directory) if mounted else CountedPages(world.database)


def refused_for_want_of_space(small: OnASmallDisk) -> DBAPIError:
    """Devolve again and again until it is refused; the last key is the refused one's."""
    with pytest.raises(DBAPIError) as fault:
        for _ in range(MORE_THAN_FITS):
            devolve_to_glodbrook(small.world, money=100, minutes=0)
    return fault.value


def test_a_full_disk_refuses_in_one_sentence_records_nothing_and_goes_on_later(small: OnASmallDisk) -> None:
    small.world.size()  # the site is at work when the disk fills up
    small.disk.fill()
    said = in_words(refused_for_want_of_space(small))
    assert isinstance(said, DiskFull)
    assert "The disk that holds the ledger is full" in said.sentence
    assert "Nothing of this was recorded, and what was recorded before is kept." in said.sentence
    kept = small.whole()
    assert small.world.balance("pot/glodbrook") == 100 * (kept - FOUNDED)

    small.disk.make_space()
    small.world._keys -= 1  # the same request again
    entry = devolve_to_glodbrook(small.world, money=100, minutes=0)
    assert entry.index == kept
    assert small.whole() == kept + 1
    assert small.world.balance("pot/glodbrook") == 100 * (kept + 1 - FOUNDED)


def test_on_a_full_disk_the_ledger_can_still_be_read_and_verified(small: OnASmallDisk) -> None:
    small.world.size()
    small.disk.fill()
    done = commonpurse(small.url, "ledger", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{FOUNDED} entries" in done.stdout


@pytest.mark.parametrize("opened", ["before it was full", "when it is full already"])
def test_a_command_on_a_full_disk_says_so_in_one_sentence(
    small: OnASmallDisk, opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if opened == "before it was full":
        with small.world.unit() as unit:
            unit.now()
    small.disk.fill()
    monkeypatch.setattr("app.commands.rounds.configured_database", lambda: small.world.database)
    answer = CliRunner().invoke(main, ["round", "import", str(ELECTION), "--partnership", "assen"])
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.splitlines()[-1] == DiskFull().sentence
    small.disk.make_space()
    assert small.whole() == FOUNDED
