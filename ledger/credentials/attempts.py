"""How often something was asked for lately, by whom: counted in the database, so that it holds across workers and restarts.

Whoever asks is known here by a keyed digest only: without the site's secret key, nobody finds an address in this table.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, SQLModel, col

from ledger.credentials.tokens import DIGEST
from ledger.database import Instant
from ledger.unit_of_work import UnitOfWork


class Attempt(SQLModel, table=True):
    """How often somebody asked for one thing in one span of time."""

    digest: str = Field(primary_key=True, max_length=DIGEST)
    ends: datetime = Field(primary_key=True, sa_type=Instant)
    many: int

    __table_args__ = (CheckConstraint("many > 0", name="attempt_was_made"),)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many, in a span of so many minutes, of what is named."""

    what: str
    most: int
    minutes: int


def count(unit: UnitOfWork, limit: Limit, who: str, *, key: str) -> timedelta | None:
    """Count one more attempt of `who`; how long they have to wait if it is one too many.

    Spans begin by the clock, so at the turn of two spans somebody may ask twice as often. One statement counts and says the
    count: of those who ask at the same moment each has a number of their own.
    """
    now = unit.now()
    span = limit.minutes * 60
    ends = datetime.fromtimestamp((int(now.timestamp()) // span + 1) * span, tz=now.tzinfo)
    digest = hmac.new(key.encode(), f"{limit.what}\n{who}".encode(), hashlib.sha256).hexdigest()
    unit.session.execute(delete(Attempt).where(col(Attempt.ends) <= now))
    make = sqlite.insert if unit.connection.dialect.name == "sqlite" else postgresql.insert
    added = make(Attempt).values(digest=digest, ends=ends, many=1)
    counted = added.on_conflict_do_update(index_elements=["digest", "ends"], set_={"many": col(Attempt.many) + 1}).returning(
        col(Attempt.many)
    )
    many = unit.session.execute(counted).scalar_one()
    return ends - now if many > limit.most else None
