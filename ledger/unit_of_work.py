"""A unit of work: one transaction that records something, all of it or none.

It rolls back unless it is committed. Each of those who record at the same moment has a part of one: see `combining`.
"""

from collections.abc import Callable
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from sqlalchemy.engine import Connection
from sqlmodel import Session

from ledger.engines import Driver, LogHead, RaisedAsSqlalchemyWould, Writing

if TYPE_CHECKING:
    from sqlalchemy.orm import SessionTransaction

Clock = Callable[[], datetime]
Done = TypeVar("Done")


class Log(Protocol):
    """What a unit of work has open at the end of the log."""

    newest: datetime | None

    def head(self) -> LogHead:
        """The head as it will be when this unit is committed."""

    def in_hand(self) -> bool:
        """Whether rows that follow the mark wait to be written."""

    def write_down(self) -> None:
        """Write the rows that wait. Raises IntegrityError, HeadMoved."""

    def mark(self) -> object:
        """Where the log stands now; rows that wait stay apart from those that follow."""

    def take_back(self, mark: object) -> None:
        """Forget what was appended since the mark; none of it was written, or the database has taken it back."""

    def committed(self) -> None:
        """Hear that what was appended is durable now."""


class HeadMoved(Exception):
    """Somebody else recorded between our look at the head and our writing: what was checked has to be checked again."""


class NeedsItsOwn(Exception):
    """This part of a unit of work cannot share it with others: it has to be done again in one of its own."""


class UnitOfWork:
    """One transaction that records something, all of it or none. Use it in a `with`, and commit.

    It takes the head row's lock before anything else, on both databases, so that no two units wait for each other in a ring.
    A unit that `appends` nothing to the log leaves the lock to those that do; it still knows the log's last moment. Only a unit
    that hopes that nobody else records (`hoped`) goes without the lock, and finds out when it writes.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        writing: Writing,
        clock: Clock,
        kept: dict[str, object],
        *,
        appends: bool = True,
        alone: bool = True,
        hoped: LogHead | None = None,
    ) -> None:
        """`clock` is the one source of the time at which things are recorded; `kept` is the database's own memory.

        A unit that is not `alone` is done again if it fails, so it may believe what this process knows; its connection is lent.
        """
        self.kept, self.appends, self.alone = kept, appends, alone
        self.writing = writing
        self.log: Log | None = None
        self.locked = False
        self.found: LogHead | None = hoped  # the head as it was when this unit began to write
        self.touched = False  # somebody may hold the session, and expects to see in it what was recorded
        self._connect, self._connection = connect, cast("Connection | None", None)
        self._driver: Driver = None
        self._session: Session | None = None
        self._savepoint: SessionTransaction | None = None
        self._several = False
        self._clock, self._hoped = clock, hoped
        self._head: LogHead | None = None
        self._moment: datetime | None = None

    @property
    def connection(self) -> Connection:
        """The connection of this unit."""
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    @property
    def driver(self) -> Driver:
        """The driver's own connection, for the ledger's busiest statements."""
        if self._driver is None:
            self._driver = self.connection.connection.driver_connection
        return self._driver

    @property
    def session(self) -> Session:
        """The session of this unit, inside the head's lock if it appends to the log."""
        if self.appends:
            self.lock()
        if not self.touched:
            self._touch()
        return self.reading

    @property
    def reading(self) -> Session:
        """The session for what rules ask: it sees what is written down, and writes nothing."""
        if self._session is None:
            self._session = Session(self.connection)
        return self._session

    def _touch(self) -> None:
        """From here on this part uses the session: what earlier parts recorded is written, and can stay without this one."""
        self.touched = True
        if self.log is not None:
            if self._several and self.log.in_hand():
                raise NeedsItsOwn  # its own rows would go down together with those of others
            self.log.write_down()
        if self._several:
            self._savepoint = self.reading.begin_nested()

    def lock(self) -> None:
        """Take the lock of the head row. Raises HeadMoved if the head is not where it was hoped to be."""
        if self.locked:
            return
        found = self.found = self.writing.lock(self.driver)
        self.locked = True
        if self._head is not None and found.root != self._head.root:
            raise HeadMoved
        self._head = found

    def head(self) -> LogHead:
        """The log's head as this unit found it; nobody else can move it while a unit that holds its lock lasts."""
        if self._head is None:
            if self._hoped is not None:
                self._head = self._hoped
            elif self.appends:
                self.lock()
            else:
                self._head = self.writing.look(self.driver)
        return cast("LogHead", self._head)

    def now(self) -> datetime:
        """The moment of recording, in UTC to the second: one until the commit, so that nothing straddles midnight."""
        if self._moment is None:
            last = self.log.newest if self.log is not None else self.head().recorded_at
            now = self._clock().replace(microsecond=0)
            # A clock that was set back must not make a later entry look earlier: the log's own last moment holds.
            self._moment = max(now, last) if last else now
        return self._moment

    def today(self) -> date:
        """The day of recording."""
        return self.now().date()

    def part(self, work: Callable[[Self], Done], clock: Clock, *, several: bool) -> Done:
        """Do one of several works in this unit; when it raises, what it did is taken back and the others' stays.

        Raises what the work raises, HeadMoved, and NeedsItsOwn.
        """
        self._clock, self._moment, self._several, self.touched = clock, None, several, False
        mark = self.log.mark() if self.log is not None else None
        try:
            done = work(self)
            if self._savepoint is not None:
                self._savepoint.commit()
        except BaseException:
            if self._savepoint is not None:
                self._savepoint.rollback()
            if self.log is not None and several:
                self.log.take_back(mark)
            raise
        finally:
            self._savepoint, self._several = None, False
        return done

    def commit(self) -> None:
        """Make everything of this unit durable. Without it, nothing of the unit is kept."""
        if self._several:
            raise AssertionError("a part of a unit of work is not committed by itself")
        if self.log is not None:
            self.log.write_down()
        if self._session is not None and self._session.in_transaction():
            self._session.commit()
        elif self._connection is not None and self.writing.begun(self.driver):
            with RaisedAsSqlalchemyWould(self.driver):
                self.driver.commit()
        if self.log is not None:
            self.log.committed()
        self._begin_again()

    def roll_back(self) -> None:
        """Take back everything that this unit did since it began, or since its last commit."""
        if self._several:  # the part is taken back where it ends, and done again in a unit of its own
            raise NeedsItsOwn
        if self._session is not None:
            self._session.rollback()
        connection = self._connection
        if connection is not None and not connection.closed and not connection.invalidated:
            if not self.writing.alive(self.driver):
                connection.invalidate()
                self._driver = None
            elif self.writing.begun(self.driver):
                self.driver.rollback()
        self._begin_again()

    def settle(self) -> None:
        """Write down what waits, in the middle of the unit. Raises NeedsItsOwn, HeadMoved."""
        if self.log is not None:
            if self._several and self._savepoint is None and self.log.in_hand():
                raise NeedsItsOwn
            self.lock()
            self.log.write_down()

    def _begin_again(self) -> None:
        self.log = self._head = self._hoped = self._moment = None
        self.locked = self.touched = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        """Roll back whatever was not committed."""
        try:
            self.roll_back()
        finally:
            if self._session is not None:
                self._session.close()
            if self.alone and self._connection is not None:
                self._connection.close()
