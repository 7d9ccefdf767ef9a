"""Nothing is skipped silently: on the build machine a skipped test has failed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

STORY = """
import pytest

def test_a_part_is_missing_here():
    pytest.skip("there is no such part on this machine")

@pytest.mark.xfail(reason="the library has a fault, and we wait for its release", strict=True)
def test_a_known_fault_of_a_library():
    assert False
"""


@pytest.mark.parametrize(
    ("ci", "status", "summary"), [("true", 1, "1 failed, 1 xfailed"), ("", 0, "1 skipped, 1 xfailed")], ids=["ci", "desk"]
)
def test_a_skip_fails_on_the_build_machine_only(ci: str, status: int, summary: str, tmp_path: Path) -> None:
    story = tmp_path / "test_story.py"
    story.write_text(STORY)
    alone = ["-q", "-c", os.devnull, "--rootdir", str(tmp_path), "-p", "no:cacheprovider", "-p", "tests.conftest"]
    command = [sys.executable, "-m", "pytest", *alone, str(story)]
    environment = os.environ | {"CI": ci}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, summary in done.stdout) == (status, True), done.stdout + done.stderr
