"""What a command writes: to a file, which appears when it is whole, or to standard output."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ledger.errors import LedgerError


class NotWritten(LedgerError):
    """{name} cannot be written ({reason}). Choose another place or make room; no file was left half written."""


class NobodyReads(LedgerError):
    """The export stopped, because nobody reads it any more. Nothing was changed."""


@contextmanager
def opened(output: Path | None) -> Iterator[BinaryIO]:
    """Where to write. A file appears under its name when it is whole, and not before. Raises NotWritten, NobodyReads."""
    try:
        if output is None:
            yield from _standard_output()
        elif output.exists() and not output.is_file():  # a pipe or a device
            with output.open("wb") as file:
                yield file
        else:
            yield from _whole_file(output.resolve())
    except BrokenPipeError as fault:
        raise NobodyReads from fault
    except OSError as fault:
        raise NotWritten(name=output or "Standard output", reason=fault.strerror or "it does not answer") from fault


def _standard_output() -> Iterator[BinaryIO]:
    out = sys.stdout.buffer
    try:
        yield out
        out.flush()
    except BrokenPipeError:
        # The interpreter flushes once more when it ends, and would complain in words that are not ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        raise


def _whole_file(target: Path) -> Iterator[BinaryIO]:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("xb") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
