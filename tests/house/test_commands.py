"""The command line: every command answers --help in words, and errors are one sentence, never a trace."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from app.commands import main
from tests.house.tree import ROOT

PROMISED = {
    "serve", "seed", "doctor", "tally", "round import", "round export", "round count", "round ratify",
    "ledger verify", "ledger rebuild", "ledger export", "ledger import", "ledger init-key", "ledger publish",
    "ledger begin-again", "verify-proof", "audit", "witness init-key", "witness once", "witness run",
    "person find", "person export", "person erase", "person invite", "person bar", "person admit",
    "story withdraw", "retention", "db upgrade", "keys rotate",
    "round keys", "round roll", "round set-up", "round replace", "round seal", "round open", "round publish", "round recount",
    "round forget",
    "round letters", "round papers", "round sample",
}  # fmt: skip


def walk(command: click.Command, *names: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The command and all below it, each with the words that call it."""
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from walk(below, *names, name)


COMMANDS = list(walk(main))
NAMES = [" ".join(names) or "commonpurse" for names, _ in COMMANDS]


def complaints(command: click.Command) -> list[str]:
    """What a reader of its help would miss."""
    silent = [word.opts[0] for word in command.params if isinstance(word, click.Option) and not word.help]
    found = [] if (command.help or "").strip() else ["it does not say what it does"]
    return found + [f"{option} does not say what it is for" for option in silent]


@pytest.mark.parametrize(("names", "command"), COMMANDS, ids=NAMES)
def test_every_command_answers_help_in_words(names: tuple[str, ...], command: click.Command) -> None:
    answer = CliRunner().invoke(main, [*names, "--help"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Usage:")
    assert complaints(command) == []


def test_a_command_without_words_is_seen() -> None:
    silent = click.Command("silent", params=[click.Option(["--loud"])])
    assert complaints(silent) == ["it does not say what it does", "--loud does not say what it is for"]


def test_the_commands_that_were_promised_are_there() -> None:
    assert set(NAMES) >= PROMISED


def test_an_unknown_command_is_used_wrongly_and_says_so_without_a_trace() -> None:
    answer = CliRunner().invoke(main, ["confiscate"])
    assert answer.exit_code == 2
    assert "No such command 'confiscate'" in answer.output


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "app", "--help"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "round" in done.stdout
