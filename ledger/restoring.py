"""A log that was recorded elsewhere comes back through the same door: the same rules, the same tables, and its own bytes.

All of it or none: the unit of work is committed when every line has found its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import col, select

from ledger.appending import Appending
from ledger.entries import Entry
from ledger.errors import LedgerError
from ledger.exact import NotExact, exact_entry
from ledger.records import Recorded
from ledger.unit_of_work import UnitOfWork

# Lines whose rows are written together. Within one transaction each writing leaves an old version of every balance behind,
# which PostgreSQL passes again and again: fewer and larger writings are faster.
_AT_ONCE = 10_000

Line = tuple[int, bytes, Recorded]
"""The line's number in the file, its bytes, and the entry that they are."""


class LineRefused(LedgerError):
    """Line {line} cannot be restored: {problem}. Nothing was recorded; get the file again from where it was exported."""


class DoesNotFollow(LedgerError):
    """This entry does not follow what is recorded here: {problem}. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restoring added, and what the log holds now."""

    added: int
    size: int
    root: str


def restore(unit: UnitOfWork, lines: Iterable[bytes]) -> Restored:
    """Record entries that were recorded before, each line an entry's exact bytes, under their own index and moment.

    Every rule is asked again. An entry that is here already, byte for byte, is passed over, so restoring is safe to retry
    and a log can be restored on top of its own beginning. Raises LineRefused, which names the first line that cannot be.
    """
    try:
        return _Restoring(unit).take(lines)
    except BaseException:
        unit.roll_back()
        raise


class _Restoring:
    def __init__(self, unit: UnitOfWork) -> None:
        self._unit, self._log = unit, Appending.of(unit)
        self._before, self._today = self._log.size, unit.today()

    def take(self, lines: Iterable[bytes]) -> Restored:
        numbered = enumerate(lines, start=1)
        while some := list(islice(numbered, _AT_ONCE)):
            read, odd = _read(some)
            self._place(read)  # a line before the odd one may be wrong too, and is named first
            if odd is not None:
                raise odd
        head = self._log.head()
        return Restored(added=head.size - self._before, size=head.size, root=head.root.hex())

    def _place(self, lines: Sequence[Line]) -> None:
        here = self._stored([entry.index for _, _, entry in lines if entry.index < self._before])
        self._log.prepare([entry for _, _, entry in lines if entry.index >= self._before])
        for number, written, entry in lines:
            try:
                if entry.index >= self._before:
                    self._require_place(entry)
                    self._log.restore(entry, written)
                elif here[entry.index] != written:
                    raise DoesNotFollow(problem=f"entry {entry.index} is here already, and its bytes are others")
            except LedgerError as fault:
                raise _refused(number, fault) from fault
            except (AssertionError, ValueError, TypeError, LookupError, StopIteration) as fault:
                raise LineRefused(line=f"{number:,}", problem="it does not fit the entries before it") from fault
        try:
            self._unit.settle()
        except (DataError, IntegrityError) as fault:
            (first, *_), (last, *_) = lines[0], lines[-1]
            raise LineRefused(line=f"{first:,}", problem=f"the database refuses it, or one up to line {last:,}") from fault

    def _stored(self, known: Sequence[int]) -> dict[int, bytes]:
        """The bytes of entries that are here already."""
        if not known:
            return {}
        query = select(Entry.index, Entry.written).where(col(Entry.index).between(min(known), max(known)))
        return {index: bytes(written) for index, written in self._unit.session.exec(query)}

    def _require_place(self, entry: Recorded) -> None:
        log = self._log
        if entry.index != log.size:
            raise DoesNotFollow(problem=f"it is entry {entry.index}, and the next one here is {log.size}")
        earlier = log.recorded(entry.idempotency_key)
        if earlier is not None:
            raise DoesNotFollow(problem=f"entry {earlier.index} has its idempotency key already")
        if log.newest is not None and entry.recorded_at < log.newest:
            raise DoesNotFollow(problem="it says it was recorded before the entry it follows")
        if entry.recorded_at.date() > self._today:
            # The log's moments never go back, so one from the future would date everything that is recorded after it.
            raise DoesNotFollow(problem=f"it says it was recorded on {entry.recorded_at.date()}, and today is {self._today}")


def _read(some: Sequence[tuple[int, bytes]]) -> tuple[list[Line], LineRefused | None]:
    """The lines up to the first that is no entry, and what is wrong with that one."""
    read: list[Line] = []
    for number, written in some:
        try:
            read.append((number, written, exact_entry(written)))
        except NotExact as fault:
            return read, _refused(number, fault)
    return read, None


def _refused(number: int, fault: LedgerError) -> LineRefused:
    if isinstance(fault, NotExact | DoesNotFollow):
        return LineRefused(line=f"{number:,}", problem=fault.facts["problem"])
    rule = fault.sentence.split(". ")[0]
    return LineRefused(line=f"{number:,}", problem=f"it breaks a rule ({rule})")
