"""The command `commonpurse` as an operator runs it: in a process of its own, over one database."""

import os
import subprocess
import sys

from tests.house.tree import ROOT

_PATIENCE = 60.0  # seconds


def commonpurse(url: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end; what it said is in `stdout` and `stderr`."""
    settings = os.environ | {"DATABASE_URL": url, "SECRET_KEY": "-" * 40} | environment
    command = [sys.executable, "-m", "app", *words]
    return subprocess.run(
        command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )  # fmt: skip


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What it said on stderr, which is one line and no trace."""
    lines = done.stderr.splitlines()
    if len(lines) != 1 or "Traceback" in done.stderr:
        raise AssertionError(done.stderr)
    return lines[0]
