"""Words beside the log: reasons, stories and notes, each with its own salt, so that they can be erased.

The log holds only SHA-256(salt ‖ text). While the words are kept, anyone can check them against the log; once they are
erased, salt and all, the digest says nothing. Their row stays as a marker, with the index of the entry that says when and why.
"""

import hashlib
import secrets
import unicodedata

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select, update

_SALT_BYTES = 16


class Narrative(SQLModel, table=True):
    """A text that an entry refers to by its digest; `erasure` is the entry by which text and salt were erased."""

    digest: str = Field(primary_key=True, max_length=64)
    idempotency_key: str = Field(max_length=120, unique=True)
    salt: str | None = Field(max_length=2 * _SALT_BYTES)
    text: str | None
    erasure: int | None = Field(default=None, foreign_key="entry.index")

    __table_args__ = (
        CheckConstraint(
            "(erasure IS NULL AND salt IS NOT NULL AND text IS NOT NULL)"
            " OR (erasure IS NOT NULL AND salt IS NULL AND text IS NULL)",
            name="narrative_is_kept_or_erased",
        ),
    )


def digest_of(salt: str, text: str) -> str:
    """SHA-256(salt ‖ text), in lower-case hexadecimal; `salt` is hexadecimal too."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def keep(session: Session, text: str, *, idempotency_key: str) -> str:
    """Keep a text beside the log under a fresh salt, and give the digest that an entry may hold.

    Sent again under the same key, the same text gives the same digest, so that the entry it belongs to is safe to retry.
    """
    composed = unicodedata.normalize("NFC", text.strip())
    salt = secrets.token_hex(_SALT_BYTES)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(Narrative)
        .values(digest=digest_of(salt, composed), idempotency_key=idempotency_key, salt=salt, text=composed)
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
    )
    kept = session.exec(select(Narrative).where(col(Narrative.idempotency_key) == idempotency_key)).one()
    # Other words under the same key, or any words once these were erased, get a digest that no entry
    # has, so the door refuses the second request.
    return kept.digest if kept.text == composed else digest_of(salt, composed)


def words(session: Session, digests: set[str]) -> dict[str, str]:
    """The texts by digest; what was erased is not among them."""
    rows = session.exec(select(Narrative).where(col(Narrative.digest).in_(digests)))
    return {row.digest: row.text for row in rows if row.text is not None}


def forget_words(session: Session, digest: str, *, erasure: int) -> None:
    """Take a text and its salt away, and leave the entry that says why. Once it is done it stays so."""
    session.execute(
        update(Narrative)
        .where(col(Narrative.digest) == digest, col(Narrative.erasure).is_(None))
        .values(salt=None, text=None, erasure=erasure)
        .execution_options(synchronize_session="fetch")
    )
