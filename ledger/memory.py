"""What a process remembers of the log: entries never change, and who may do what changes only with a decision.

Held by a `Database` and used by whoever holds the head's lock, so that most questions of a rule need no question to the
database. What a unit of work has not yet committed is never kept here.
"""

from typing import TYPE_CHECKING

from ledger.database import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ledger.records import Recorded

Asked = tuple[tuple[str, ...], str | None, str | None, str | None, int | None]

_ENTRIES = 8_192
_ANSWERS = 16_384
_QUESTIONS = 65_536


class Memory:
    """Entries by index, and answers that hold until the log's next decision."""

    __slots__ = ("accounts", "answers", "decisions", "entries", "lawful")

    def __init__(self) -> None:
        """Remembers nothing yet."""
        self.entries: dict[int, Recorded] = {}
        self.accounts: set[str] = set()
        self.answers: dict[Asked, tuple[Recorded, ...]] = {}
        self.lawful: set[Hashable] = set()
        self.decisions = -1

    def as_of(self, decisions: int) -> None:
        """Forget the answers given before the log's newest decision."""
        if decisions != self.decisions:
            self.answers.clear()
            self.lawful.clear()
            self.decisions = decisions
        # An old answer can be asked for again: room matters more than order.
        if len(self.answers) > _ANSWERS:
            self.answers.clear()
        if len(self.lawful) > _QUESTIONS:
            self.lawful.clear()
        if len(self.entries) > _ENTRIES:
            self.entries.clear()


def memory_of(unit: UnitOfWork) -> Memory:
    """The memory of the database that this unit of work writes to. Use it only while the unit holds the head's lock."""
    found = unit.kept.setdefault("ledger.memory", Memory())
    if not isinstance(found, Memory):
        raise AssertionError("something else is kept in the place of the memory")  # noqa: TRY004 - a broken invariant
    return found
