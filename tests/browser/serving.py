"""The site as it is served: gunicorn over a database, on a port of this machine, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.house.tree import ROOT

_PATIENCE = 30.0  # seconds


@contextmanager
def served(database_url: str, log: Path, *, site: str = "wsgi:app", **settings: str) -> Iterator[str]:
    """The address of the site over this database, with these settings, for as long as the block lasts."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4", site]
    environment = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "-" * 40, **settings}
    with log.open("w") as words:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=words, stderr=words)
        try:
            _wait_for(address, process, log)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(f"{address}/accessibility", timeout=_PATIENCE):  # noqa: S310 - our own address
                return
        except URLError:
            time.sleep(0.05)
    raise AssertionError(f"the site did not come up:\n{log.read_text()}")
