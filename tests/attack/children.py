"""Programs that `make audit` starts: each in a session of its own, bounded in time, and ended by its own process id."""

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import ROOT

MADE = ROOT / ".make"
KEPT = MADE / "attack"  # what each program said
OVERTIME = 124  # the exit code of a program that took too long
_OFFLINE = {
    "SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0", "NO_COLOR": "1", "PYTHONWARNINGS": "ignore",
    "no_proxy": "127.0.0.1", "NO_PROXY": "127.0.0.1",
}  # fmt: skip

_running: set[int] = set()


@dataclass(frozen=True, slots=True)
class Said:
    """How a program ended, and what it wrote."""

    code: int
    words: str


def run(command: Sequence[str | Path], *, seconds: float, log: str, folder_of_work: Path = ROOT) -> Said:
    """Run a program of an audit environment until it ends or its time is up; its words are kept in `.make/attack/`."""
    for made in (KEPT, MADE / "home"):
        made.mkdir(parents=True, exist_ok=True)
    folder = Path(command[0]).parent
    home = {"HOME": str(MADE / "home"), "PATH": f"{folder}:{os.environ['PATH']}"}  # what they note beside, they note there
    with subprocess.Popen(
        [str(word) for word in command],
        cwd=folder_of_work,
        env={**os.environ, **_OFFLINE, **home},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as child:
        _running.add(child.pid)
        try:
            written, code = child.communicate(timeout=seconds)[0], child.returncode
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # it leads a group of its own, with what it started
            written, code = child.communicate()[0], OVERTIME
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)
            raise
        finally:
            _running.discard(child.pid)
    words = written.decode(errors="replace")
    (KEPT / f"{log}.log").write_text(f"{shlex.join(map(str, command))}\n{words}\nexit {code}\n")
    return Said(code, words)


def end_all() -> None:
    """End what still runs, whichever thread waits for it."""
    for leader in list(_running):
        with suppress(ProcessLookupError):
            os.killpg(leader, signal.SIGKILL)
