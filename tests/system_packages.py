"""Chromium, PostgreSQL and hledger for the tests: found, or installed as root on Debian, or named in one sentence.

Run by `make test` as `python -m tests.system_packages`. A missing part is a failure, never a silent skip.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CHROMIUM = Path("/usr/bin/chromium")
HLEDGER = Path("/usr/bin/hledger")
MACHINE = Path("/")
_CLUSTERS = "etc/postgresql-common/createcluster.conf"

Run = Callable[[Sequence[str], Mapping[str, str]], int]


def postgres_binaries(machine: Path = MACHINE) -> Path | None:
    """Where the newest PostgreSQL keeps `initdb` and `postgres`: Debian does not put them on the PATH."""
    folders = [program.parent for program in machine.glob("usr/lib/postgresql/*/bin/initdb")]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def missing(machine: Path = MACHINE) -> list[str]:
    """The Debian packages that the tests need and this machine lacks."""
    chromium = machine / CHROMIUM.relative_to("/")
    found = {
        "chromium": chromium.exists(),
        "postgresql": postgres_binaries(machine) is not None,
        "hledger": (machine / HLEDGER.relative_to("/")).exists(),
    }
    return [package for package, there in found.items() if not there]


def provide(machine: Path, *, as_root: bool, run: Run) -> str | None:
    """Install what is missing, where that is possible; otherwise the sentence that says what to install."""
    packages = missing(machine)
    if not packages:
        return None
    advice = (
        f"The tests need {' and '.join(packages)}. Install with: apt-get install --no-install-recommends {' '.join(packages)}"
    )
    if not as_root:
        return f"{advice} (as root), then run make test again."
    if "postgresql" in packages:
        _keep_debian_from_starting_a_server(machine / _CLUSTERS)
    environment = {"DEBIAN_FRONTEND": "noninteractive", "UCF_FORCE_CONFFOLD": "1"}
    for command in (["update", "--quiet"], ["install", "--quiet", "--yes", "--no-install-recommends", *packages]):
        if run(["apt-get", *command], environment) != 0:
            return f"{advice}. It was tried as root, and apt-get did not succeed: see above."
    still = missing(machine)
    return f"apt-get installed {' and '.join(packages)}, but {' and '.join(still)} cannot be found." if still else None


def _keep_debian_from_starting_a_server(setting: Path) -> None:
    """The package would make a data directory and a server of its own; the tests make theirs. A setting that is there stays."""
    if not setting.exists():
        setting.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        setting.write_text("create_main_cluster = false\n")
        setting.chmod(0o644)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command as a person would, with its words on our output; 127 where there is no such command."""
    if shutil.which(command[0]) is None:
        return 127
    return subprocess.run(command, env={**os.environ, **environment}, umask=0o022, check=False).returncode


if __name__ == "__main__":
    sys.exit(provide(MACHINE, as_root=os.geteuid() == 0, run=_run))
