"""Everybody who records at the same moment shares one transaction: whoever comes first commits for all who wait.

A disk flushes a few hundred times a second, whoever asks. So while one thread commits, the others queue; then the first of
them does the works of all, and flushes once. Nobody is answered before their work is durable, or refused.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, get_ident
from typing import Generic, TypeVar

Unit = TypeVar("Unit")

_PATIENCE = 0.3  # of the last transaction's time: nobody waits much longer for the sake of others
_GLANCE = 0.0001  # seconds between two looks at the queue
_MOST = 512  # works of one transaction: a crowd is answered in some tens of milliseconds


@dataclass(slots=True, eq=False)
class Waiting(Generic[Unit]):
    """A work that waits to be done, and how it ended."""

    work: Callable[[Unit], object]
    clock: Callable[[], datetime]
    context: Context = field(default_factory=copy_context)  # another thread does it, as if it were the one that asked
    done: object = None
    fault: BaseException | None = None
    answered: bool = False
    turn: Lock = field(default_factory=Lock)

    def answer(self, done: object) -> None:
        """It is done, and durable."""
        self.done, self.answered = done, True

    def refuse(self, fault: BaseException) -> None:
        """It is not done."""
        self.fault, self.answered = fault, True


class Combining(Generic[Unit]):
    """The queue of those who want to record in one database, in one process."""

    def __init__(self, carry_out: Callable[[Callable[[], Sequence[Waiting[Unit]]]], None]) -> None:
        """`carry_out` does the works of all who wait and answers or refuses each; never called by two threads at once.

        It asks for them when it can begin, so that whoever came while another process was writing goes with them.
        """
        self._carry_out = carry_out
        self._guard = Lock()
        self._waiting: deque[Waiting[Unit]] = deque()
        self._led_by: int | None = None
        self._group: list[Waiting[Unit]] = []
        self._began = 0.0
        self._came, self._took = 1, 0.0  # how many works the last transaction had, and how many seconds it took

    def record(self, waiting: Waiting[Unit]) -> object:
        """Have the work done, by this thread or by another; its result. Raises what the work raises."""
        with self._guard:
            if self._led_by == get_ident():
                raise AssertionError("a work records in its own unit of work, not in another")
            self._waiting.append(waiting)
            leads = self._led_by is None
            if leads:
                self._led_by = get_ident()
            else:
                waiting.turn.acquire()
        if not leads:
            waiting.turn.acquire()  # until it is answered, or its turn to lead
        if not waiting.answered:
            self._lead()
        if waiting.fault is not None:
            raise waiting.fault
        return waiting.done

    def _lead(self) -> None:
        """Do the works of all who wait, our own among them, and hand the lead to whoever came since."""
        ours = self._waiting[0]  # whoever leads is first in the queue
        self._gather()
        with self._guard:
            self._led_by = get_ident()
        try:
            self._carry_out(self._take)
        except BaseException as fault:
            self._take()
            for waiting in self._group:
                if not waiting.answered:
                    waiting.refuse(fault)
            if ours.fault is not fault:
                raise
        finally:
            self._came, self._took = len(self._group), time.monotonic() - self._began
            with self._guard:
                group, self._group = self._group, []
                following = self._waiting[0] if self._waiting else None
                self._led_by = None if following is None else 0  # nobody's thread: the lead is on its way
            for waiting in group:
                if waiting is not ours:
                    waiting.turn.release()
            if following is not None:
                following.turn.release()

    def _take(self) -> Sequence[Waiting[Unit]]:
        """Those who wait now; asked again, the same."""
        with self._guard:
            if not self._group:
                self._began = time.monotonic()
                self._group = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST))]
            return self._group

    def _gather(self) -> None:
        """Where many came at once, wait a moment until those who were answered just now have come back.

        Else the quickest of them would have a transaction, and its flush, to itself, and all others wait for it.
        """
        until = time.monotonic() + self._took * _PATIENCE
        while len(self._waiting) < self._came and time.monotonic() < until:
            time.sleep(_GLANCE)
