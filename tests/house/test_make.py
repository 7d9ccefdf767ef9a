"""`make` as a newcomer meets it: help that lists every target, a sentence where something is missing, one door for CI."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE)
NEEDED = {"help", "setup", "run", "test", "lint", "bench", "audit", "lock"}


def make(*arguments: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell, not as a part of the make that runs the tests."""
    clean = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON"}}
    program = shutil.which("make") or "make"
    return subprocess.run(
        [program, *arguments], cwd=folder, env=clean | environment, capture_output=True, text=True, check=False
    )


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what make reads, and nothing made yet."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for file in ("Makefile", "requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        shutil.copy(ROOT / file, folder)
    return folder


def test_help_lists_every_target_with_what_it_does() -> None:
    shown = dict(re.findall(r"^make (\w+) +(\S.*)$", make("help").stdout, flags=re.MULTILINE))
    assert list(shown) == TARGETS
    assert set(TARGETS) >= NEEDED
    assert make().stdout == make("help").stdout


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_can_be_planned(target: str) -> None:
    done = make("--dry-run", target)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_target_cannot_be_planned() -> None:
    assert make("--dry-run", "everything").returncode != 0


def test_without_python_3_11_one_sentence_says_what_to_do(clone: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin/python3", "exit 1")
    done = make("run", folder=clone, PATH=str(tmp_path / "bin"))
    assert done.returncode != 0
    assert done.stderr.startswith("Commonpurse needs Python 3.11 with its venv module.")
    assert not (clone / ".venv").exists()


def test_a_python_that_does_not_run_is_passed_over(clone: Path, tmp_path: Path) -> None:
    """A pyenv shim called python3.11 may be there and fail; a folder of the PATH may have a space in its name."""
    program(tmp_path / "first one/python3.11", "exit 127")
    program(tmp_path / "second/python3", f'test "$1" = -c || echo "$0 $*" >"{tmp_path}/called"')
    done = make(".venv/bin/python", folder=clone, PATH=f"{tmp_path}/first one:{tmp_path}/second")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "called").read_text() == f"{tmp_path}/second/python3 -m venv --clear .venv\n"


def test_the_python_that_is_asked_for_is_taken(clone: Path, tmp_path: Path) -> None:
    program(tmp_path / "elsewhere/python", f'test "$1" = -c || echo "$0" >"{tmp_path}/called"')
    make(".venv/bin/python", f"PYTHON={tmp_path}/elsewhere/python", folder=clone)
    assert (tmp_path / "called").read_text() == f"{tmp_path}/elsewhere/python\n"


def test_ci_runs_make_test_and_nothing_else(tmp_path: Path) -> None:
    program(tmp_path / "make", 'echo "CI=$CI make $* in $PWD"')
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CI": ""}
    done = subprocess.run([ROOT / ".ci/run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"CI=true make test in {ROOT}\n"
