"""What the disk itself does: its flushes a second; which place is a disk and which is memory; and flushes made slower."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.bench.workload import Step

REAL_DISK = 285  # flushes a second of a disk that really keeps what it answers; to this the shim slows a faster one
_SHIM = Path(__file__).with_name("slow_flush.c")
_PAGE = 4_096
_PAGES = 4_096
_IN_MEMORY = {"tmpfs", "ramfs"}


class Flush:
    """The disk's own rate, as a peer: for each entry one page is written in a file made before, and flushed."""

    def __init__(self, file: str) -> None:
        """The file is made whole first, so that a flush carries the page and not the file's new length."""
        self._file, self._count, self._page = Path(file), 0, 0
        self._file.write_bytes(bytes(_PAGE * _PAGES))
        self._handle = os.open(self._file, os.O_WRONLY)
        os.fsync(self._handle)

    def lay(self) -> None:
        """There is nothing to lay."""

    def prepare(self, chosen: list[Step]) -> None:
        self._count = len(chosen)

    def run(self) -> int:
        written = os.urandom(_PAGE)
        for _ in range(self._count):
            os.pwrite(self._handle, written, self._page % _PAGES * _PAGE)
            os.fdatasync(self._handle)
            self._page += 1
        return self._count

    def balances(self) -> None:
        return None

    def close(self) -> None:
        os.close(self._handle)
        self._file.unlink()


def filesystem(place: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that a folder is on: “ext4”, “tmpfs”; “unknown” where the system does not say."""
    if not mounts.exists():
        return "unknown"
    found = {Path(line.split()[1]): line.split()[2] for line in mounts.read_text().splitlines()}
    holding = [folder for folder in (place.resolve(), *place.resolve().parents) if folder in found]
    return found[holding[0]] if holding else "unknown"


def memory_place() -> Path | None:
    """A folder in memory, where the disk does not hide the code; none where there is none."""
    shared = Path("/dev/shm")  # noqa: S108 - private directories are made in it
    return shared if shared.is_dir() and filesystem(shared) in _IN_MEMORY and os.access(shared, os.W_OK) else None


def disk_place() -> Path | None:
    """A folder on a disk that any user may enter (the server runs as another one); none where there is none."""
    for place in (Path(tempfile.gettempdir()), Path("/var/tmp")):  # noqa: S108 - private directories are made in it
        if place.is_dir() and filesystem(place) not in _IN_MEMORY and os.access(place, os.W_OK):
            return place
    return None


def built_shim(folder: Path) -> Path | None:
    """The shim that slows flushes, compiled in the folder; none where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    shim = folder / "slow_flush.so"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-o", shim, _SHIM, "-ldl"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return None
    shim.chmod(0o755)
    return shim
