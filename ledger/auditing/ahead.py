"""A second process that goes ahead: it reads the files, finds every entry in the tree, and hands the entries on.

What has to be asked in the order of the log stays with the first process; what can be said of each entry by itself, its hash
and its form, is said here, on another processor. The first process gets the very bytes that were checked, through a pipe. On a
machine with one processor one process does both.
"""

import os
import pickle  # nosec B403  # between our own two processes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NoReturn

from ledger.auditing.signed_log import Entries, SignedLog
from ledger.errors import CheckFailed, LedgerError
from ledger.exact import NOT_IN_FORM, may_be_exact
from ledger.replaying import EntryWrong

_ROOM = 1 << 20  # bytes that wait in the pipe


class ReaderFell(CheckFailed):
    """The log could not be read to its end: the process that reads ahead was ended, perhaps because memory is short. Do the
    same again; nothing was changed.
    """


def processors() -> int:
    """How many processors this program may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not every system has it
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@contextmanager
def entries_in_the_tree(log: SignedLog) -> Iterator[tuple[Iterator[Entries], bool]]:
    """All entries of the log in order, some at a time, each found in the tree; and whether `may_be_exact` was asked of each.

    The iterator raises LogWrong, EntryWrong, TileWrong or TileMissing at the first of which that cannot be said.
    """
    if processors() == 1:
        yield log.bundles(), False
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _go_ahead(log, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb", _ROOM) as pipe:
            yield _handed_on(pipe), True
    finally:
        os.waitpid(child, 0)  # it ends by itself: at the end of the log, or when it hears that nobody reads


def _in_form(log: SignedLog) -> Iterator[Entries]:
    """All entries of the log, up to the first that cannot be exact. Raises as `SignedLog.bundles` does, and EntryWrong."""
    index = 0
    for entries, leaves in log.bundles():
        for place, written in enumerate(entries):
            if not may_be_exact(written):
                yield entries[:place], leaves[:place]
                raise EntryWrong(index=index + place, problem=NOT_IN_FORM)
        yield entries, leaves
        index += len(entries)


def _go_ahead(log: SignedLog, writing: int) -> NoReturn:
    """The whole life of the second process. It leaves without tidying up after the first one."""
    with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
        said: tuple[type[LedgerError], dict[str, object]] | None = None
        try:
            for some in _in_form(log):
                pickle.dump(some, pipe, pickle.HIGHEST_PROTOCOL)
        except LedgerError as fault:
            said = (type(fault), fault.facts)
        pickle.dump(said, pipe, pickle.HIGHEST_PROTOCOL)
    os._exit(0)


def _handed_on(pipe: BinaryIO) -> Iterator[Entries]:
    while True:
        try:
            said = pickle.load(pipe)  # noqa: S301 - from our own second process
        except (EOFError, pickle.UnpicklingError) as fault:
            raise ReaderFell from fault
        match said:
            case None:
                return
            case (type() as kind, facts):
                raise kind(**facts)
            case _:
                yield said
