"""`commonpurse ledger export` and `import`: files that are whole or not there, and refusals of one sentence."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.commands import main
from ledger.database import open_database
from ledger.exports import FORMATS
from ledger.tree import leaf_hash, root_of
from tests.databases import SqliteFiles
from tests.house.tree import ROOT

Command = Callable[..., Result]


def on(url: str) -> Command:
    """`commonpurse ledger …` on the database at `url`."""
    environment = {"DATABASE_URL": url, "SECRET_KEY": "-" * 40}
    return lambda *words: CliRunner().invoke(main, ["ledger", *map(str, words)], env=environment)


@pytest.fixture
def story(told_story: str, sqlite_files: SqliteFiles) -> Iterator[str]:
    url = sqlite_files.copy_of(told_story)
    yield url
    sqlite_files.drop(url)


@pytest.fixture
def empty(sqlite_url: str) -> str:
    database = open_database(sqlite_url)
    database.upgrade()
    database.dispose()
    return sqlite_url


def test_the_log_goes_out_of_one_database_and_into_another(story: str, empty: str, tmp_path: Path) -> None:
    file, again = tmp_path / "made" / "ledger.jsonl", tmp_path / "again.jsonl"
    said = on(story)("export", "--format", "jsonl", "--output", file)
    lines = file.read_bytes().splitlines()
    assert said.output == f"{len(lines):,} entries were written to {file}.\n"
    said = on(empty)("import", "--format", "jsonl", file)
    root = root_of([leaf_hash(line) for line in lines]).hex()
    assert (said.exit_code, said.stderr) == (0, "")
    assert said.stdout.startswith(
        f"{len(lines):,} entries were restored. The ledger holds {len(lines):,}, under the root {root}."
    )
    assert (
        "Names, texts, rounds and ballots stand beside the log and are not in this file: they come from a backup."
        in said.stdout
    )
    on(empty)("export", "--format", "jsonl", "--output", again)
    assert again.read_bytes() == file.read_bytes()
    said = on(empty)("import", "--format", "jsonl", file)
    assert said.output.startswith("Every entry in the file is here already, and nothing was recorded twice.")
    said = on(empty)("verify", "--log-only")
    assert (said.exit_code, root in said.output) == (0, True)
    said = on(empty)("verify")
    assert said.exit_code == 1
    assert "its row is missing (when a log was imported, it comes from a backup; --log-only leaves it out)" in said.stderr


def test_a_broken_line_is_named_and_the_ledger_stays_as_it_was(story: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    on(story)("export", "--format", "jsonl", "--output", file)
    file.write_bytes(file.read_bytes()[:-1])
    said = on(empty)("import", "--format", "jsonl", file)
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr.endswith(
        "cut short, and the file ends in it. Nothing was recorded; get the file again from where it was exported.\n"
    )
    assert on(empty)("export", "--format", "jsonl").output == ""


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_goes_to_standard_output_and_to_a_file_alike(story: str, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"ledger.{form}"
    file.write_text("of yesterday")
    said = on(story)("export", "--format", form)
    assert on(story)("export", "--format", form, "--output", file).exit_code == 0
    assert (said.exit_code, said.stderr, said.stdout_bytes) == (0, "", file.read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_one_authority_may_be_asked_for(story: str) -> None:
    said = on(story)("export", "--format", "csv", "--authority", "wieliczka-city")
    assert "wieliczka" in said.stdout
    assert "marlmoor" not in said.stdout
    assert said.exit_code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["export", "--format", "xml"], "Invalid value for '--format': 'xml' is not one of 'jsonl'"),
        (["export"], "Missing option '--format'"),
        (["export", "--format", "csv", "--authority", "nobody"], "There is no authority called “nobody”."),
        (["export", "--format", "jsonl", "--authority", "marlmoor"], "A jsonl export is the whole ledger"),
        (["export", "--format", "csv", "--output", "{folder}"], "{folder} cannot be written (Is a directory)."),
        (["export", "--format", "csv", "--output", "{folder}/file/csv"], "{folder}/file/csv cannot be written ("),
        (["export", "--format", "csv", "--output", "/dev/full"], "/dev/full cannot be written (No space left on device)."),
        (["import", "--format", "csv", "{folder}/file"], "Invalid value for '--format': 'csv' is not"),
        (["import", "--format", "jsonl", "{folder}/none"], "There is no file none that can be read."),
        (["import", "--format", "jsonl", "{folder}"], "There is no file "),
        (["import", "--format", "jsonl", "{folder}/file"], "Line 1 cannot be restored: it is cut short"),
    ],
)  # fmt: skip
def test_wrong_use_is_one_sentence_and_exit_code_2(story: str, tmp_path: Path, words: list[str], says: str) -> None:
    (tmp_path / "file").write_text("x")
    said = on(story)(*(word.format(folder=tmp_path) for word in words))
    assert (said.exit_code, said.stdout) == (2, "")
    assert said.stderr.startswith(says.format(folder=tmp_path))
    assert said.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_file_that_could_not_be_finished_is_not_there(story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last entry's bytes are no entry: what was there before is kept, and no half of a file is left."""
    database = open_database(story)
    with database.unit_of_work() as unit:
        connection = unit.session.connection()
        connection.exec_driver_sql("DROP TRIGGER entry_refuses_update")
        connection.exec_driver_sql('UPDATE entry SET written = X\'7B7D\' WHERE "index" = (SELECT max("index") FROM entry)')
        unit.commit()
    database.dispose()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ledger.csv").write_text("of yesterday")
    said = on(story)("export", "--format", "csv", "--output", "ledger.csv")
    assert said.exit_code == 2
    assert said.stderr == "The stored bytes of an entry do not read as an entry: ValidationError.\n"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("ledger.csv", "of yesterday")]


def test_a_reader_who_stops_early_ends_the_export_in_one_sentence(story: str) -> None:
    environment = os.environ | {"DATABASE_URL": story, "SECRET_KEY": "-" * 40}
    words = [sys.executable, "-m", "app", "ledger", "export", "--format", "jsonl"]
    with subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        export.stdout.read(10)
        export.stdout.close()
        said = export.stderr.read()
    assert (export.returncode, said) == (2, "The export stopped, because nobody reads it any more. Nothing was changed.\n")
