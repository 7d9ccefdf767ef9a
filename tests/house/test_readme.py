"""The README tells the truth: its commands run as written, one after another, in a database of their own."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from app.commands import main
from tests.house.test_make import make
from tests.house.tree import ROOT, texts

README = (ROOT / "README.md").read_text()
# What never ends, what is another machine's, what a demonstration has done by itself, and what ends a log for good.
TRIED_ELSEWHERE = {
    ("serve",): "tests/log/test_serve.py",
    ("witness",): "tests/log/test_serve.py",
    ("ledger", "init-key"): "tests/log/test_history.py",
    ("ledger", "publish", "--every"): "tests/log/test_serve.py",
    ("ledger", "begin-again"): "tests/log/test_history.py",
    ("db", "upgrade", "--app-role"): "tests/log/test_publishing.py",
    ("round", "keys"): "tests/ballot/test_secret_commands.py",
    ("round", "roll"): "tests/ballot/test_secret_commands.py",
    ("round", "set-up"): "tests/ballot/test_secret_commands.py",
    ("round", "seal"): "tests/ballot/test_secret_commands.py",
    ("round", "open"): "tests/ballot/test_secret_commands.py",
    ("round", "count", "oak-street-2026"): "tests/ballot/test_secret_commands.py",
    ("round", "forget"): "tests/ballot/test_secret_commands.py",
    ("round", "letters"): "tests/paper/test_letters.py",
}


def commands(readme: str) -> list[list[str]]:
    """Each line of each block marked `sh`, as words."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme, flags=re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.strip()]


def tried_elsewhere(words: list[str]) -> str | None:
    """The module of tests that has such a command running, when it cannot run from top to bottom with the others."""
    return next((path for begin, path in TRIED_ELSEWHERE.items() if tuple(words[1 : 1 + len(begin)]) == begin), None)


def settings_read(path: str, text: str) -> set[str]:
    """The names that a file of the product reads from the environment."""
    product = path.startswith(("app/", "ledger/", "seeds/")) and path.endswith(".py")
    return set(re.findall(r"environ(?:ment)?(?:\.get\(|\[)\"([A-Z_]+)\"", text)) if product else set()


def links(readme: str) -> list[str]:
    """The files of this project that the README leads to, or names by a path."""
    named = re.findall(r"`([\w./-]+/[\w./-]*|\.?[\w-]+\.(?:py|txt|toml|md))`", readme)
    return [*re.findall(r"\]\((?!https?:)([^)]+)\)", readme), *named]


def test_the_commands_of_the_readme_are_make_and_commonpurse_only() -> None:
    assert {words[0] for words in commands(README)} == {"make", "commonpurse"}


@pytest.mark.parametrize("words", [words for words in commands(README) if words[0] == "make"], ids=" ".join)
def test_every_make_command_of_the_readme_exists(words: list[str]) -> None:
    assert make("--dry-run", *words[1:]).returncode == 0


@pytest.mark.parametrize(
    "words", [words for words in commands(README) if words[0] == "commonpurse" and tried_elsewhere(words)], ids=" ".join
)
def test_a_command_that_is_tried_elsewhere_is_read_as_written(words: list[str]) -> None:
    found: click.Command | None = main
    rest = words[1:]
    while isinstance(found, click.Group):
        found, rest = found.get_command(click.Context(found), rest[0]), rest[1:]
    assert found is not None
    assert found.make_context(words[1], rest).params
    tests = (ROOT / (tried_elsewhere(words) or "")).read_text()
    assert all(f'"{word}"' in tests for word in words[1:3] if not word.startswith("--"))


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make (\w+)", README))))
def test_every_target_that_the_readme_mentions_exists(target: str) -> None:
    assert make("--dry-run", target).returncode == 0


def test_the_readme_works_as_written_from_top_to_bottom(tmp_path: Path) -> None:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'readme.db'}",
        "SECRET_KEY_FILE": str(tmp_path / "secret_key"),
    }
    for words in commands(README):
        if words[0] == "commonpurse" and not tried_elsewhere(words):
            done = subprocess.run(
                [sys.executable, "-m", "app", *words[1:]],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
            assert done.stdout.strip(), f"{shlex.join(words)} says nothing"


def test_the_readme_names_every_setting_and_no_other() -> None:
    told = set(re.findall(r"^\| `([A-Z_]+)`", README, flags=re.MULTILINE))
    assert told == set.union(*(settings_read(path, text) for path, text in texts().items()))


def test_a_setting_is_seen_where_it_is_read() -> None:
    read = 'environment.get("SITE_NAME")\nos.environ["SECURE"]\nos.environ.get("PORT")'
    assert settings_read("app/settings.py", read) == {"SITE_NAME", "SECURE", "PORT"}


@pytest.mark.parametrize("path", links(README))
def test_every_file_that_the_readme_names_is_there(path: str) -> None:
    made_later = {
        ".venv/bin", "var/ballot_key", "var/log_key", "var/outbox", "var/published_checkpoint", "var/secret_key",
        ".make/bench.md", ".make/bench.json",
    }  # fmt: skip
    assert path in made_later or (ROOT / path).exists()
