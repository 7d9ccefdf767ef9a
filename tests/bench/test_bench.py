"""The program that measures: its workload is lawful and the same each time, and whoever computes wrong answers is found out."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ledger.tree import leaf_hash, root_of
from tests.bench import measuring, row_audit
from tests.bench.__main__ import main
from tests.bench.crews import Crew
from tests.bench.disk import built_shim, filesystem
from tests.bench.grounds import MAKES, Ground
from tests.bench.measuring import Bench
from tests.bench.tiles import write_log
from tests.bench.workload import all_accounts, balances_after, steps, workable
from tests.databases import SqliteFiles
from tests.postgres import PostgresServer

ENTRIES = 60


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Bench]:
    """Sixty entries of one partnership."""
    folder = tmp_path_factory.mktemp("bench")
    with ExitStack() as stack:
        place = Ground("here", folder, folder, False, {}, 1, stack, SqliteFiles(folder), postgres_server)
        yield Bench(ENTRIES, 1, 1, 0.05, False, place, [], [])


def quick(folder: Path, *rows: str) -> list[str]:
    """What makes the program quick: one round of thirty entries, in memory only."""
    only = [word for row in rows for word in ("--only", row)]
    return [*only, "--entries", "30", "--places", "1", "--rounds", "1", "--seconds", "0.05", "--to", str(folder)]


def test_the_workload_is_what_was_promised() -> None:
    told = list(steps(5_000))
    assert told == list(steps(5_000))
    assert {len(step.movements) for step in told} == {1, 2, 3}
    assert {moved.resource for step in told for moved in step.movements} == {"GBP", "TIME"}
    used = {path for step in told for moved in step.movements for path in (moved.from_account, moved.to_account)}
    assert used <= set(all_accounts())
    assert len(set(all_accounts())) == len(all_accounts()) == 1_000


def test_clients_share_the_workload_without_waiting_for_each_other() -> None:
    shares = workable(steps(1_000), clients=3)
    assert sorted(step.number for share in shares for step in share) == list(range(1_000))
    for share in shares:
        seen = {step.number for step in share}
        assert all(step.rests_on in seen for step in share if step.rests_on is not None)


def test_everyone_who_is_measured_comes_to_the_same_balances(small: Bench) -> None:
    """Our door by one poster and by several, raw inserts and hordak, on each database: all hold what the workload comes to."""
    place = small.anywhere()
    ours = [small.ours(place, make) for make in MAKES] + [small.ours(place, "PostgreSQL", processes=2, threads=2)]
    raw = [*(small.raw(place, make) for make in MAKES), small.bare(place, "PostgreSQL")]
    crews = [*ours, *raw, small.hordak(place), small.hordak(place, bulk=True)]
    small.take_turns(crews)
    assert small.wrong == []
    assert all(crew.recorded and crew.rates for crew in crews)


@pytest.mark.parametrize("make", MAKES)
def test_a_raw_bulk_insert_writes_the_rows_of_post_many(make: str, small: Bench) -> None:
    place = small.anywhere()
    ours, raw = place.copy(make), place.copy(make)
    for job in (small.job("ours-many", url=ours), small.job("raw-bulk", url=raw, before=place.laid(make), after=ours)):
        with Crew(job["peer"], job) as crew:
            crew.record(ENTRIES)
            small.check(crew, small.expected(ENTRIES))
    assert small.wrong == []


def test_a_peer_with_other_balances_is_named(small: Bench) -> None:
    with small.ours(small.anywhere(), "SQLite") as crew:
        crew.record(10)
        small.check(crew, small.expected(11))
    assert [wrong.partition(" holds ")[0] for wrong in small.wrong] == ["ours, 1 × 1"]
    small.wrong.clear()


def test_the_program_prints_its_table_and_exits_1_only_when_an_answer_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(measuring, "disk_place", lambda: None)
    assert main(quick(tmp_path, "6")) == 0
    printed = capsys.readouterr().out
    assert "| row | what | at least | measured |" in printed
    assert all(name in printed for name in ("hledger", "ledger", "beancount", "PostgreSQL", "kernel"))
    assert (tmp_path / "bench.md").read_text() == printed
    monkeypatch.setattr(row_audit, "hledger_balances", lambda _printed: {"pot/glodbrook GBP": 1})
    assert main(quick(tmp_path, "6")) == 1
    assert "hledger prints other balances" in capsys.readouterr().err


def test_the_shim_slows_whoever_is_started_with_it(tmp_path: Path) -> None:
    shim = built_shim(tmp_path)
    assert shim is not None
    story = "import os; print('slow_flush.so' in open('/proc/self/maps').read(), os.fsync(os.open('/', os.O_RDONLY)))"
    environment = os.environ | {"LD_PRELOAD": str(shim), "FLUSH_MICROSECONDS": "1"}
    done = subprocess.run([sys.executable, "-c", story], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "True None\n"


def test_a_folder_in_memory_is_told_from_one_on_a_disk(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda / ext4 rw 0 0\ntmpfs {tmp_path}/memory tmpfs rw 0 0\n")
    (tmp_path / "memory").mkdir()
    assert (filesystem(tmp_path, mounts), filesystem(tmp_path / "memory", mounts)) == ("ext4", "tmpfs")


def test_the_log_is_written_as_the_tiles_of_the_standard(tmp_path: Path) -> None:
    """66,000 entries: 257 full tiles and one of 208 hashes; one full tile above them and one of a single hash; and its root."""
    entries = [number.to_bytes(4, "big") for number in range(66_000)]
    write_log(tmp_path, iter(entries))
    paths = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert len([path for path in paths if path.startswith("tile/0/")]) == 258
    assert {path for path in paths if not path.startswith(("tile/0/", "tile/entries/"))} == {
        "checkpoint", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"
    }  # fmt: skip
    assert (tmp_path / "tile/entries/257.p/208").stat().st_size == 208 * 6
    upper = (tmp_path / "tile/1/001.p/1").read_bytes()
    assert upper == root_of([leaf_hash(entry) for entry in entries[65_536:65_792]])


def test_what_comes_and_goes_leaves_no_balance() -> None:
    moved = [moved for step in steps(100) for moved in step.movements]
    sums = balances_after(moved)
    assert sum(amount for name, amount in sums.items() if name.endswith("GBP")) == 0
    assert 0 not in sums.values()
