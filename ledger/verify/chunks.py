"""Reading long tables some rows at a time, and the one way to say that something is wrong."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from ledger.errors import CheckFailed

AT_ONCE = 1_000

Progress = Callable[[int, int], None]
Row = TypeVar("Row", bound=SQLModel)


class LedgerWrong(CheckFailed):
    """The ledger is not as it was recorded: {what} is wrong: {problem}. Keep this database as it is and call the auditor."""


def silent(_done: int, _of: int) -> None:
    """Report to nobody."""


def in_chunks(session: Session, query: SelectOfScalar[Row], key: Any) -> Iterator[Sequence[Row]]:  # noqa: ANN401 - a mapped column
    """The rows of a query in the order of a unique column, some at a time: memory does not grow with the table."""
    last = None
    while rows := session.exec((query if last is None else query.where(key > last)).order_by(key).limit(AT_ONCE)).all():
        last = getattr(rows[-1], key.key)
        yield rows
