"""The database: a unit of work to write, a reading that cannot write.

Those who record at the same moment share one unit of work, so that a thousand answers cost one flush of the disk: see
`combining`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.types import String, TypeDecorator
from sqlmodel import Session

from ledger.canonical import instant_text as instant_text  # noqa: PLC0414 - the form in which moments are stored
from ledger.combining import Combining, Waiting
from ledger.durability import UnsafeDatabase, require_safe_address
from ledger.engines import LogHead, reader_engine, writer_engine
from ledger.unit_of_work import Clock, HeadMoved, UnitOfWork

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

    def _carry_out(self, take: Callable[[], Sequence[Waiting[UnitOfWork]]]) -> None:
        """Do them together; then, each alone, those for which that was not possible."""
        try:
            self._together(take)
        except HeadMoved:
            self._hopes = False  # others are writing: take the lock first
            with suppress(HeadMoved, IntegrityError):
                self._together(take)
        except IntegrityError:
            pass  # such as a key that was used before: whose it is shows when each is alone
        except UnsafeDatabase:
            self._let_go()
            raise
        except DBAPIError as fault:
            self._let_go()
            if not fault.connection_invalidated:
                raise
        for waiting in take():
            if not waiting.answered:
                waiting.context.run(self._alone, waiting)

    def _together(self, take: Callable[[], Sequence[Waiting[UnitOfWork]]]) -> None:
        """One unit of work for all; those that it does not answer are to be done alone."""
        done: list[tuple[Waiting[UnitOfWork], object]] = []
        hoped = self._last if self._hopes else None
        with UnitOfWork(self._connected, self._writing, system_clock, self._kept, alone=False, hoped=hoped) as unit:
            if hoped is None:
                unit.lock()  # while it waits for those of other processes, more of ours come
            group = take()
            several = len(group) > 1
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
        """Bring the tables to the newest migration, or to a given one; does nothing when they are. Raises UnsafeDatabase."""
        if self.url.get_backend_name() == "sqlite" and self.url.database:
            require_safe_address(self.url)
            _own_file(Path(self.url.database))
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


def _own_file(path: Path) -> None:
    """A new database, with its log beside it, is for its owner's eyes only: it holds names and addresses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def open_database(url: str) -> Database:
    """The database at `url`; connections are made when first needed."""
    return Database(url)
