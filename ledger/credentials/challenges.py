"""Challenges: what the site asks of a device or of another site, remembered until the answer comes, and answered once.

The browser that was asked carries the token; what was asked stays here.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Field, SQLModel, col

from ledger.credentials.tokens import DIGEST, Purpose, digest_of, new_token
from ledger.database import Instant
from ledger.errors import LedgerError
from ledger.unit_of_work import UnitOfWork

CHALLENGE_LASTS = timedelta(minutes=10)


class Challenge(SQLModel, table=True):
    """Something that was asked. `kept` is what is needed to judge the answer."""

    digest: str = Field(primary_key=True, max_length=DIGEST)
    kept: str
    ends: datetime = Field(sa_type=Instant)


class ChallengeOver(LedgerError):
    """This took longer than 10 minutes, or was answered already. Begin again; you are not signed in and nothing was changed."""


def set_challenge(unit: UnitOfWork, *, what: str, kept: str) -> str:
    """Remember what was asked; returns the token that the browser brings back. `what` is the kind of question."""
    now, token = unit.now(), new_token()
    unit.session.execute(delete(Challenge).where(col(Challenge.ends) <= now))
    unit.session.add(Challenge(digest=_digest(what, token), kept=kept, ends=now + CHALLENGE_LASTS))
    unit.session.flush()
    return token


def take_challenge(unit: UnitOfWork, *, what: str, token: str) -> str:
    """What was asked; it is forgotten with this. Of several who answer at once, one succeeds. Raises ChallengeOver."""
    kept = unit.session.execute(
        delete(Challenge)
        .where(col(Challenge.digest) == _digest(what, token), col(Challenge.ends) > unit.now())
        .returning(col(Challenge.kept))
    ).scalar_one_or_none()
    if kept is None:
        raise ChallengeOver
    return str(kept)


def _digest(what: str, token: str) -> str:
    return digest_of(Purpose.CHALLENGE, f"{what} {token}")
