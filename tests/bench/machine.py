"""The machine on which it was measured, and the versions of everything that was."""

import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.bench.disk import disk_place, filesystem
from tests.system_packages import HLEDGER, postgres_binaries

_GIGABYTE = 1024**3


def described() -> dict[str, str]:
    """One line for each thing that a reader has to know."""
    binaries, ledger, disk = postgres_binaries(), shutil.which("ledger"), disk_place()
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / _GIGABYTE:.1f} GB",
        "kernel": platform.release(),
        "disk": f"{filesystem(disk)} at {disk}" if disk else "none",
        "load when it began": " ".join(f"{load:.2f}" for load in os.getloadavg()),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _says([str(binaries / "postgres"), "--version"]) if binaries else "not installed",
        "hledger": _says([str(HLEDGER), "--version"]) if HLEDGER.exists() else "not installed",
        "ledger": _says([ledger, "--version"]) if ledger else "not installed (on Debian: apt-get install ledger)",
        "beancount": version("beancount"),
        "django-hordak": f"{version('django-hordak')} on Django {version('django')}",
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _says(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0].strip()
