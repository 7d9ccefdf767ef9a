"""Passkeys: the public half of a key that never leaves somebody's own device. What is kept here signs nobody in."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, delete, update
from sqlmodel import Field, Session, SQLModel, col, select

from ledger.database import Instant
from ledger.errors import LedgerError
from ledger.unit_of_work import UnitOfWork

_LONGEST_LABEL = 60


class Passkey(SQLModel, table=True):
    """One passkey. `id` is the credential's own, in base64url; `signs` counts its signatures where the device counts them."""

    id: str = Field(primary_key=True, max_length=1400)
    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    signs: int = Field(default=0, sa_type=BigInteger)
    label: str = Field(max_length=_LONGEST_LABEL)
    made: datetime = Field(sa_type=Instant)


class PasskeyThere(LedgerError):
    """This passkey is registered already. Nothing was changed."""


class PasskeyCopied(LedgerError):
    """This passkey has signed before what it signs now, so there may be a copy of it. You are not signed in.
    Sign in another way and remove it.
    """


def add_passkey(unit: UnitOfWork, *, person: str, key_id: str, public_key: bytes, signs: int, label: str) -> None:
    """Keep a new passkey of the person. Raises PasskeyThere."""
    if unit.session.get(Passkey, key_id) is not None:
        raise PasskeyThere
    made = Passkey(id=key_id, person=person, public_key=public_key, signs=signs, label=label[:_LONGEST_LABEL], made=unit.now())
    unit.session.add(made)
    unit.session.flush()


def passkeys_of(session: Session, person: str) -> list[Passkey]:
    """The passkeys of a person, the oldest first."""
    return list(session.exec(select(Passkey).where(Passkey.person == person).order_by(col(Passkey.made), col(Passkey.id))))


def passkey(session: Session, key_id: str) -> Passkey | None:
    """The passkey with this credential id."""
    return session.get(Passkey, key_id)


def count_signature(unit: UnitOfWork, *, key_id: str, signs: int) -> None:
    """The passkey signed, and its counter now says `signs`; one that counts never goes back. Raises PasskeyCopied."""
    goes_on = col(Passkey.signs) < signs if signs else col(Passkey.signs) == 0
    counted = unit.session.execute(
        update(Passkey)
        .where(col(Passkey.id) == key_id, goes_on)
        .values(signs=signs)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]  # what an UPDATE returns has it
    if counted != 1:
        raise PasskeyCopied


def remove_passkey(unit: UnitOfWork, *, person: str, key_id: str) -> None:
    """Remove one passkey of the person; another person's stays."""
    unit.session.execute(delete(Passkey).where(col(Passkey.person) == person, col(Passkey.id) == key_id))
