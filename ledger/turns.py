"""Whose turn it is to write: SQLite lets writers collide and sleep, so the newest may win for ever; here they queue.

Threads of one process wait in the order in which they came. Of each process the first in that order waits for the turnstile
that all processes share, and only who has passed it asks SQLite for its lock, until it has it. So who has just written
cannot be next while somebody waits, and a writer waits for about as many others as there are.

The turnstile is a lock on an empty file beside the database's own; the system lets go of it when a process ends, killed
included. Where that file cannot be opened, as on a full disk, processes collide as SQLite lets them, and nothing else changes.
"""

import fcntl
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock

_PAUSE = 0.0003  # seconds between two looks at a lock that another process holds


class Turns:
    """The queue of one process for one database."""

    def __init__(self, path: str) -> None:
        """`path` of the turnstile's file; it is made when somebody first waits."""
        self._path = path
        self._file: int | None = None
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._taken = False

    def wait(self, attempt: Callable[[], bool], seconds: float) -> bool:
        """Call `attempt` until it succeeds, when it is our turn. False: it did not in so many seconds."""
        until = time.monotonic() + seconds
        if not self._line_up(seconds):
            return False
        try:
            with self._turnstile(until):
                return _again_and_again(attempt, until)
        finally:
            self._next()

    def close(self) -> None:
        """Let go of the file; it is opened again when needed."""
        with self._guard:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _line_up(self, seconds: float) -> bool:
        """Wait for the turn among the threads of this process."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            ticket = Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        try:
            if ticket.acquire(timeout=seconds):
                return True
        except BaseException:  # a thread that is stopped gives its place up
            if not self._step_out(ticket):
                self._next()
            raise
        return not self._step_out(ticket)

    def _step_out(self, ticket: Lock) -> bool:
        """Leave the queue. False: it was our turn at the very end."""
        with self._guard:
            if ticket not in self._waiting:
                return False
            self._waiting.remove(ticket)
            return True

    def _next(self) -> None:
        """Give the turn to whoever came first."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False

    @contextmanager
    def _turnstile(self, until: float) -> Iterator[None]:
        """Hold the lock that all processes share, as long as the block lasts."""
        file = self._opened()
        if file is None or not _again_and_again(lambda: _locked(file), until):
            yield
            return
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

    def _opened(self) -> int | None:
        with self._guard:
            if self._file is None:
                with suppress(OSError):
                    self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
            return self._file


def _again_and_again(attempt: Callable[[], bool], until: float) -> bool:
    while not attempt():
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE)
    return True


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
