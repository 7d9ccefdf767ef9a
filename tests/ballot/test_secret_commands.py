"""A secret round by its commands: keys, codes, set up, seal, open, count, publish, recount, forget."""

import csv
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from nacl.signing import SigningKey

from app.commands import main
from app.settings import from_environment
from ledger.ballot.codes import credential, read_code, roll_mark
from ledger.database import open_database
from ledger.people import Role
from ledger.records import Actor
from ledger.rounds.process import ratify
from tests.ballot.living import REF, SecretRound, open_residents_round
from tests.ballot.small_round import small_round
from tests.browser.serving import served
from tests.house.tree import ROOT
from tests.ledger.conftest import CHAIR, FINANCE, REGISTRAR, World, found_marlmoor

PEOPLE = 14


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["round", *map(str, words)])


def done(*words: object) -> str:
    answer = run(*words)
    assert answer.exit_code == 0, answer.output
    return answer.output


@pytest.fixture
def three_weeks_ago(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Glodbrook's residents' round, whose last day of voting was yesterday, in the database that commands work on."""
    url = f"sqlite:///{tmp_path / 'site.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    database = open_database(url)
    database.upgrade()
    world = World(database, datetime.now(UTC).date() - timedelta(days=22))
    found_marlmoor(world)
    open_residents_round(world)
    yield world
    database.dispose()


def drawn(folder: Path) -> list[str]:
    """Names go in, codes come out."""
    folder.mkdir(exist_ok=True)
    names = folder / "names.csv"
    names.write_text("name,street\n" + "".join(f"Resident {number},Mill Lane {number}\n" for number in range(PEOPLE)))
    said = done("roll", REF, names, "--codes", folder / "codes.csv", "--marks", folder / "marks.txt")
    assert f"{PEOPLE} codes are in" in said
    with (folder / "codes.csv").open(newline="") as file:
        return [read_code(row["code"]) for row in csv.DictReader(file)]


def test_codes_are_drawn_offline_and_the_site_gets_hashes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")
    codes = drawn(tmp_path)
    marks = (tmp_path / "marks.txt").read_text()
    assert marks.split() == sorted(roll_mark(REF, credential(REF, code)) for code in codes)
    assert "Resident" not in marks
    assert not any(code in marks for code in codes)
    assert stat.S_IMODE((tmp_path / "codes.csv").stat().st_mode) == 0o600
    with (tmp_path / "codes.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["name"] == "Resident 0"
    again = run("roll", REF, tmp_path / "names.csv", "--codes", tmp_path / "codes.csv", "--marks", tmp_path / "marks.txt")
    assert (again.exit_code, "not written over" in again.output) == (2, True)


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    done("keys", tmp_path)
    for place in (1, 2, 3):
        assert stat.S_IMODE((tmp_path / f"keyholder-{place}.key").stat().st_mode) == 0o600
    assert len(set(json.loads((tmp_path / "keyholders.json").read_text()))) == 3
    again = run("keys", tmp_path)
    assert (again.exit_code, "never written over" in again.output) == (2, True)


def set_up_round(folder: Path) -> list[str]:
    """Keys made, codes drawn, and the round set up with them."""
    done("keys", folder)
    codes = drawn(folder)
    words = (
        "set-up", REF, "--keyholders", folder / "keyholders.json", "--marks", folder / "marks.txt",
        "--rerun-at", 3, "--backups-end", "2027-01-31",
    )  # fmt: skip
    assert f"{PEOPLE} codes on its roll" in done(*words)
    assert done(*words) == done(*words), "again changes nothing"
    return codes


def test_a_round_is_lived_by_commands_and_recounted_from_its_files_alone(three_weeks_ago: World, tmp_path: Path) -> None:
    files = tmp_path / "offline"
    codes = set_up_round(files)
    key = SigningKey(bytes.fromhex(from_environment().ballot_key_file.read_text()))
    living = SecretRound(three_weeks_ago, tuple(codes), (), key)  # type: ignore[arg-type]  # the keys are in files here
    old, new = (roll_mark(REF, credential(REF, code)) for code in (codes[-1], "0" * 24))
    done("replace", REF, "--revoked", old, "--added", new, "--officer", CHAIR, "--officer", REGISTRAR)
    alone = run("replace", REF, "--revoked", new, "--added", old, "--officer", CHAIR)
    assert (alone.exit_code, "It takes two officers" in alone.output) == (2, True)
    for number in range(PEOPLE - 1):
        living.cast(number)
    assert "1 batch sealed" in done("seal", REF)
    done("seal", REF, "--closing", "--box", files / "box.json")
    one = run("open", files / "box.json", "--key", files / "keyholder-2.key", "--output", files / "none.json")
    assert (one.exit_code, (files / "none.json").exists()) == (2, False)
    opened = files / "openings.json"
    pair = ("--key", files / "keyholder-3.key", "--key", files / "keyholder-2.key")
    assert "13 ballots are opened" in done("open", files / "box.json", *pair, "--output", opened)
    early = run("forget", REF)
    assert (early.exit_code, "no decision on its result" in early.output) == (2, True)
    assert "13 votes" in done("count", REF, "--openings", opened)
    assert "13 votes" in done("count", REF, "--openings", opened)
    done("publish", REF, tmp_path / "public")
    three_weeks_ago.today = datetime.now(UTC).date()
    with three_weeks_ago.unit() as unit:
        officer = Actor(FINANCE, Role.FINANCE_OFFICER)
        ratify(unit, round_ref=REF, power="P", reasons="As voted.", actor=officer, idempotency_key="ratify")
        unit.commit()
    three_weeks_ago.database.dispose()
    assert "Nothing that is stored joins" in done("forget", REF)
    said = done("recount", "--from", tmp_path / "public")
    assert "13 ballots, each in the log and each counted; the same result" in said
    assert "13 of 14 codes were used" in said


def test_a_recount_over_the_network_with_the_logs_key_proves_every_entry(three_weeks_ago: World, tmp_path: Path) -> None:
    """From the served address; and a batch that was forged together with all that follows from it is not in the log."""
    codes = set_up_round(tmp_path)
    key = SigningKey(bytes.fromhex(from_environment().ballot_key_file.read_text()))
    living = SecretRound(three_weeks_ago, tuple(codes), (), key)  # type: ignore[arg-type]  # the keys are in files here
    for number in range(12):
        living.cast(number)
    done("seal", REF, "--closing", "--box", tmp_path / "box.json")
    pair = ("--key", tmp_path / "keyholder-1.key", "--key", tmp_path / "keyholder-2.key")
    done("open", tmp_path / "box.json", *pair, "--output", tmp_path / "openings.json")
    done("count", REF, "--openings", tmp_path / "openings.json")
    unsigned = ("recount", "--key", CliRunner().invoke(main, ["ledger", "init-key"]).output.split()[-1])
    done("publish", REF, tmp_path / "early")
    assert "has no proof that it is in the log" in run(*unsigned, "--from", tmp_path / "early").output
    assert CliRunner().invoke(main, ["ledger", "publish"]).exit_code == 0
    url = three_weeks_ago.database.url.render_as_string(hide_password=False)
    with served(url, tmp_path / "gunicorn.log") as address:
        said = done(*unsigned, "--from", f"{address}/vote/{REF}/files")
        gone = run(*unsigned, "--from", f"{address}/vote/nowhere/files")
    assert "12 ballots, each in the log" in said
    assert "Not checked" not in said
    assert (gone.exit_code, "is not there" in gone.output) == (1, True)
    done("publish", REF, tmp_path / "public")
    sealed = tmp_path / "public" / "sealed.json"
    sealed.write_text(sealed.read_text().replace('\\"batch\\":0', '\\"batch\\":0,\\"more\\":1'))
    forged = run(*unsigned, "--from", tmp_path / "public")
    assert forged.exit_code == 1
    assert "is not in the log as it is written here" in forged.output


def test_a_recount_needs_no_database_and_names_what_was_changed(tmp_path: Path) -> None:
    """In a process of its own, with a database that is not there."""
    folder = tmp_path / "public"
    shutil.copytree(ROOT / "tests" / "data" / "ballots", folder)
    words = [sys.executable, "-m", "app", "round", "recount", "--from", str(folder)]
    environment = os.environ | {"DATABASE_URL": "sqlite:////nowhere/at/all.db"}
    whole = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (whole.returncode, "25 ballots" in whole.stdout) == (0, True), whole.stderr
    used = json.loads((folder / "used.json").read_text())
    gone = used["used"].pop(3)
    used["used"].insert(3, "f" * 64)
    (folder / "used.json").write_text(json.dumps(used))
    changed = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert changed.returncode == 1
    assert f"used.json: {'f' * 64} is of no code on the roll" in changed.stdout
    assert gone not in changed.stdout
    assert "Traceback" not in changed.stderr


@pytest.mark.parametrize("words", [("--from", "nowhere"), ("--from", "tests/data/ballots", "--key", "nonsense")])
def test_what_cannot_be_recounted_is_one_sentence(words: tuple[str, ...]) -> None:
    answer = run("recount", *words)
    assert answer.exit_code in {1, 2}
    assert len(answer.output.strip().splitlines()) == 1


def test_with_the_logs_key_an_entry_has_to_prove_that_it_is_in_the_log() -> None:
    key = "commonpurse.example/log+0d82bf72+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    answer = run("recount", "--from", "tests/data/ballots", "--key", key)
    assert answer.exit_code == 1
    assert "sealed.json: entry 70 has no proof that it is in the log." in answer.output


def test_the_example_in_the_repository_is_the_one_of_the_tests() -> None:
    for name, content in small_round().files().items():
        assert (ROOT / "tests" / "data" / "ballots" / name).read_bytes() == content
