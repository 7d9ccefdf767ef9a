"""A second process that goes ahead: it reads the files, finds every entry in the tree and in its exact form, and hands it on.

What has to be asked in the order of the log stays with the first process; what can be said of each entry by itself is said
here, on another processor. The first process gets the very bytes that were checked, through a pipe, and does not check their
form again. On a machine with one processor one process does both.
"""

import os
import pickle
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, NoReturn

from ledger.auditing.signed_log import SignedLog
from ledger.errors import CheckFailed, LedgerError
from ledger.exact import NotExact, exact_entry, known_entry
from ledger.records import Recorded
from ledger.replaying import EntryWrong

_ROOM = 1 << 20  # bytes that wait in the pipe


class ReaderFell(CheckFailed):
    """The log could not be read to its end: the process that reads ahead was ended, perhaps because memory is short. Do the
    same again; nothing was changed.
    """


def processors() -> int:
    """How many processors this program may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def exact_entries(log: SignedLog) -> Iterator[Iterator[list[Recorded]]]:
    """All entries of the log in order, some at a time, each found in the tree and in its exact form.

    The iterator raises LogWrong, EntryWrong, TileWrong or TileMissing at the first of which that cannot be said.
    """
    if processors() == 1:
        yield ([entry for _, entry in some] for some in _checked(log))
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _go_ahead(log, writing)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb", _ROOM) as pipe:
            yield _handed_on(pipe)
    finally:
        os.waitpid(child, 0)  # it ends by itself: at the end of the log, or when it hears that nobody reads


def _checked(log: SignedLog) -> Iterator[list[tuple[bytes, Recorded]]]:
    index = 0
    for bundle in log.bundles():
        found = list[tuple[bytes, Recorded]]()
        for written, leaf in bundle:
            try:
                found.append((written, exact_entry(written, leaf)))
            except NotExact as fault:
                yield found
                raise EntryWrong(index=index, problem=fault.facts["problem"]) from fault
            index += 1
        yield found


def _go_ahead(log: SignedLog, writing: int) -> NoReturn:
    """The whole life of the second process. It leaves without tidying up after the first one."""
    with suppress(BrokenPipeError), os.fdopen(writing, "wb") as pipe:
        try:
            for some in _checked(log):
                pickle.dump([written for written, _ in some], pipe, pickle.HIGHEST_PROTOCOL)
            said: Any = None
        except LedgerError as fault:
            said = (type(fault), fault.facts)
        pickle.dump(said, pipe, pickle.HIGHEST_PROTOCOL)
    os._exit(0)


def _handed_on(pipe: BinaryIO) -> Iterator[list[Recorded]]:
    while True:
        try:
            said = pickle.load(pipe)  # noqa: S301 - from our own second process
        except (EOFError, pickle.UnpicklingError) as fault:
            raise ReaderFell from fault
        if said is None:
            return
        if isinstance(said, tuple):
            kind, facts = said
            raise kind(**facts)
        yield [known_entry(written) for written in said]
