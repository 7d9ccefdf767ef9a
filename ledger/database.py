"""The database: a unit of work to write, a reading that cannot write.

A unit of work is one transaction that rolls back unless it is committed. Each of those who record at the same moment has a
part of one, so that a thousand answers cost one flush of the disk: see `combining`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.types import String, TypeDecorator
from sqlmodel import Session

from ledger.canonical import instant_text as instant_text  # noqa: PLC0414 - the form in which moments are stored
from ledger.combining import Combining, Waiting
from ledger.durability import UnsafeDatabase
from ledger.engines import Driver, LogHead, RaisedAsSqlalchemyWould, Writing, reader_engine, writer_engine

if TYPE_CHECKING:
    from sqlalchemy.orm import SessionTransaction

Clock = Callable[[], datetime]
Done = TypeVar("Done")

_MIGRATIONS = Path(__file__).parent / "migrations"


class Instant(TypeDecorator[datetime]):
    """A moment in UTC to the second, stored as ISO 8601 text, which sorts and compares alike in both databases."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> str | None:  # noqa: ARG002 - the interface
        return None if value is None else instant_text(value)

    def process_result_value(self, value: Any | None, dialect: object) -> datetime | None:  # noqa: ANN401, ARG002 - same
        return None if value is None else datetime.fromisoformat(value)


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


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


class Database:
    """Two engines on one database: one that writes in units of work, one that can only read."""

    def __init__(self, url: str) -> None:
        """`url` as SQLAlchemy spells it: sqlite:///var/commonpurse.db, postgresql+psycopg://…"""
        self.url = make_url(url)
        self.writer, self._writing = writer_engine(self.url)
        self.reader = reader_engine(self.url)
        self._kept: dict[str, object] = {}  # what the floors above remember of this database while it is open
        self._combining: Combining[UnitOfWork] = Combining(self._carry_out)
        self._lent: Connection | None = None  # to whoever commits for all who wait
        self._last: LogHead | None = None  # the head as this process left it
        self._hopes = False  # nobody else has recorded lately

    def record(self, work: Callable[[UnitOfWork], Done], clock: Clock = system_clock) -> Done:
        """Do the work in a unit of work and return its result once it is durable. Raises what the work raises.

        Works of others who record at the same moment share the transaction, and each has its own answer. One that is refused
        or fails is done again in a unit of its own, and only that answer is given: so nobody is refused for what others did,
        and a work does everything in its unit of work and nothing outside. It does not commit.
        """
        return cast("Done", self._combining.record(Waiting(work, clock)))

    def unit_of_work(self, clock: Clock = system_clock, *, appends: bool = True) -> UnitOfWork:
        """A unit of work: `with database.unit_of_work() as unit: …; unit.commit()`.

        Say `appends=False` for what stands beside the log, such as a witness's signature: it waits for no writer of the log.
        """
        return UnitOfWork(self.writer.connect, self._writing, clock, self._kept, appends=appends)

    def _carry_out(self, group: Sequence[Waiting[UnitOfWork]]) -> None:
        """Do them together; then, each alone, those for which that was not possible."""
        try:
            self._together(group)
        except HeadMoved:
            self._hopes = False  # others are writing: take the lock first
            with suppress(HeadMoved, IntegrityError):
                self._together(group)
        except IntegrityError:
            pass  # such as a key that was used before: whose it is shows when each is alone
        except UnsafeDatabase:
            self._let_go()
            raise
        except DBAPIError as fault:
            self._let_go()
            if not fault.connection_invalidated:
                raise
        for waiting in group:
            if not waiting.answered:
                waiting.context.run(self._alone, waiting)

    def _together(self, group: Sequence[Waiting[UnitOfWork]]) -> None:
        """One unit of work for all; those that it does not answer are to be done alone."""
        done: list[tuple[Waiting[UnitOfWork], object]] = []
        hoped = self._last if self._hopes else None
        several = len(group) > 1
        with UnitOfWork(self._connected, self._writing, system_clock, self._kept, alone=False, hoped=hoped) as unit:
            for waiting in group:
                try:
                    done.append((waiting, waiting.context.run(unit.part, waiting.work, waiting.clock, several=several)))
                except (HeadMoved, UnsafeDatabase):
                    raise
                except Exception:  # noqa: BLE001 - whatever it is, it is said when the work has been done alone
                    if not several:
                        return
            found, log = unit.found, unit.log
            unit.commit()
        if log is not None:
            self._hopes = self._writing.can_hope and found is not None and found == self._last
            self._last = log.head()
        for waiting, result in done:
            waiting.answer(result)

    def _alone(self, waiting: Waiting[UnitOfWork]) -> None:
        try:
            with self.unit_of_work(waiting.clock) as unit:
                done = waiting.work(unit)
                unit.commit()
        except Exception as fault:  # noqa: BLE001 - it is raised to whoever asked
            waiting.refuse(fault)
        else:
            waiting.answer(done)

    def _connected(self) -> Connection:
        if self._lent is None or self._lent.closed or self._lent.invalidated:
            self._let_go()
            self._lent = self.writer.connect()
        return self._lent

    def _let_go(self) -> None:
        if self._lent is not None:
            self._lent.close()
            self._lent = None

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that the database itself keeps from writing: every GET uses it."""
        with Session(self.reader) as session:
            yield session

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to the newest migration, or to a given one; does nothing when they are."""
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.set_main_option("path_separator", "os")
        with self.writer.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.commit()

    def dispose(self) -> None:
        """Close every connection."""
        self._let_go()
        self.writer.dispose()
        self.reader.dispose()


def open_database(url: str) -> Database:
    """The database at `url`; connections are made when first needed."""
    return Database(url)
