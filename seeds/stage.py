"""The stage on which the story is told: a clock that goes from event to event, and one unit of work for each."""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import TypeVar

from ledger.database import Database
from ledger.unit_of_work import UnitOfWork

Answer = TypeVar("Answer")
Life = Iterator[date]
_MORNING = time(9, 0, tzinfo=UTC)


def month_start(day: date, months: int) -> date:
    """The first of the month that many months after `day`'s (before it, when negative)."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


class Stage:
    """Tells several lives at once, each event in the order of its date."""

    def __init__(self, database: Database, today: date) -> None:
        """The story ends at `today`."""
        self.database, self.today = database, today
        self._now = datetime.combine(today, _MORNING)
        self._keys = count(1)

    def clock(self) -> datetime:
        """The story's own time, a minute later at each event."""
        self._now += timedelta(minutes=1)
        return self._now

    def key(self) -> str:
        """The next idempotency key of the story."""
        return f"demonstration/{next(self._keys)}"

    def record(self, action: Callable[[UnitOfWork], Answer]) -> Answer:
        """Do one thing in one unit of work, and keep it."""
        with self.database.unit_of_work(self.clock) as unit:
            answer = action(unit)
            unit.commit()
        return answer

    def live(self, lives: list[Life], report: Callable[[int, int], None]) -> None:
        """Let every life go on, the earliest event first. A life yields the day of what it does next."""
        turns = [(day, number, life) for number, life in enumerate(lives) if (day := next(life, None)) is not None]
        heapq.heapify(turns)
        first, done = (turns[0][0] if turns else self.today), 0
        while turns:
            day, number, life = heapq.heappop(turns)
            self._now = max(self._now, datetime.combine(day, _MORNING)) if done else datetime.combine(day, _MORNING)
            following = next(life, None)
            done += 1
            report((day - first).days, (self.today - first).days)
            if following is not None and following <= self.today:
                heapq.heappush(turns, (max(day, following), number, life))
