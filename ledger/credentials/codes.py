"""Codes from an app on somebody's phone (TOTP, RFC 6238), and the recovery codes for the day the phone is lost.

A code works once, also when two send it at the same moment: the time step it stands for is taken by one UPDATE. After five
wrong guesses in a row there is a wait, which doubles up to an hour; a guess is counted before it is looked at, so that guesses
sent together do not slip past. With 6 digits and one step of drift on either side that leaves a guesser some 30 tries a day at
3 chances in a million. Drawback: who knows an address and has its link can make its owner wait.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp
from sqlalchemy import BigInteger, ColumnElement, case, delete, literal, or_, update
from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.credentials.tokens import DIGEST, Purpose, digest_of
from ledger.database import Instant
from ledger.errors import LedgerError
from ledger.unit_of_work import UnitOfWork

RECOVERY_CODES = 10
_RECOVERY_BYTES = 15  # 120 bits: a digest without a slow hash is enough
_STEP = 30  # seconds
_DRIFT = 1  # steps that a phone's clock may be off
_FREE_GUESSES = 5
_DOUBLED = 6  # times, from a minute
_LONGEST_WAIT = 60  # minutes


class Guess(StrEnum):
    """What came of a code."""

    RIGHT = "right"
    WRONG = "wrong"
    WAIT = "wait"


class Authenticator(SQLModel, table=True):
    """An app that shows codes. `step` is the newest time step whose code was used; `misses` are wrong guesses in a row."""

    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", primary_key=True)
    secret: str = Field(max_length=64)
    confirmed: bool = False
    step: int = Field(default=0, sa_type=BigInteger)
    misses: int = 0
    waits_until: datetime | None = Field(default=None, sa_type=Instant)
    made: datetime = Field(sa_type=Instant)


class Recovery(SQLModel, table=True):
    """A recovery code that was not used yet."""

    digest: str = Field(primary_key=True, max_length=DIGEST)
    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)


class AppThere(LedgerError):
    """You have an authenticator app set up already. Remove it before you set up another; nothing was changed."""


def authenticator_of(session: Session, person: str, *, confirmed: bool = True) -> Authenticator | None:
    """The app of a person, if there is one in that state."""
    found = session.get(Authenticator, person)
    return found if found is not None and found.confirmed == confirmed else None


def recovery_codes_left(session: Session, person: str) -> int:
    """How many recovery codes a person has left."""
    return session.exec(select(func.count()).select_from(Recovery).where(Recovery.person == person)).one()


def start_authenticator(unit: UnitOfWork, *, person: str) -> None:
    """Make the secret of a new app; it counts for nothing until a code of it has been typed. Raises AppThere."""
    there = unit.session.get(Authenticator, person)
    if there is not None and there.confirmed:
        raise AppThere
    if there is not None:
        unit.session.delete(there)
        unit.session.flush()
    unit.session.add(Authenticator(person=person, secret=pyotp.random_base32(), made=unit.now()))
    unit.session.flush()


def confirm_authenticator(unit: UnitOfWork, *, person: str, code: str) -> list[str] | None:
    """The app shows the right codes: it counts from now on. Returns recovery codes, shown this once; none if it does not."""
    if authenticator_of(unit.session, person, confirmed=False) is None:
        return None
    if guess(unit, person=person, code=code) is not Guess.RIGHT:
        return None
    unit.session.execute(update(Authenticator).where(col(Authenticator.person) == person).values(confirmed=True))
    return new_recovery_codes(unit, person=person)


def new_recovery_codes(unit: UnitOfWork, *, person: str) -> list[str]:
    """Ten new recovery codes instead of those there were. Only their digests are kept."""
    unit.session.execute(delete(Recovery).where(col(Recovery.person) == person))
    codes = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]
    unit.session.add_all(Recovery(digest=_recovery(person, code), person=person) for code in codes)
    unit.session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def guess(unit: UnitOfWork, *, person: str, code: str) -> Guess:
    """Try a code. It is the caller's to commit the unit whatever the answer: a wrong guess counts."""
    session, now = unit.session, unit.now()
    theirs = col(Authenticator.person) == person
    misses = col(Authenticator.misses) + 1
    counted = session.execute(
        update(Authenticator)
        .where(theirs, or_(col(Authenticator.waits_until).is_(None), col(Authenticator.waits_until) <= now))
        .values(misses=misses, waits_until=case(*_waits(misses, now), else_=None))
        .returning(col(Authenticator.secret))
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if counted is None:
        return Guess.WAIT if session.get(Authenticator, person) is not None else Guess.WRONG
    step = _step_of(str(counted), "".join(code.split()), now)
    if step is None:
        return Guess.WRONG
    taken = session.execute(
        update(Authenticator)
        .where(theirs, col(Authenticator.step) < step)
        .values(step=step, misses=0, waits_until=None)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]  # what an UPDATE returns has it
    session.expire_all()
    return Guess.RIGHT if taken == 1 else Guess.WRONG


def use_recovery_code(unit: UnitOfWork, *, person: str, code: str) -> bool:
    """Use a recovery code up; whether it was one of the person's. Of several who send it at once, one succeeds."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    used = unit.session.execute(
        delete(Recovery)
        .where(col(Recovery.digest) == _recovery(person, plain), col(Recovery.person) == person)
        .returning(col(Recovery.digest))
    ).scalar_one_or_none()
    return used is not None


def remove_authenticator(unit: UnitOfWork, *, person: str) -> None:
    """The app and the recovery codes of a person work no more."""
    unit.session.execute(delete(Authenticator).where(col(Authenticator.person) == person))
    unit.session.execute(delete(Recovery).where(col(Recovery.person) == person))


def _waits(misses: ColumnElement[int], now: datetime) -> list[tuple[ColumnElement[bool], ColumnElement[datetime]]]:
    """After the fifth miss a minute, then 2, 4, … up to an hour."""
    minutes = [*(2**doubled for doubled in range(_DOUBLED)), _LONGEST_WAIT]
    last = _FREE_GUESSES + _DOUBLED
    return [
        (misses >= miss if miss == last else misses == miss, literal(now + timedelta(minutes=wait), Instant()))
        for miss, wait in enumerate(minutes, start=_FREE_GUESSES)
    ]


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, the oldest that the drift allows first."""
    if not (code.isascii() and code.isdigit()):
        return None
    present = int(now.timestamp()) // _STEP
    totp = pyotp.TOTP(secret)
    steps = [
        step for step in range(present - _DRIFT, present + _DRIFT + 1) if hmac.compare_digest(totp.generate_otp(step), code)
    ]
    return max(steps, default=None)


def _recovery(person: str, code: str) -> str:
    return digest_of(Purpose.RECOVERY, f"{person} {code}")
