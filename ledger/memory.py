"""What a process remembers of the log: entries never change, and who may do what changes only with a decision.

Held by a `Database` and used by whoever holds the head's lock, so that most questions of a rule need no question to the
database. What a unit of work has not yet committed is never kept here.
"""

from typing import TYPE_CHECKING

from ledger.engines import LogHead
from ledger.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ledger.records import Recorded

Asked = tuple[tuple[str, ...], str | None, str | None, str | None, int | None]

_ENTRIES = 8_192
_ANSWERS = 16_384
_QUESTIONS = 65_536
_AMOUNTS = 65_536


class Memory:
    """Entries by index, answers that hold until the log's next decision, and amounts that hold until its next entry."""

    __slots__ = (
        "accounts",
        "answers",
        "balances",
        "decisions",
        "entries",
        "lawful",
        "left",
        "reversals",
        "reversals_known",
        "reversed_to",
        "root",
        "size",
    )

    def __init__(self) -> None:
        """Remembers nothing yet."""
        self.entries: dict[int, Recorded] = {}
        self.accounts: set[str] = set()
        self.answers: dict[Asked, tuple[Recorded, ...]] = {}
        self.lawful: set[Hashable] = set()
        self.balances: dict[tuple[str, str], int] = {}
        self.left: dict[tuple[int, str], int] = {}
        self.reversals: dict[int, int] = {}
        self.reversed_to, self.reversals_known = 0, False  # up to which entry they were read; whether that is still enough
        self.decisions, self.size, self.root = -1, 0, b""

    def as_of(self, head: LogHead) -> None:
        """Forget what was known before entries that others recorded, and answers given before the newest decision."""
        if head.size < self.size:  # another log: an older backup was restored under us
            self.entries.clear()
            self.accounts.clear()
            self.reversals.clear()
            self.decisions, self.reversed_to = -1, 0
        if head.root != self.root:
            self.balances.clear()
            self.left.clear()
            self.size, self.root = head.size, head.root
        if head.decisions != self.decisions:
            self.answers.clear()
            self.lawful.clear()
            self.decisions, self.reversals_known = head.decisions, False
        # What is forgotten can be asked for again: room matters more than order.
        for kept, most in (
            (self.answers, _ANSWERS), (self.lawful, _QUESTIONS), (self.entries, _ENTRIES), (self.accounts, _AMOUNTS),
            (self.balances, _AMOUNTS), (self.left, _AMOUNTS),
        ):  # fmt: skip
            if len(kept) > most:
                kept.clear()


def memory_of(unit: UnitOfWork) -> Memory:
    """The memory of the database that this unit of work writes to. Use it only while nobody else in this process records."""
    found = unit.kept.setdefault("ledger.memory", Memory())
    if not isinstance(found, Memory):
        raise AssertionError("something else is kept in the place of the memory")  # noqa: TRY004 - a broken invariant
    return found
