"""The project's own files: everything in the tree but what .gitignore names. Works in a clone and in an exported copy alike."""

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LONGEST_LINE_A_PERSON_WRITES = 2_000  # characters; past that a program wrote the file


@cache
def ignored_names() -> tuple[str, ...]:
    """What .gitignore names, each as a pattern of one file's or folder's name."""
    return (".git", *((ROOT / ".gitignore").read_text().replace("/\n", "\n").split()))


def files() -> Iterator[str]:
    """The path of each file from the root of the project, with `/` between its parts."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not _ignored(name))
        for name in sorted(names):
            if not _ignored(name):
                yield (Path(folder) / name).relative_to(ROOT).as_posix()


@cache
def texts() -> dict[str, str]:
    """Each file that people wrote, by its path; pictures, city data and what a program built are left out."""
    written = {}
    for path in files():
        if path.startswith("tests/data/") or path.endswith(".pb"):
            continue
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if max(map(len, text.splitlines()), default=0) <= _LONGEST_LINE_A_PERSON_WRITES:
            written[path] = text
    return written


def _ignored(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in ignored_names())
